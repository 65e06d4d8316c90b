/**
 * The process engine: each node is an operating system process, and time is real.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Engine, NodeHandle, NodeListener } from "../engine.ts";
import { findNodeCommand, type NodeCommand } from "./node_command.ts";
import { NodeProcesses } from "./node_processes.ts";
import { RealClock } from "./real_clock.ts";
import { firstLine, shebangProblem } from "./shebang.ts";
import { requireProcessGroups } from "./watchdog.ts";

/** Runs nodes as processes. */
export class ProcessEngine implements Engine {
  readonly name = "process";
  /** Real time. */
  readonly clock: Clock;
  readonly #clock = new RealClock();
  readonly missingFaults: readonly string[] = ["skew", "disk"];
  readonly #command: NodeCommand;
  readonly #processes: NodeProcesses;

  /**
   * Runs the program at `bin` with `args` for each node, in a folder of its own below `disks`, by
   * default a temporary one. Throws a `StartError` if the program cannot be run, or on Windows.
   */
  constructor(bin: string, args: readonly string[] = [], disks?: () => string) {
    requireProcessGroups(Deno.build.os);
    this.#command = findNodeCommand(bin, args);
    this.clock = this.#clock;
    this.#processes = new NodeProcesses(disks);
  }

  /** The process ids of the running nodes. */
  get processIds(): readonly number[] {
    return this.#processes.ids;
  }

  get programHint(): string | undefined {
    const { command } = this.#command;
    return command === Deno.execPath() ? undefined : shebangProblem(command, firstLine(command));
  }

  start(id: string, listener: NodeListener): NodeHandle {
    return this.#processes.start(id, this.#command, listener);
  }

  async run<T>(test: () => Promise<T>): Promise<T> {
    try {
      return await this.#processes.run(test);
    } finally {
      this.#clock.close();
    }
  }
}
