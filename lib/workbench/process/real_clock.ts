/**
 * Time as it passes on this machine.
 *
 * @module
 */

import type { Clock } from "../clock.ts";

/** A clock that starts at 0 when it is made. */
export class RealClock implements Clock {
  readonly #start = performance.now();
  readonly #cancels = new Set<() => void>();

  now(): number {
    return performance.now() - this.#start;
  }

  after(milliseconds: number, fn: () => void): () => void {
    // A timer takes a millisecond at least; what is due at once must not wait that long.
    const due = this.now() + milliseconds;
    let cancelPending = () => {};
    const cancel = () => {
      this.#cancels.delete(cancel);
      cancelPending();
    };
    const fire = () => {
      // Timers may fire a fraction of a millisecond early.
      if (this.now() < due) return wait();
      this.#cancels.delete(cancel);
      fn();
    };
    const wait = () => {
      const left = due - this.now();
      if (left < 0.5) {
        const immediate = setImmediate(fire);
        cancelPending = () => clearImmediate(immediate);
      } else {
        const timer = setTimeout(fire, Math.floor(left));
        cancelPending = () => clearTimeout(timer);
      }
    };
    this.#cancels.add(cancel);
    wait();
    return cancel;
  }

  /** Prevents everything that is still to come. */
  close(): void {
    for (const cancel of [...this.#cancels]) cancel();
  }
}
