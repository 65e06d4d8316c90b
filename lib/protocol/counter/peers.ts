/**
 * Strategy `peers`: no store. Each node counts its own additions, and requests the totals of all
 * peers for each read.
 *
 * **Availability.** A request is retransmitted until a reply arrives, or the read timeout passes. A
 * short partition therefore delays reads until one retransmission after it heals. A peer that does not
 * reply in time counts with the last total that it sent. So reads succeed under partitions, but each
 * waits for the read timeout. No node relays totals: behind a link that stays broken a peer counts
 * with the last total that it sent, and if it never sent one, reads fail.
 *
 * **Correctness.** A total has a sequence number that grows with each addition, so a late reply
 * never replaces a newer one. A node that loses its memory counts from zero as a new incarnation.
 * Its peers follow the new incarnation when it answers a later request than the previous
 * incarnation did.
 *
 * **Cost.** A read takes one request and one reply per peer. Additions cost no message. A node that
 * loses its memory loses its additions.
 *
 * @module
 */

import { ErrorCode, type Node, RpcError, schema } from "../../node/mod.ts";
import type { Infer } from "../../wire/mod.ts";
import type { Counter } from "./counter.ts";

const totalReply = schema.object({
  incarnation: schema.string,
  total: schema.integer,
  seq: schema.natural,
});
/** A retransmission is sent after more than the pauses of a busy process. */
const RETRANSMISSION = { minMs: 200, maxMs: 400 };

/** Starts the counter on a node; a read waits for a peer up to `readTimeoutMs`. */
export function peersCounter(
  node: Node,
  { readTimeoutMs }: { readonly readTimeoutMs: number },
): Counter {
  const own = { incarnation: node.incarnation, total: 0, seq: 0 };
  const peers = node.peers.map((id) => new Peer(node, id, readTimeoutMs));
  node.on("total", () => ({ type: "total_ok", ...own }));
  return {
    add(delta) {
      own.total += delta;
      own.seq++;
    },
    async read() {
      const totals = await Promise.all(peers.map((peer) => peer.total()));
      return totals.reduce((sum, total) => sum + total, own.total);
    },
  };
}

/** The total of one peer. */
class Peer {
  readonly #node: Node;
  readonly #id: string;
  readonly #timeoutMs: number;
  /** Its newest total; undefined before its first reply. */
  #newest: Infer<typeof totalReply> | undefined;
  #requests = 0;
  /** The number of the last request that its current incarnation answered. */
  #lastAnswered = 0;

  constructor(node: Node, id: string, timeoutMs: number) {
    this.#node = node;
    this.#id = id;
    this.#timeoutMs = timeoutMs;
  }

  /** Returns its total, or the last one that it sent. Rejects with a timeout (0) if there is none. */
  async total(): Promise<number> {
    const request = ++this.#requests;
    const options = { timeoutMs: this.#timeoutMs, retry: RETRANSMISSION };
    const reply = await this.#node.rpcFor(this.#id, { type: "total" }, totalReply, options)
      .catch(() => undefined);
    if (reply === undefined) this.#node.sometimes("a peer did not send its total in time");
    else this.#store(request, reply);
    if (this.#newest !== undefined) return this.#newest.total;
    throw new RpcError(ErrorCode.timeout, `no total from ${this.#id} yet; retry the read`);
  }

  /** Stores a total, unless a newer one has arrived before it. */
  #store(request: number, reply: Infer<typeof totalReply>): void {
    const newest = this.#newest;
    const isNewer = reply.incarnation === newest?.incarnation
      ? reply.seq >= newest.seq
      : request > this.#lastAnswered;
    if (isNewer) this.#newest = reply;
    if (reply.incarnation === this.#newest?.incarnation) {
      this.#lastAnswered = Math.max(this.#lastAnswered, request);
    }
  }
}
