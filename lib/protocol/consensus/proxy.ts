/**
 * Strategy `proxy`: forwards each request to the service lin-kv, and the service's reply or error to
 * the client.
 *
 * It is linearizable because the service is: each operation takes effect there, once, between request
 * and reply. The node caches nothing and retransmits nothing. Partitions separate nodes, not a node and
 * a service, so they do not matter here. An operation costs two messages and one round trip. A node
 * sends one more request when it starts, to measure the round trip.
 *
 * After a timeout ({@link ClientTimeout}) the node replies with error 0 (timeout), which is indefinite,
 * because the request may still take effect. If latencies are random, a client may have closed before
 * that. If the service fails, so does the node.
 *
 * @module
 */

import {
  type Body,
  contract,
  type ContractHandlers,
  ErrorCode,
  type Node,
  RpcError,
} from "../../node/mod.ts";
import { ClientTimeout } from "./client_timeout.ts";

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
  readonly #timeout: ClientTimeout;

  constructor(node: Node, id: string, minTimeoutMs: number) {
    this.#node = node;
    this.#id = id;
    this.#timeout = new ClientTimeout(node, minTimeoutMs);
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
      const cancel = this.#timeout.start((elapsedMs) => {
        this.#node.sometimes("a request to the service timed out");
        const text = `no reply from ${this.#id} within ${Math.round(elapsedMs)} ms`;
        reject(new RpcError(ErrorCode.timeout, text));
      });
      reply.then(resolve, reject).finally(cancel);
    });
  }

  #send(request: Body): Promise<Body> {
    const sentMs = this.#node.monotonic();
    // Outlives the timeout, because a late reply is a sample, too.
    return this.#node.rpc(this.#id, request, { timeoutMs: MAX_SAMPLE_MS })
      .finally(() => this.#timeout.add(this.#node.monotonic() - sentMs));
  }
}
