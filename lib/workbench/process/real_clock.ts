/**
 * Real time.
 *
 * Everything that is due runs in one turn of the event loop: also what becomes due in that turn.
 * With one turn for each function, a burst of messages at 25 nodes would be delivered late even on
 * an idle machine.
 *
 * @module
 */

import { Heap } from "../../base/mod.ts";
import type { Clock } from "../clock.ts";

interface ScheduledFunction {
  readonly dueMs: number;
  readonly sequence: number;
  /** Undefined once the function has run or was cancelled. */
  run: (() => void) | undefined;
}

/** A timer takes at least 1 ms; for a shorter wait the event loop turns instead. */
const MIN_TIMER_MS = 1;
/** The maximum delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The maximum length of a turn, so that nodes' output is read also under heavy load. */
const MAX_TURN_MS = 10;

/** A clock of real time; it starts at 0 when it is constructed. */
export class RealClock implements Clock {
  readonly #start = performance.now();
  readonly #scheduled = new Heap<ScheduledFunction>((a, b) =>
    a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence)
  );
  #nextSequence = 0;
  /** The due time for which a wake-up is set; infinite without one. */
  #wakeMs = Infinity;
  #cancelWake = () => {};

  now(): number {
    return performance.now() - this.#start;
  }

  after(delayMs: number, fn: () => void): () => void {
    const dueMs = this.now() + Math.max(0, delayMs);
    const scheduled: ScheduledFunction = { dueMs, sequence: this.#nextSequence++, run: fn };
    this.#scheduled.push(scheduled);
    if (dueMs < this.#wakeMs) this.#wakeAt(dueMs);
    return () => {
      scheduled.run = undefined;
      this.#dropCancelled();
    };
  }

  /** Cancels all pending functions. */
  close(): void {
    this.#scheduled.clear();
    this.#stopWaking();
  }

  #wakeAt(dueMs: number): void {
    this.#cancelWake();
    this.#wakeMs = dueMs;
    const waitMs = dueMs - this.now();
    if (waitMs < MIN_TIMER_MS) {
      const immediate = setImmediate(this.#runDue);
      this.#cancelWake = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(this.#runDue, Math.min(Math.floor(waitMs), MAX_TIMER_MS));
      this.#cancelWake = () => clearTimeout(timer);
    }
  }

  #stopWaking(): void {
    this.#cancelWake();
    this.#cancelWake = () => {};
    this.#wakeMs = Infinity;
  }

  readonly #runDue = () => {
    const endMs = this.now() + MAX_TURN_MS;
    // Functions that are scheduled meanwhile must not set a wake-up of their own.
    this.#wakeMs = -Infinity;
    try {
      for (let nowMs = this.now(); nowMs < endMs; nowMs = this.now()) {
        const next = this.#scheduled.peek();
        if (next === undefined || next.dueMs > nowMs) break;
        this.#scheduled.pop();
        next.run?.();
        next.run = undefined;
      }
    } finally {
      this.#stopWaking();
      this.#dropCancelled();
      const next = this.#scheduled.peek();
      if (next !== undefined) this.#wakeAt(next.dueMs);
    }
  };

  /** Removes cancelled functions that come first, so that no wake-up keeps the program running. */
  #dropCancelled(): void {
    if (this.#wakeMs === -Infinity) return;
    let next = this.#scheduled.peek();
    while (next !== undefined && next.run === undefined) {
      this.#scheduled.pop();
      next = this.#scheduled.peek();
    }
    if (next === undefined) this.#stopWaking();
  }
}
