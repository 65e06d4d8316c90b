/**
 * A committer on stores that a test controls, and transactions on one list.
 *
 * @module
 */

import type { Node } from "../../../../lib/node/mod.ts";
import type { MicroOperation, Transaction } from "../../../../lib/protocol/txn/mod.ts";
import { Committer } from "../../../../lib/protocol/txn/root/commit.ts";
import { OWN_REPORT } from "../../../../lib/protocol/txn/root/read_index.ts";
import type { FakeNode } from "../../../../lib/testing/fake_node.ts";
import type { Stores } from "./stores.ts";

/** The back-off of a {@link Fixture}: short, so that a test does not wait. */
export const BACKOFF_MS = 20;
/** A transaction that reads x. */
export const read: Transaction = [["r", "x", null]];

/** Returns a transaction that reads x and appends to it. */
export function append(value: number): Transaction {
  return [["r", "x", null], ["append", "x", value]];
}

/** A committer and its node. */
export interface Fixture {
  readonly fake: FakeNode;
  readonly node: Node;
  readonly committer: Committer;
  /** Commits a transaction as a batch of a node, by default of this one; returns its results. */
  transact(transaction: Transaction, sender?: string): Promise<MicroOperation[]>;
}

/** Returns a committer on these stores. */
export function startCommitter(
  stores: Stores,
  id: string,
  nodes = ["n1", "n2"],
  lingerMs = 0,
): Fixture {
  const { fake, node } = stores.node(id, nodes);
  const committer = new Committer(node, stores.log(node), { lingerMs, backoffMs: BACKOFF_MS });
  let sequence = 0;
  return {
    fake,
    node,
    committer,
    async transact(transaction, sender = id) {
      const batch = {
        session: `${id}/${sender}`,
        sequence: ++sequence,
        transactions: [transaction],
      };
      const [results] = await committer.commit(batch, sender, OWN_REPORT);
      return results as MicroOperation[];
    },
  };
}

/** Returns the number of compare-and-sets that were requested. */
export function casCount({ requests }: Stores): number {
  return requests.filter((request) => request === "lin-kv cas").length;
}
