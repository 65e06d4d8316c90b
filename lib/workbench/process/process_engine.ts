/**
 * The process engine: each node is an operating system process, and time is real.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Engine, NodeHandle, NodeListener } from "../engine.ts";
import { NodeProcess } from "./node_process.ts";
import { findNodeCommand, type NodeCommand } from "./node_command.ts";
import { RealClock } from "./real_clock.ts";
import { firstLine, shebangProblem } from "./shebang.ts";
import { requireProcessGroups, Watchdog } from "./watchdog.ts";

/** Runs nodes as processes. */
export class ProcessEngine implements Engine {
  readonly name = "process";
  /** Real time. */
  readonly clock: Clock;
  readonly #clock = new RealClock();
  readonly missingFaults: readonly string[] = ["skew"];
  readonly #command: NodeCommand;
  readonly #processes = new Set<NodeProcess>();
  #watchdog: Watchdog | undefined;
  /** Kills all nodes without waiting, for an abrupt end of this process. */
  readonly #killAllNow = () => {
    for (const process of this.#processes) process.killNow();
  };

  /**
   * Runs the program at `bin` with `args` for each node. Throws a `StartError` if the program
   * cannot be run, or on Windows.
   */
  constructor(bin: string, args: readonly string[] = []) {
    requireProcessGroups(Deno.build.os);
    this.#command = findNodeCommand(bin, args);
    this.clock = this.#clock;
  }

  /** The process ids of the running nodes. */
  get processIds(): readonly number[] {
    return [...this.#processes].filter((process) => process.exit === undefined)
      .map((process) => process.pid);
  }

  get programHint(): string | undefined {
    const { command } = this.#command;
    return command === Deno.execPath() ? undefined : shebangProblem(command, firstLine(command));
  }

  start(_id: string, listener: NodeListener): NodeHandle {
    this.#watchdog ??= new Watchdog();
    const { process, group } = this.#watchdog.watch((env) =>
      new NodeProcess(this.#command, listener, env)
    );
    this.#processes.add(process);
    process.exited.then(() => group.ended());
    process.ended.then(() => this.#processes.delete(process));
    return process;
  }

  async run<T>(test: () => Promise<T>): Promise<T> {
    const endings = ["unload", "error", "unhandledrejection"] as const;
    for (const ending of endings) globalThis.addEventListener(ending, this.#killAllNow);
    try {
      return await test();
    } finally {
      for (const ending of endings) globalThis.removeEventListener(ending, this.#killAllNow);
      await Promise.all([...this.#processes].map((process) => process.kill()));
      await this.#watchdog?.close();
      this.#clock.close();
    }
  }
}
