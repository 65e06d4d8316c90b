/**
 * The estimator of a session's round trips.
 *
 * @module
 */

import { RoundTripEstimator } from "../base/mod.ts";

const INITIAL_ROUND_TRIP_MS = 250;
/** A round trip counts at most this, or twice what few have exceeded: a pause is not one. */
const MAX_SAMPLE_MS = 1000;

/** Returns an estimator for the round trips with one peer. */
export function newRoundTrip(): RoundTripEstimator {
  return new RoundTripEstimator({
    initialMs: INITIAL_ROUND_TRIP_MS,
    limitMs: (before) => Math.max(MAX_SAMPLE_MS, 2 * (before.quantile(3 / 4) ?? 0)),
  });
}
