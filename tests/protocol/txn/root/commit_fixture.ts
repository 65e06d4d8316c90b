/**
 * A committer on stores that a test controls, and transactions on one list.
 *
 * @module
 */

import type { Node } from "../../../../lib/node/mod.ts";
import type { MicroOperation, Transaction } from "../../../../lib/protocol/txn/mod.ts";
import { Request } from "../../../../lib/protocol/txn/root/batch.ts";
import { Committer } from "../../../../lib/protocol/txn/root/commit.ts";
import type { FakeNode } from "../../../../lib/testing/fake_node.ts";
import type { Stores } from "./stores.ts";

/** Short times, so that a test does not wait. */
export const options = { lingerMs: 0, leaseMs: 20, timeoutMs: 3000 };
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
  /** Submits a client's transaction, and resolves to its results. */
  transact(transaction: Transaction, client?: string): Promise<MicroOperation[]>;
}

/** Returns a committer on these stores, with a batching window of `lingerMs` milliseconds. */
export function startCommitter(
  stores: Stores,
  id: string,
  nodes = ["n1", "n2"],
  lingerMs = 0,
): Fixture {
  const { fake, node } = stores.node(id, nodes);
  const committer = new Committer(node, stores.log(node), `${id}/own`, {
    ...options,
    lingerMs,
  });
  return {
    fake,
    node,
    committer,
    transact(transaction, client = "c1") {
      const request = new Request(node, [transaction], client, options.timeoutMs);
      committer.submit(request);
      return request.reply.then(([results]) => results as MicroOperation[]);
    },
  };
}

/** Returns the number of compare-and-sets that were requested. */
export function casCount({ requests }: Stores): number {
  return requests.filter((request) => request === "lin-kv cas").length;
}
