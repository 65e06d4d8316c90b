/**
 * How long a message and its answer take. The time that the answer lay with the peer before it was
 * sent is not part of it; the peer says how long that was.
 *
 * TCP smooths (RFC 6298); here one slow sample, such as the first while 25 processes start, must
 * not be felt for long by whoever aims at a moment, so the last few samples are kept as they are.
 *
 * @module
 */

const WINDOW = 8;
/**
 * No sample counts for more than this, or than so many times what few round trips exceeded so far. What
 * takes longer is repeated before its answer can come, which costs a message; to believe at once in a
 * spell of slowness, a pause, or a clock that was set, would cost its length. Where all round trips
 * are long the limit grows with them.
 */
const MOST_AT_FIRST_MS = 1000;
const MOST_TIMES = 2;
const MOST_MS = 10_000;
/**
 * Before the first sample: above the round trip of challenges 3d and 3e. It matters little, since
 * the first answer takes its place: from 50 to 1000 what 3d costs differs by one in a hundred.
 */
const UNMEASURED_MS = 250;

/** An estimate of the round trip to one peer, in milliseconds. */
export class RoundTrip {
  readonly #samples: number[] = [];

  /**
   * What a round trip takes when nothing comes between: trouble on the way only ever adds to it.
   */
  get least(): number {
    return this.#quantile(0);
  }

  /**
   * What few round trips exceed. Not the largest: one that met a pause says nothing of the next.
   */
  get upper(): number {
    return this.#quantile(3 / 4);
  }

  /** How much longer than the quickest the median takes; Infinity when unknown. */
  get spread(): number {
    if (this.#samples.length === 0) return Infinity;
    return this.#quantile(1 / 2) - this.#quantile(0);
  }

  /** Takes a measured round trip. */
  sample(milliseconds: number): void {
    const most = Math.min(MOST_MS, Math.max(MOST_AT_FIRST_MS, MOST_TIMES * this.upper));
    this.#samples.push(Math.min(most, Math.max(0, milliseconds)));
    if (this.#samples.length > WINDOW) this.#samples.shift();
  }

  #quantile(fraction: number): number {
    const sorted = [...this.#samples].sort((a, b) => a - b);
    return sorted[Math.floor(fraction * (sorted.length - 1))] ??
      UNMEASURED_MS;
  }
}
