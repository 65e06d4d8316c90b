/**
 * Strategy `proxy`: forwards each request to the service lin-kv, and the service's reply or error to
 * the client.
 *
 * It is linearizable because the service is: each operation takes effect there, once,
 * between request and reply. The node caches nothing and retransmits nothing. Partitions do not
 * matter, because they do not affect services. An operation costs two messages and one round trip.
 * A node sends one more request when it starts, to measure the round trip.
 *
 * Clients of lin-kv wait for 10 latencies, at least 1 s. The node does not know the latency, so it
 * derives a timeout from measured round trips, as TCP does (RFC 6298). After the timeout it replies
 * with error 0 (timeout), which is indefinite, because the request may still take effect. If
 * latencies are random, a client may have closed before that. If the service fails, so does the
 * node.
 *
 * @module
 */

import { RoundTripEstimator } from "../../base/mod.ts";
import {
  type Body,
  contract,
  type ContractHandlers,
  ErrorCode,
  type Node,
  REQUEST_DEADLINE_MS,
  RpcError,
} from "../../node/mod.ts";

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
/** The request that measures the first round trip; whether the key exists does not matter. */
const PROBE = { type: "read", key: "round-trip probe" };
/** How long a late reply still counts as a sample; all clients have closed before. */
const MAX_SAMPLE_MS = 60_000;

/** Returns the handlers of a node that forwards all requests to lin-kv. */
export function proxyLinKv(
  node: Node,
  options: { readonly "min-timeout": number },
): ContractHandlers<typeof contract.linKv> {
  const service = new RemoteService(node, "lin-kv", options["min-timeout"]);
  service.probe();
  return {
    read: async (_key, { body }) => ({ value: (await service.forward(body)).value ?? null }),
    async write(_fields, { body }) {
      await service.forward(body);
      return {};
    },
    async cas(_fields, { body }) {
      await service.forward(body);
      return {};
    },
  };
}

/** A service whose timeout follows from its recent round trips. */
class RemoteService {
  readonly #node: Node;
  readonly #id: string;
  readonly #minTimeoutMs: number;
  readonly #roundTrips = new RoundTripEstimator({ window: WINDOW });

  constructor(node: Node, id: string, minTimeoutMs: number) {
    this.#node = node;
    this.#id = id;
    this.#minTimeoutMs = minTimeoutMs;
  }

  /** Measures one round trip. */
  probe(): void {
    this.#send(PROBE).catch(() => {
      // An error reply measures the round trip as well. Without a reply, the first request measures
      // it.
    });
  }

  /**
   * Forwards a client's request and resolves to the reply. Rejects with the service's error, or
   * with error 0 (timeout).
   */
  forward({ msg_id: _, ...request }: Body): Promise<Body> {
    const reply = this.#send(request as Body);
    return new Promise((resolve, reject) => {
      let cancel = () => {};
      const waitOn = (waitedMs: number) => {
        // The timeout may have changed since the request was sent, because other replies arrived.
        const leftMs = this.#timeoutMs() - waitedMs;
        if (leftMs > 0) {
          const pauseMs = Math.min(leftMs, this.#minTimeoutMs);
          cancel = this.#node.after(pauseMs, () => waitOn(waitedMs + pauseMs));
          return;
        }
        this.#node.sometimes("a request to the service timed out");
        const text = `no reply from ${this.#id} within ${Math.round(waitedMs)} ms`;
        reject(new RpcError(ErrorCode.timeout, text));
      };
      waitOn(0);
      reply.then(resolve, reject).finally(() => cancel());
    });
  }

  #send(request: Body): Promise<Body> {
    const sentMs = this.#node.monotonic();
    // Outlives the timeout, because a late reply is a sample, too.
    return this.#node.rpc(this.#id, request, { timeoutMs: MAX_SAMPLE_MS })
      .finally(() => this.#roundTrips.add(this.#node.monotonic() - sentMs));
  }

  #timeoutMs(): number {
    const { median } = this.#roundTrips;
    const longest = this.#roundTrips.quantile(1);
    // No reply has arrived yet, so latencies are high, and clients wait as long as they can.
    if (median === undefined || longest === undefined) return REQUEST_DEADLINE_MS;
    const bounded = Math.min(RECENT_MAX_FACTOR * longest, MAX_MEDIAN_FACTOR * median);
    return Math.max(this.#minTimeoutMs, MEDIAN_FACTOR * median, bounded);
  }
}
