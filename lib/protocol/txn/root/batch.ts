/**
 * Group commit: how transactions gather in batches, which are committed together or not at all.
 *
 * A batch belongs to a client session with the root, as in the Raft thesis (Ongaro 2014, section
 * 6.3): it has the session's next sequence number, and the root records the last batch of each
 * session. So a batch that is tried twice takes effect once.
 *
 * Transactions gather twice: those of a node's clients in one batch, and those batches, one a node,
 * in one commit. Either time the senders are probably closed loops, each of which sends its next
 * request shortly after a reply (Schroeder, Wierman and Harchol-Balter, "Open Versus Closed: A
 * Cautionary Tale", 2006). So {@link ClosedLoops} waits until each recent sender has sent something,
 * at most for the linger time (the `linger` of Kafka's producers). A lone or infrequent sender does
 * not wait, and under steady load all senders share one compare-and-set.
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";
import type { Transaction } from "../transaction.ts";

/** Transactions that are committed together or not at all. */
export interface Batch {
  /** The session of one incarnation of a node. It has one batch under way at a time. */
  readonly session: string;
  /** The number of the batch in its session; increasing. */
  readonly sequence: number;
  readonly transactions: readonly Transaction[];
}

/** A sender without a request for this many linger times is not a closed loop. */
const MAX_IDLE_LINGERS = 5;

/** Senders that probably send their next request shortly after each reply. */
export class ClosedLoops {
  readonly #node: Pick<Node, "monotonic" | "after">;
  readonly #lingerMs: () => number;
  /** When each recent sender sent its last request. */
  readonly #lastSentAt = new Map<string, number>();
  /** The senders with an outstanding request. */
  readonly #outstanding = new Set<string>();
  #waiting: (() => void)[] = [];

  /** `lingerMs` returns how long to wait for a sender at present, in milliseconds. */
  constructor(node: Pick<Node, "monotonic" | "after">, lingerMs: () => number) {
    this.#node = node;
    this.#lingerMs = lingerMs;
  }

  /** Notes a request. */
  sent(sender: string): void {
    this.#lastSentAt.set(sender, this.#node.monotonic());
    this.#outstanding.add(sender);
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Whether a sender has an outstanding request, or had one until recently. */
  isRecent(sender: string): boolean {
    return this.#outstanding.has(sender) || !this.#haveSent(sender);
  }

  /** Notes the reply to a request. */
  replied(sender: string): void {
    this.#outstanding.delete(sender);
  }

  /**
   * Resolves when each recent sender has an outstanding request, or only the one given, at the
   * latest after the linger time.
   */
  async haveSent(only?: string): Promise<void> {
    const endsAt = this.#node.monotonic() + this.#lingerMs();
    while (!this.#haveSent(only)) {
      const leftMs = endsAt - this.#node.monotonic();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        const resume = () => {
          cancel();
          resolve();
        };
        const cancel = this.#node.after(leftMs, resume);
        this.#waiting.push(resume);
      });
    }
  }

  #haveSent(only: string | undefined): boolean {
    const now = this.#node.monotonic();
    for (const [sender, lastSentAt] of this.#lastSentAt) {
      if (this.#outstanding.has(sender) || (only ?? sender) !== sender) continue;
      if (now - lastSentAt < MAX_IDLE_LINGERS * this.#lingerMs()) return false;
      this.#lastSentAt.delete(sender);
    }
    return true;
  }
}
