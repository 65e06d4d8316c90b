/**
 * How long somebody takes to answer, as far as the last few answers tell.
 *
 * @module
 */

const KEPT = 9;
/** No answer is taken to have needed longer: the clock has jumped rather. */
const MOST_MS = 60_000;

/** The last few response times, in milliseconds. */
export class ResponseTimes {
  readonly #times: number[] = [];

  /** Takes one; one that only a clock which jumped can have shown is passed over. */
  add(milliseconds: number): void {
    if (!(milliseconds >= 0 && milliseconds <= MOST_MS)) return;
    this.#times.push(milliseconds);
    if (this.#times.length > KEPT) this.#times.shift();
  }

  /** The median; undefined when there was none. */
  get typical(): number | undefined {
    return this.#times.toSorted((a, b) => a - b)[this.#times.length >> 1];
  }

  /** The longest; undefined when there was none. */
  get longest(): number | undefined {
    return this.#times.length === 0 ? undefined : Math.max(...this.#times);
  }
}
