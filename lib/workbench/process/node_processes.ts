/**
 * The processes of one run: none of them outlives it, however it ends.
 *
 * @module
 */

import type { NodeListener } from "../engine.ts";
import { DiskFolders } from "./disk_folders.ts";
import type { NodeCommand } from "./node_command.ts";
import { NodeProcess } from "./node_process.ts";
import { Watchdog } from "./watchdog.ts";

/** Starts processes of nodes, and ends them with the run. */
export class NodeProcesses {
  readonly #processes = new Set<NodeProcess>();
  readonly #disks: DiskFolders;
  #watchdog: Watchdog | undefined;
  /** Kills all nodes without waiting, for an abrupt end of this process. */
  readonly #killAllNow = () => {
    for (const process of this.#processes) process.killNow();
  };

  /** Each node starts in a folder of its own below `disks`, by default a temporary one. */
  constructor(disks?: () => string) {
    this.#disks = new DiskFolders(disks);
  }

  /** The process ids of the running nodes. */
  get ids(): readonly number[] {
    return [...this.#processes].map((process) => process.pid);
  }

  /** The watchdog of the processes, for other processes of the run. */
  get watchdog(): Watchdog {
    return this.#watchdog ??= new Watchdog();
  }

  /** Starts the process of a node. Throws a `StartError` when that fails. */
  start(id: string, command: NodeCommand, listener: NodeListener): NodeProcess {
    const cwd = this.#disks.make(id);
    const { process, group } = this.watchdog.watch((env) =>
      new NodeProcess({ ...command, env, cwd }, listener)
    );
    this.#processes.add(process);
    process.exited.then(() => group.ended());
    process.ended.then(() => this.#processes.delete(process));
    return process;
  }

  /** Runs a test, and kills all processes when it ends. */
  async run<T>(test: () => Promise<T>): Promise<T> {
    const endings = ["unload", "error", "unhandledrejection"] as const;
    for (const ending of endings) globalThis.addEventListener(ending, this.#killAllNow);
    try {
      return await test();
    } finally {
      for (const ending of endings) globalThis.removeEventListener(ending, this.#killAllNow);
      await Promise.all([...this.#processes].map((process) => process.kill()));
      await this.#watchdog?.close();
      this.#disks.close();
    }
  }
}
