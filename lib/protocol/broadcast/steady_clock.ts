/**
 * A clock that neither jumps nor goes back, made of one that may and of timers that do not.
 *
 * A machine that compares times must not be fooled by a clock that is set: a jump back by an hour
 * would put off all that is due by an hour. What holds whatever the clock shows is that a timer
 * that has not fired yet is not due yet, and that one that fires is. With a timer always set, and
 * never far ahead, a jump moves this clock by no more than the time to that timer.
 *
 * @module
 */

/** Milliseconds since it was made, as far as they can be known. */
export class SteadyClock {
  readonly #read: () => number;
  #lastRead: number;
  #now = 0;
  #expected = 0;

  /** `read` is the clock that may jump. The time stands still until a timer is expected. */
  constructor(read: () => number) {
    this.#read = read;
    this.#lastRead = read();
  }

  /** The time. */
  now(): number {
    const read = this.#read();
    const passed = Math.max(0, read - this.#lastRead);
    this.#lastRead = read;
    this.#now = Math.min(this.#now + passed, Math.max(this.#now, this.#expected));
    return this.#now;
  }

  /** Says that a timer was set that fires at a time: until it does, that time has not come. */
  expect(time: number): void {
    this.#expected = time;
  }

  /** Says that the timer fired: the time that was expected has come. */
  reached(): void {
    this.now();
    this.#now = Math.max(this.#now, this.#expected);
  }
}
