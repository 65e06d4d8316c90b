/**
 * Real time.
 *
 * Everything that is due runs in one turn of the event loop: also what becomes due in that turn.
 * With one turn for each function, a burst of messages at 25 nodes would be delivered late even on
 * an idle machine.
 *
 * @module
 */

import { Heap, isDueBefore } from "../../base/mod.ts";
import type { Clock } from "../clock.ts";

/** What a clock takes from the runtime. Each of the last two returns a function that cancels. */
export interface ClockHost {
  /** Milliseconds since any moment, never going back. */
  now(): number;
  /** Runs `fn` after a whole number of milliseconds. */
  startTimer(fn: () => void, delayMs: number): () => void;
  /** Runs `fn` in the next turn of the event loop. */
  nextTurn(fn: () => void): () => void;
}

const runtime: ClockHost = {
  now: () => performance.now(),
  startTimer(fn, delayMs) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
  nextTurn(fn) {
    const immediate = setImmediate(fn);
    return () => clearImmediate(immediate);
  },
};

interface ScheduledFunction {
  readonly dueMs: number;
  readonly sequence: number;
  /** Undefined once the function was cancelled. */
  run: (() => void) | undefined;
}

/** A timer takes at least 1 ms; for a shorter wait the event loop turns instead. */
const MIN_TIMER_MS = 1;
/** The maximum delay of a timer. */
const MAX_TIMER_MS = 2_147_483_647;
/** The maximum length of a turn, so that nodes' output is read also under heavy load. */
const MAX_TURN_MS = 10;

/** A clock of real time; it starts at 0 when it is constructed. */
export class RealClock implements Clock {
  readonly #host: ClockHost;
  readonly #startMs: number;
  readonly #scheduled = new Heap<ScheduledFunction>(isDueBefore);
  #nextSequence = 0;
  /** The due time of the first function, for which a wake-up is set; infinite without one. */
  #wakeMs = Infinity;
  #cancelWake = () => {};
  #isRunning = false;

  constructor(host: ClockHost = runtime) {
    this.#host = host;
    this.#startMs = host.now();
  }

  now(): number {
    return this.#host.now() - this.#startMs;
  }

  after(delayMs: number, fn: () => void): () => void {
    const dueMs = this.now() + Math.max(0, delayMs);
    const scheduled: ScheduledFunction = { dueMs, sequence: this.#nextSequence++, run: fn };
    this.#scheduled.push(scheduled);
    this.#setWake();
    return () => {
      scheduled.run = undefined;
      this.#setWake();
    };
  }

  /** Cancels all pending functions. */
  close(): void {
    this.#scheduled.clear();
    this.#setWake();
  }

  /** Sets the wake-up for the first function that is not cancelled; after a turn, not during it. */
  #setWake(): void {
    if (this.#isRunning) return;
    let next = this.#scheduled.peek();
    while (next !== undefined && next.run === undefined) {
      this.#scheduled.pop();
      next = this.#scheduled.peek();
    }
    const dueMs = next?.dueMs ?? Infinity;
    if (dueMs === this.#wakeMs) return;
    this.#cancelWake();
    this.#wakeMs = dueMs;
    this.#cancelWake = dueMs === Infinity ? () => {} : this.#wakeAfter(dueMs - this.now());
  }

  #wakeAfter(delayMs: number): () => void {
    if (delayMs < MIN_TIMER_MS) return this.#host.nextTurn(this.#runDue);
    return this.#host.startTimer(this.#runDue, Math.min(Math.floor(delayMs), MAX_TIMER_MS));
  }

  readonly #runDue = () => {
    const endMs = this.now() + MAX_TURN_MS;
    this.#isRunning = true;
    try {
      for (let nowMs = this.now(); nowMs < endMs; nowMs = this.now()) {
        const next = this.#scheduled.peek();
        if (next === undefined || next.dueMs > nowMs) break;
        this.#scheduled.pop();
        next.run?.();
      }
    } finally {
      this.#isRunning = false;
      this.#wakeMs = Infinity;
      this.#setWake();
    }
  };
}
