/**
 * When a node gives up a client's request. A client of lin-kv waits for 10 latencies, at least 1 s. A
 * node does not know the latency, so it derives its timeout from measured round trips, as TCP does
 * (RFC 6298). It replies before the client closes: a client without a reply has to assume that its
 * request may have taken effect, and an error can rule that out.
 *
 * @module
 */

import { RoundTripEstimator } from "../../base/mod.ts";
import { type CancelTimer, type Node, REQUEST_DEADLINE_MS } from "../../node/mod.ts";

/** A client waits for 10 latencies, which are 5 round trips. One of them is a margin. */
const MEDIAN_FACTOR = 4;
/**
 * Where round trips vary, the timeout exceeds the longest recent one by this factor, but is at most
 * {@link MAX_MEDIAN_FACTOR} medians. For exponential latencies the median of a round trip is a
 * sixth below its mean.
 */
const RECENT_MAX_FACTOR = 1.5;
const MAX_MEDIAN_FACTOR = 5;
/** The number of round trips that the estimate takes into account. */
const WINDOW = 31;

/** A timeout that follows from recent round trips. */
export class ClientTimeout {
  readonly #node: Node;
  readonly #minMs: number;
  readonly #roundTrips = new RoundTripEstimator({ window: WINDOW });

  /** The timeout is at least `minMs` milliseconds. */
  constructor(node: Node, minMs: number) {
    this.#node = node;
    this.#minMs = minMs;
  }

  /** Adds a measured round trip. */
  add(roundTripMs: number): void {
    this.#roundTrips.add(roundTripMs);
  }

  /**
   * Starts a request's timeout, which follows the estimate while it runs. Calls `expire` with the
   * elapsed milliseconds.
   */
  start(expire: (elapsedMs: number) => void): CancelTimer {
    let cancel = () => {};
    const waitOn = (waitedMs: number) => {
      // The timeout may have changed since the request arrived, because of other round trips.
      const leftMs = this.#timeoutMs() - waitedMs;
      if (leftMs <= 0) return expire(waitedMs);
      const pauseMs = Math.min(leftMs, this.#minMs);
      cancel = this.#node.after(pauseMs, () => waitOn(waitedMs + pauseMs));
    };
    waitOn(0);
    return () => cancel();
  }

  #timeoutMs(): number {
    const { median } = this.#roundTrips;
    const longest = this.#roundTrips.quantile(1);
    // No reply has arrived yet, so latencies are high, and clients wait as long as they can.
    if (median === undefined || longest === undefined) return REQUEST_DEADLINE_MS;
    const bounded = Math.min(RECENT_MAX_FACTOR * longest, MAX_MEDIAN_FACTOR * median);
    return Math.max(this.#minMs, MEDIAN_FACTOR * median, bounded);
  }
}
