/**
 * The round-trip time to one peer, without the ack delay, which the peer reports.
 *
 * @module
 */

import { RoundTripEstimator } from "../../base/mod.ts";

const WINDOW = 8;
/**
 * Replaces the estimate before the first sample: above the round trip of challenges 3d and 3e. The
 * first reply replaces it, so its exact value matters little.
 */
const INITIAL_MS = 250;
/**
 * A sample counts for at most 1 s, or {@link MAX_GROWTH} times the upper estimate, and never for more
 * than 10 s. If a reply takes longer, the sender retransmits too early, which costs one message. If a
 * pause or a slow period counted in full, the node would wait for its whole length later. Where all
 * round trips are long, the limit grows with them.
 */
const MIN_SAMPLE_LIMIT_MS = 1000;
const MAX_SAMPLE_LIMIT_MS = 10_000;
const MAX_GROWTH = 2;

const UPPER_QUANTILE = 3 / 4;

/** Estimates the round-trip time to one peer, in milliseconds. */
export class PeerRoundTrip extends RoundTripEstimator {
  constructor() {
    super({ window: WINDOW, initialMs: INITIAL_MS, limitMs: sampleLimitMs });
  }

  /** The shortest round trip. Faults and load only ever add to it. */
  get minMs(): number {
    return this.#quantileMs(0);
  }

  /**
   * A round trip that few exceed. It is not the longest one, since a sample that met a pause does not
   * predict the next.
   */
  get upperMs(): number {
    return this.#quantileMs(UPPER_QUANTILE);
  }

  /** The median minus the shortest round trip; Infinity without samples. */
  get spreadMs(): number {
    return this.isMeasured ? this.#quantileMs(1 / 2) - this.#quantileMs(0) : Infinity;
  }

  #quantileMs(fraction: number): number {
    return this.quantile(fraction) ?? INITIAL_MS;
  }
}

function sampleLimitMs(before: RoundTripEstimator): number {
  const upperMs = before.quantile(UPPER_QUANTILE) ?? INITIAL_MS;
  return Math.min(MAX_SAMPLE_LIMIT_MS, Math.max(MIN_SAMPLE_LIMIT_MS, MAX_GROWTH * upperMs));
}
