/**
 * Confirms without the store that this node's log is current, for read-only transactions.
 *
 * A read-only transaction must see each commit that was acknowledged before its client sent it. The
 * node that acknowledged the commit had applied it. So it suffices that each other node reports,
 * after the client sent its request, how much of the log it has applied, and that this node has
 * applied as much. Commits after these reports are concurrent with the read, which takes effect
 * before them.
 *
 * This is Raft's read index (Ongaro 2014, section 6.4) without a leader. A Raft leader exchanges
 * heartbeats with a majority, since only it can commit. Here every node can commit, so the quorum
 * is the whole cluster, and reads fall back to the store when a node is unreachable.
 *
 * Nonces, not clocks, show that a report was made after the client sent its request. Each reply to
 * another node carries a nonce, which that node's next report repeats. A request that arrived
 * before the nonce was sent is older than the report. A node that forwards transactions sends its
 * report with them. So in a cluster of two nodes, a forwarded read-only batch needs no message to
 * the store. A read of this node's own clients waits for the other node's next batch anyway. A reply
 * to that node therefore waits until this node has its own next batch: the other node's next report
 * then confirms it.
 *
 * Restarts: an incarnation reports nothing before it has read the root. The root then contains all
 * that earlier incarnations acknowledged. A read may miss what they attempted without acknowledging
 * it. The nonces of two incarnations differ, since they start at random numbers.
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import type { Node } from "../../../node/mod.ts";

/** A node's report about itself, to one other node. */
export interface Report {
  /** The number of log entries it has applied; undefined until it has read the root. */
  readonly applied: number | undefined;
  /** The last nonce that it received from the receiver of this report. */
  readonly nonce: number | undefined;
}

/** What a node reports to itself: it needs no confirmation of its own. */
export const OWN_REPORT: Report = { applied: 0, nonce: undefined };

/** A read-only request that waits for confirmation. */
export interface PendingRead {
  /** The node that sent it. */
  readonly sender: string;
  /** What that node had applied when it sent the request. */
  readonly applied: number | undefined;
  /** The logical time of its arrival. Nonces sent later are greater. */
  readonly arrivedAt: number;
}

/** Nonces start below this: far from the largest integer, and rarely at the same number. */
const MAX_FIRST_NONCE = 2 ** 48;

/** The reports of the other nodes. */
export class ReadQuorum {
  readonly #node: Pick<Node, "peers">;
  /** A logical clock: advances with each arrival and each nonce. */
  #time: number;
  /** The last nonce sent to each node. */
  readonly #nonces = new Map<string, number>();
  /** Each node's last report, made after the logical time `after`. */
  readonly #reports = new Map<string, { readonly after: number; readonly applied: number }>();

  constructor(node: Pick<Node, "peers" | "random">) {
    this.#node = node;
    this.#time = Math.floor(MAX_FIRST_NONCE * node.random());
  }

  /** Returns the nonce for a reply that is sent to a node now. */
  nonceFor(node: string): number {
    const nonce = ++this.#time;
    this.#nonces.set(node, nonce);
    return nonce;
  }

  /** Handles a report. A lost, delayed or duplicate report is harmless. */
  receive(node: string, { applied, nonce }: Report): void {
    if (applied === undefined || nonce === undefined || this.#nonces.get(node) !== nonce) return;
    invariant(nonce <= this.#time, "a report repeats a nonce that this node has sent");
    this.#reports.set(node, { after: nonce, applied });
  }

  /** Starts to wait for the confirmation of a request that arrives now, with this report. */
  startRead(sender: string, { applied }: Report): PendingRead {
    return { sender, applied, arrivedAt: ++this.#time };
  }

  /** Returns whether a log of this length contains everything that a read must see. */
  confirms(length: number, { sender, applied, arrivedAt }: PendingRead): boolean {
    if (applied === undefined || applied > length) return false;
    return this.#node.peers.every((peer) => {
      if (peer === sender) return true;
      const report = this.#reports.get(peer);
      return report !== undefined && report.after >= arrivedAt && report.applied <= length;
    });
  }
}
