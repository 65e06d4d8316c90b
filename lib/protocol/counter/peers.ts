/**
 * Strategy `peers`: each node keeps its own total and asks all others for theirs when it is read.
 *
 * A peer that does not answer in time is suspected: reads no longer wait for it and count it with the
 * total it had when it was last heard of, so they stay available under partition. It is asked again
 * and again in the background, so that it is known anew, with its total of then, soon after the
 * partition heals. Totals carry a number that grows with each addition: a late answer never replaces
 * a newer one. A node that lost its memory counts from nothing under the name of a new life, which
 * the others turn to when it answers a later question than the old one did. Reads that come while a
 * node is asking share one more round of questions. Two messages per peer and round: cheap where
 * reads are rare, dear where they are frequent. What a node added before it lost its memory is lost.
 *
 * @module
 */

import { ErrorCode, hasCode, type Node, RpcError, schema } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";
import { SharedRound } from "./shared_round.ts";

const totalReply = schema.object({
  incarnation: schema.string,
  total: schema.integer,
  seq: schema.natural,
});
/**
 * A total that arrives so late is still worth knowing; after more it is too old to be counted, for
 * who reads so much later than the last addition expects to read all.
 */
const ANSWER_TIMEOUT_MS = 10_000;
/** How often a suspected peer is asked. */
const PROBE_MS = 1000;

interface Peer {
  readonly id: string;
  /** Empty until it was heard of. */
  life: string;
  total: number;
  version: number;
  /** How many questions it was asked, and which of them was the last that this life answered. */
  asked: number;
  answered: number;
  suspected: boolean;
}

/** Wires the counter; `patience` is how many milliseconds a read waits for a peer. */
export function peersCounter(node: Node, { patience }: { readonly patience: number }): Counter {
  const own = { incarnation: node.incarnation, total: 0, seq: 0 };
  const survey = new Survey(node, patience);
  const rounds = new SharedRound(() => survey.askAll());
  node.on("total", () => ({ type: "total_ok", ...own }));
  return {
    add(delta) {
      own.total += delta;
      own.seq++;
    },
    async read() {
      await rounds.run();
      return own.total + survey.total;
    },
  };
}

/** What is known of the peers' totals. */
class Survey {
  readonly #node: Node;
  readonly #patience: number;
  readonly #peers = new Map<string, Peer>();

  constructor(node: Node, patience: number) {
    this.#node = node;
    this.#patience = patience;
  }

  get total(): number {
    let sum = 0;
    for (const { total } of this.#peers.values()) sum += total;
    return sum;
  }

  /**
   * Asks all peers, and waits for those that are not suspected, within patience. Throws an
   * {@link RpcError} if one of them all has never said its total.
   */
  async askAll(): Promise<void> {
    const peers = this.#node.peers.map((id) => this.#peer(id));
    await Promise.all(
      peers.filter(({ suspected }) => !suspected).map(async (peer) => {
        const answered = this.#ask(peer);
        const outOfPatience = this.#node.sleep(this.#patience).then(() => false);
        if (!await Promise.race([answered, outOfPatience])) this.#suspect(peer);
      }),
    );
    const unheard = peers.find(({ life }) => life === "");
    if (unheard === undefined) return;
    throw new RpcError(ErrorCode.timeout, `${unheard.id} has not said its total yet`);
  }

  #suspect(peer: Peer): void {
    if (peer.suspected) return;
    peer.suspected = true;
    this.#node.sometimes("a peer did not say its total in time");
    const stop = this.#node.every(PROBE_MS, async () => {
      if (await this.#ask(peer)) {
        peer.suspected = false;
        stop();
      }
    });
  }

  /** Whether the peer answered. */
  async #ask(peer: Peer): Promise<boolean> {
    const question = ++peer.asked;
    try {
      const options = { timeoutMs: ANSWER_TIMEOUT_MS };
      const reply = await this.#node.rpcFor(peer.id, { type: "total" }, totalReply, options);
      takeTotal(peer, question, reply);
      return true;
    } catch (error) {
      if (!hasCode(error, ErrorCode.timeout)) throw error;
      return false;
    }
  }

  #peer(id: string): Peer {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = { id, life: "", total: 0, version: 0, asked: 0, answered: 0, suspected: false };
      this.#peers.set(id, peer);
    }
    return peer;
  }
}

function takeTotal(
  peer: Peer,
  question: number,
  { incarnation, total, seq }: { incarnation: string; total: number; seq: number },
): void {
  const isNewer = incarnation === peer.life ? seq >= peer.version : question > peer.answered;
  if (isNewer) {
    peer.life = incarnation;
    peer.total = total;
    peer.version = seq;
  }
  if (incarnation === peer.life) peer.answered = Math.max(peer.answered, question);
}
