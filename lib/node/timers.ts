/**
 * A node's timers. They begin with `init`, however early they were asked for, because what they run
 * may need the node's id; what they run never takes the node down.
 *
 * @module
 */

import type { Host } from "./host.ts";
import type { CancelTimer } from "./node.ts";
import { stackOf } from "./stack_of.ts";

/** The timers of one node. */
export class Timers {
  readonly #host: Host;
  #waiting: (() => void)[] | undefined = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** Lets time begin, for those timers that were set already. */
  begin(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const start of waiting) start();
  }

  /** See {@link Node.after}. */
  after(milliseconds: number, fn: () => unknown): CancelTimer {
    let cancelled = false;
    let stop = () => {};
    const start = () => {
      if (!cancelled) stop = this.#host.startTimer(milliseconds, () => this.#run(fn));
    };
    if (this.#waiting === undefined) start();
    else this.#waiting.push(start);
    return () => {
      cancelled = true;
      stop();
    };
  }

  /** See {@link Node.every}. */
  every(milliseconds: number, fn: () => unknown): CancelTimer {
    let cancel = () => {};
    const schedule = () => {
      cancel = this.after(milliseconds, () => {
        // Before the call, so that a function that throws, or cancels, has the last word on neither.
        schedule();
        return fn();
      });
    };
    schedule();
    return () => cancel();
  }

  async #run(fn: () => unknown): Promise<void> {
    try {
      const result = fn();
      if (result instanceof Promise) await result;
    } catch (error) {
      this.#host.log(`a timer's function threw: ${stackOf(error)}`);
    }
  }
}
