/**
 * Time in the workbench. The process engine's clock is real, the simulation engine's is virtual;
 * the network, the workers and the faults use both through this interface.
 *
 * @module
 */

/** A clock that starts at 0 when the test does. */
export interface Clock {
  /** Milliseconds since the test began, with fractions. */
  now(): number;
  /**
   * Runs `fn` once, after a delay and never before the caller returns. Functions that are due at
   * the same time run in scheduling order. Returns a function that cancels `fn`.
   *
   * `order` is a position in the scheduling order; by default the next one. Only a virtual clock
   * takes it into account, and only for a delay above 0.
   */
  after(delayMs: number, fn: () => void, order?: number): () => void;
  /** Returns the next position in the scheduling order, for later calls. A real clock has none. */
  takeOrder?(): number;
}

/** Resolves after a duration by the clock. */
export function sleep(clock: Clock, durationMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(durationMs, resolve));
}

/** Returns the clock's time in whole nanoseconds, the unit of histories. */
export function nanoseconds(clock: Clock): number {
  return Math.round(clock.now() * 1e6);
}
