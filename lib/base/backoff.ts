/**
 * Exponential back-off with jitter: the delays between the attempts of something that fails.
 *
 * @module
 */

/** How the delays of a {@link Backoff} grow. */
export interface BackoffOptions {
  /** The first delay in milliseconds, above 0. */
  readonly minMs: number;
  /** The longest delay in milliseconds, above 0; 10 × `minMs` by default. */
  readonly maxMs?: number;
  /** The factor between two delays, at least 1; 2 by default. */
  readonly factor?: number;
  /**
   * The fraction of each delay that is random, from 0 (none) to 1 (all of it); 0.5 by default.
   * Jitter keeps many senders from retrying in step.
   */
  readonly jitter?: number;
}

const DEFAULT_MAX_FACTOR = 10;
const DEFAULT_FACTOR = 2;
const DEFAULT_JITTER = 0.5;

/**
 * Computes the delay before each next attempt: `minMs`, then `factor` times the delay before, at
 * most `maxMs`, each reduced by a random part of at most `jitter` (Brooker, "Exponential Backoff And
 * Jitter", 2015).
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { Backoff } from "./backoff.ts";
 *
 * const backoff = new Backoff({ minMs: 100, jitter: 0 }, Math.random);
 * deepEqual([backoff.next(), backoff.next()], [100, 200]);
 * backoff.reset();
 * deepEqual(backoff.next(), 100);
 * ```
 */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #factor: number;
  readonly #jitter: number;
  readonly #random: () => number;
  #delayMs: number;

  /**
   * `random` returns numbers in [0, 1). Throws a RangeError for a delay that is not above 0, a
   * factor below 1, or a jitter outside 0 to 1.
   */
  constructor(options: BackoffOptions, random: () => number) {
    const { minMs, maxMs = DEFAULT_MAX_FACTOR * minMs } = options;
    const { factor = DEFAULT_FACTOR, jitter = DEFAULT_JITTER } = options;
    if (!(minMs > 0 && maxMs > 0 && factor >= 1 && jitter >= 0 && jitter <= 1)) {
      throw new RangeError(
        "a back-off needs minMs > 0, maxMs > 0, factor ≥ 1 and jitter from 0 to 1, " +
          `got ${minMs}, ${maxMs}, ${factor}, ${jitter}`,
      );
    }
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#factor = factor;
    this.#jitter = jitter;
    this.#random = random;
    this.#delayMs = Math.min(maxMs, minMs);
  }

  /** Returns the delay in milliseconds before the next attempt, and lets the one after it grow. */
  next(): number {
    const jittered = this.#delayMs * (1 - this.#jitter + this.#jitter * this.#random());
    this.#delayMs = Math.min(this.#maxMs, this.#delayMs * this.#factor);
    return jittered;
  }

  /** Starts again at `minMs`, after a success. */
  reset(): void {
    this.#delayMs = Math.min(this.#maxMs, this.#minMs);
  }
}
