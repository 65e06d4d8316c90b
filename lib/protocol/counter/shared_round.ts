/**
 * Work that callers share: whoever asks gets the outcome of a round that began after it asked, and
 * all who ask before a round begins get the same one. Rounds follow one another.
 *
 * @module
 */

/** A kind of work, done in rounds. */
export class SharedRound<T> {
  readonly #work: () => Promise<T>;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  /** The outcome of a round that begins when the one under way, if any, is over. */
  run(): Promise<T> {
    this.#next ??= this.#begin(this.#running);
    return this.#next;
  }

  async #begin(before: Promise<unknown>): Promise<T> {
    await before;
    this.#next = undefined;
    const round = this.#work();
    // Who comes next only waits for the end, however it was.
    this.#running = round.then(() => {}, () => {});
    return await round;
  }
}
