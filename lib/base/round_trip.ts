/**
 * Round-trip times: how long a message and its reply take, as far as recent samples tell.
 *
 * @module
 */

import { invariant } from "./invariant.ts";

/** How a {@link RoundTripEstimator} treats its samples. */
export interface RoundTripOptions {
  /** The number of samples to keep, at least 1; 8 by default. */
  readonly window?: number;
  /** The estimate before the first sample, in milliseconds; undefined estimates by default. */
  readonly initialMs?: number;
  /**
   * Limits a sample, in milliseconds, given the estimator before it. A pause or a slow start then does
   * not count for its whole length. No limit by default.
   */
  readonly limitMs?: (before: RoundTripEstimator) => number;
}

const DEFAULT_WINDOW = 8;

/**
 * Estimates the round-trip time to one peer or service from the last few samples.
 *
 * TCP smooths its samples (RFC 6298). Here one slow sample, such as the first while 25 processes start,
 * must not last long, so the estimator keeps a few samples and takes quantiles of them.
 */
export class RoundTripEstimator {
  readonly #window: number;
  readonly #initialMs: number | undefined;
  readonly #limitMs: (before: RoundTripEstimator) => number;
  readonly #samples: number[] = [];
  /** The samples in ascending order: quantiles are read much more often than samples are added. */
  readonly #sorted: number[] = [];

  /** Throws a RangeError for a window below 1. */
  constructor(options: RoundTripOptions = {}) {
    const { window = DEFAULT_WINDOW, initialMs, limitMs = () => Infinity } = options;
    if (!(window >= 1)) throw new RangeError(`a window must be at least 1, got ${window}`);
    this.#window = window;
    this.#initialMs = initialMs;
    this.#limitMs = limitMs;
  }

  /** Whether there is a sample. */
  get isMeasured(): boolean {
    return this.#samples.length > 0;
  }

  /** Adds a measured round trip in milliseconds; a negative one counts as 0. */
  add(sampleMs: number): void {
    const sample = Math.min(this.#limitMs(this), Math.max(0, sampleMs));
    const sorted = this.#sorted;
    if (this.#samples.push(sample) > this.#window) {
      sorted.splice(sorted.indexOf(this.#samples.shift() as number), 1);
    }
    let index = sorted.length;
    while (index > 0 && (sorted[index - 1] as number) > sample) index--;
    sorted.splice(index, 0, sample);
    invariant(sorted.length <= this.#window, "the estimator keeps at most its window");
  }

  /**
   * Returns the sample below which a fraction of the others lies: 0 for the shortest, 1 for the
   * longest. Without samples it returns `initialMs`, or undefined.
   */
  quantile(fraction: number): number | undefined {
    return this.#sorted[Math.floor(fraction * (this.#sorted.length - 1))] ?? this.#initialMs;
  }

  /** The median of the samples; of two middle ones the longer. */
  get median(): number | undefined {
    return this.#sorted[this.#sorted.length >> 1] ?? this.#initialMs;
  }
}
