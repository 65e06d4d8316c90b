/**
 * Requests that reach a node around broken links. A partition may never heal and still leave a path
 * between any two nodes (Alfatafta et al., OSDI 2020). A node with links to fewer than a quorum then
 * makes progress only if its peers forward its requests.
 *
 * A node suspects a peer that does not reply. It sends a request for that peer to a few other peers at
 * random, and each of them does the same, once for each request. The reply returns by the path of its
 * request. Requests may arrive more than once, so they must be idempotent.
 *
 * @module
 */

import { FailureDetector } from "../../base/mod.ts";
import {
  type Body,
  ErrorCode,
  isJsonObject,
  type JsonObject,
  type Node,
  REQUEST_DEADLINE_MS,
  RpcError,
  schema,
} from "../../node/mod.ts";

/** A peer that has not replied for this long is suspected, in milliseconds. */
const SUSPICION_MS = 1000;
const OPTIONS = { timeoutMs: REQUEST_DEADLINE_MS };
/** The number of peers to which a node forwards a request. */
const FANOUT = 3;
/** The number of requests that a node remembers to have forwarded. */
const MAX_REMEMBERED = 1000;

const fields = {
  to: schema.string,
  /** Names the request, so that each node forwards it once. */
  id: schema.string,
  request: schema.record(schema.json),
};

/** Sends requests directly or through peers, and forwards those of peers. */
export class Relay {
  readonly #node: Node;
  readonly #peers = new FailureDetector({ timeoutMs: SUSPICION_MS });
  readonly #onRoundTrip: (elapsedMs: number) => void;
  readonly #forwarded = new Set<string>();
  #lastId = 0;

  /** Serves `relay` messages. `onRoundTrip` receives the round trips on direct links. */
  constructor(node: Node, onRoundTrip: (elapsedMs: number) => void) {
    this.#node = node;
    this.#onRoundTrip = onRoundTrip;
    node.on("relay", fields, async ({ to, id, request }, { src }) => {
      if (this.#forwarded.has(id)) throw unreachable(to);
      const body = request as Body & JsonObject;
      const replies = [this.direct(to, body)];
      if (this.isSuspected(to)) replies.push(this.#forward(to, id, body, src));
      const reply = await firstOf(replies, to);
      return { type: "relayed", reply: reply as JsonObject };
    });
  }

  /** Whether requests to a peer wait for a reply. */
  isSuspected(peer: string): boolean {
    return this.#peers.isSuspected(peer, this.#node.monotonic());
  }

  /** Whether this node and the peers that it does not suspect are more than half of all nodes. */
  get hasMajority(): boolean {
    const { nodes, peers } = this.#node;
    const suspected = peers.filter((peer) => this.isSuspected(peer)).length;
    return nodes.length - suspected > nodes.length / 2;
  }

  /** Sends a request on the direct link. Rejects with an `RpcError`. */
  async direct(to: string, request: Body): Promise<Body> {
    const sentMs = this.#node.monotonic();
    this.#peers.sent(to, sentMs);
    const reply = await this.#node.rpc(to, request, OPTIONS);
    const now = this.#node.monotonic();
    this.#peers.received(to, now);
    this.#onRoundTrip(now - sentMs);
    return reply;
  }

  /**
   * Sends a request through peers that are not suspected; resolves to the first reply. Rejects with an
   * `RpcError` when no peer brings one.
   */
  async around(to: string, request: Body): Promise<Body> {
    const reply = await this.#forward(to, `${this.#node.incarnation}${++this.#lastId}`, request);
    this.#node.sometimes("a request went around a broken link");
    return reply;
  }

  async #forward(to: string, id: string, request: Body, sender = ""): Promise<Body> {
    this.#remember(id);
    const relays = this.#node.peers.filter((peer) =>
      peer !== to && peer !== sender && !this.isSuspected(peer)
    );
    while (relays.length > FANOUT) {
      relays.splice(Math.floor(this.#node.random() * relays.length), 1);
    }
    const body = { type: "relay", to, id, request: request as JsonObject };
    const { reply } = await firstOf(
      relays.map((peer) => this.#node.rpc(peer, body, OPTIONS)),
      to,
    );
    if (!isJsonObject(reply) || typeof reply.type !== "string") throw unreachable(to);
    return reply as Body & JsonObject;
  }

  #remember(id: string): void {
    this.#forwarded.add(id);
    const [oldest] = this.#forwarded;
    if (this.#forwarded.size > MAX_REMEMBERED) this.#forwarded.delete(oldest as string);
  }
}

/** Resolves to the first reply; rejects with an `RpcError` if there is none. */
async function firstOf(replies: readonly Promise<Body>[], to: string): Promise<Body> {
  try {
    return await Promise.any(replies);
  } catch (error) {
    if (error instanceof AggregateError) throw unreachable(to);
    throw error;
  }
}

function unreachable(to: string): RpcError {
  return new RpcError(ErrorCode.timeout, `no path to ${to} brought a reply`);
}
