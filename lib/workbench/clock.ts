/**
 * Time, as the workbench sees it. One engine lets it pass, the other makes it jump from event to
 * event; the network, the workers and the faults cannot tell.
 *
 * @module
 */

/** A clock that starts at 0 when the test does. */
export interface Clock {
  /** Milliseconds since the test began, with fractions. */
  now(): number;
  /**
   * Runs `fn` once, after so many milliseconds and never before the caller returns. Functions due at
   * the same time run in the order in which they were given. Returns what prevents it.
   */
  after(milliseconds: number, fn: () => void): () => void;
}

/** Resolves after so many milliseconds of the clock. */
export function sleep(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve));
}

/** The time of the clock in whole nanoseconds, as histories have it. */
export function nanoseconds(clock: Clock): number {
  return Math.round(clock.now() * 1e6);
}
