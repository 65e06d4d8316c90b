/**
 * The time of a fault script: waits on the engine's clock, in an order that a schedule can repeat.
 *
 * On a virtual clock, events at one instant run in the order in which they were scheduled. A nemesis
 * that executes a schedule starts the timer for its next event when the previous event completes. A
 * script may start its timers at other times. Its timers therefore take their position from the
 * completion of the previous fault event, too. Otherwise a message that arrives at the instant of a
 * fault could be lost in the script's run and delivered in the schedule's, or the reverse.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

interface Wait {
  readonly timeMs: number;
  readonly resolve: () => void;
  cancel: () => void;
}

/** A clock that starts at 0 at the beginning of the main phase. */
export class ScriptClock {
  readonly #clock: Clock;
  readonly #beginMs: number;
  readonly #waits = new Set<Wait>();
  #order: number | undefined;
  /** The time of the latest wait that ended. */
  #reachedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beginMs = clock.now();
    this.#order = clock.takeOrder?.();
  }

  /**
   * Milliseconds since the main phase began. Invariant: the sum of this and the beginning is not
   * later than the present, so that a schedule does not wait for the time of an event that has come.
   */
  now(): number {
    const presentMs = this.#clock.now();
    if (this.#beginMs + this.#reachedMs === presentMs) return this.#reachedMs;
    const elapsedMs = presentMs - this.#beginMs;
    const isRoundedUp = this.#beginMs + elapsedMs > presentMs;
    return isRoundedUp ? elapsedMs * (1 - Number.EPSILON) : elapsedMs;
  }

  /** Resolves at a time; immediately if it has passed. */
  until(timeMs: number): Promise<void> {
    if (this.#beginMs + timeMs <= this.#clock.now()) return Promise.resolve();
    return new Promise((resolve) => {
      const wait = { timeMs, resolve, cancel: () => {} };
      this.#waits.add(wait);
      this.#schedule(wait);
    });
  }

  /** Sets the position of all timers after the events that are scheduled now. */
  moveBack(): void {
    this.#order = this.#clock.takeOrder?.();
    for (const wait of this.#waits) {
      wait.cancel();
      this.#schedule(wait);
    }
  }

  /** Cancels all timers; their promises never settle. */
  stop(): void {
    for (const wait of this.#waits) wait.cancel();
    this.#waits.clear();
  }

  #schedule(wait: Wait): void {
    const reach = () => {
      this.#waits.delete(wait);
      this.#reachedMs = wait.timeMs;
      wait.resolve();
    };
    const delayMs = this.#beginMs + wait.timeMs - this.#clock.now();
    if (delayMs <= 0) return reach();
    wait.cancel = this.#clock.after(delayMs, reach, this.#order);
  }
}
