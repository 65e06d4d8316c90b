/**
 * A clock that neither jumps nor goes back, made of one that may and of timers that do not.
 *
 * A machine that compares times must not be fooled by a clock that is set: a jump back by an hour
 * would put off all that is due by an hour. What holds whatever the clock shows is that a timer
 * that has not fired yet is not due yet, and that one that fires is.
 *
 * @module
 */

/** How far a clock may go on while nothing is due, in milliseconds. */
const MOST_UNOBSERVED_MS = 1000;

/** Milliseconds since it was made, as far as they can be known. */
export class SteadyClock {
  readonly #read: () => number;
  #lastRead: number;
  #now = 0;
  #notBefore = Infinity;

  /** `read` is the clock that may jump. */
  constructor(read: () => number) {
    this.#read = read;
    this.#lastRead = read();
  }

  /** The time. */
  now(): number {
    const read = this.#read();
    const passed = Math.min(Math.max(0, read - this.#lastRead), MOST_UNOBSERVED_MS);
    this.#lastRead = read;
    this.#now = Math.min(this.#now + passed, Math.max(this.#now, this.#notBefore));
    return this.#now;
  }

  /** Says that a timer will fire at a time: until it does, that time has not come. */
  expect(time: number): void {
    this.#notBefore = time;
  }

  /** Says that the timer fired. */
  reached(time: number): void {
    this.#notBefore = Infinity;
    this.now();
    this.#now = Math.max(this.#now, time);
  }
}
