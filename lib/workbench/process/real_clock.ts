/**
 * Real time.
 *
 * @module
 */

import type { Clock } from "../clock.ts";

/** A clock of real time; it starts at 0 when it is constructed. */
export class RealClock implements Clock {
  readonly #start = performance.now();
  readonly #cancels = new Set<() => void>();

  now(): number {
    return performance.now() - this.#start;
  }

  after(delayMs: number, fn: () => void): () => void {
    // A timer takes at least 1 ms, which is too long for a delay of 0; setImmediate has no minimum.
    const dueMs = this.now() + delayMs;
    let cancelPending = () => {};
    const cancel = () => {
      this.#cancels.delete(cancel);
      cancelPending();
    };
    const fire = () => {
      // Timers may fire a fraction of a millisecond early.
      if (this.now() < dueMs) return wait();
      this.#cancels.delete(cancel);
      fn();
    };
    const wait = () => {
      const remainingMs = dueMs - this.now();
      if (remainingMs < 0.5) {
        const immediate = setImmediate(fire);
        cancelPending = () => clearImmediate(immediate);
      } else {
        const timer = setTimeout(fire, Math.floor(remainingMs));
        cancelPending = () => clearTimeout(timer);
      }
    };
    this.#cancels.add(cancel);
    wait();
    return cancel;
  }

  /** Cancels all pending functions. */
  close(): void {
    for (const cancel of [...this.#cancels]) cancel();
  }
}
