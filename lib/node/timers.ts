/**
 * A node's timers. A function that throws is logged and never ends the node, unless it violates an
 * invariant.
 *
 * @module
 */

import type { CancelTimer } from "./node.ts";
import type { Host } from "./host.ts";
import { reportThrow } from "./report_throw.ts";

/** The timers of one node. */
export class Timers {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** See {@link Node.after}. */
  after(delayMs: number, fn: () => unknown): CancelTimer {
    return this.#host.startTimer(delayMs, () => this.#run(fn));
  }

  /** See {@link Node.every}. */
  every(intervalMs: number, fn: () => unknown): CancelTimer {
    let cancel = () => {};
    const schedule = () => {
      cancel = this.after(intervalMs, () => {
        // Scheduled before the call: a function that throws does not end the repetition, and a
        // function that cancels it does.
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
      reportThrow(this.#host, "a timer's function", error);
    }
  }
}
