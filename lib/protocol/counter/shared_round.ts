/**
 * Rounds of work that concurrent callers share, as concurrent transactions share one disk write in
 * a group commit.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";

/**
 * Runs a kind of work in rounds, one after the other. A caller gets the result of a round that
 * began after its call, so the result is never older than the call. All calls before a round begins
 * share that round.
 *
 * ```ts ignore
 * const rounds = new SharedRound(() => fetchTotals());
 * const [a, b] = await Promise.all([rounds.run(), rounds.run()]); // one fetch
 * ```
 */
export class SharedRound<T> {
  readonly #work: () => Promise<T>;
  /** Resolves when the current round has ended, with or without an error. */
  #running: Promise<unknown> = Promise.resolve();
  #isRunning = false;
  #next: Promise<T> | undefined;

  /** `work` makes one round. */
  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  /** Resolves to the result of the next round, or rejects with its error. */
  run(): Promise<T> {
    this.#next ??= this.#begin(this.#running);
    return this.#next;
  }

  async #begin(previous: Promise<unknown>): Promise<T> {
    await previous;
    invariant(!this.#isRunning, "rounds do not overlap");
    this.#isRunning = true;
    this.#next = undefined;
    const round = this.#work();
    const end = () => {
      this.#isRunning = false;
    };
    this.#running = round.then(end, end);
    return await round;
  }
}
