/**
 * A clock whose time passes only when nothing else is left to do.
 *
 * @module
 */

import { Heap, isDueBefore } from "../../lib/base/mod.ts";

interface Timer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly fn: () => void;
}

/** A clock with timers. */
export class ManualClock {
  #nowMs = 0;
  #sequence = 0;
  readonly #timers = new Heap<Timer>(isDueBefore);
  readonly #cancelled = new Set<number>();

  monotonic = (): number => this.#nowMs;

  after = (delayMs: number, fn: () => void): () => void => {
    const sequence = this.#sequence++;
    this.#timers.push({ dueMs: this.#nowMs + delayMs, sequence, fn });
    return () => void this.#cancelled.add(sequence);
  };

  /** Lets time pass until a promise is settled; rejects when that takes more than `maxMs`. */
  async until<T>(promise: Promise<T>, maxMs = 60_000): Promise<T> {
    let isSettled = false;
    promise.then(() => isSettled = true, () => isSettled = true);
    for (;;) {
      // All promises that wait for nothing but each other settle before the next macrotask.
      await new Promise((resolve) => setTimeout(resolve));
      if (isSettled) return promise;
      const timer = this.#timers.pop();
      if (timer === undefined || timer.dueMs > maxMs) {
        throw new Error(`nothing happened within ${maxMs} ms`);
      }
      this.#nowMs = timer.dueMs;
      if (!this.#cancelled.delete(timer.sequence)) timer.fn();
    }
  }
}
