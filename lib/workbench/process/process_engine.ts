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
  readonly #processes = new NodeProcesses();

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
    return this.#processes.ids;
  }

  get programHint(): string | undefined {
    const { command } = this.#command;
    return command === Deno.execPath() ? undefined : shebangProblem(command, firstLine(command));
  }

  start(_id: string, listener: NodeListener): NodeHandle {
    return this.#processes.start(this.#command, listener);
  }

  async run<T>(test: () => Promise<T>): Promise<T> {
    try {
      return await this.#processes.run(test);
    } finally {
      this.#clock.close();
    }
  }
}
