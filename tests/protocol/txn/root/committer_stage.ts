/**
 * A committer at stores that a test controls, and transactions on one list.
 *
 * @module
 */

import type { Node } from "../../../../lib/node/mod.ts";
import type { MicroOperation, Transaction } from "../../../../lib/protocol/txn/mod.ts";
import { ClientRequest } from "../../../../lib/protocol/txn/root/client_request.ts";
import { Committer } from "../../../../lib/protocol/txn/root/committer.ts";
import type { FakeNode } from "../../../../lib/testing/fake_node.ts";
import type { Stores } from "./stores.ts";

/** So that a test need not wait. */
export const pace = { gather: 0, turn: 20, patience: 3000 };
/** Reads x. */
export const read: Transaction = [["r", "x", null]];

/** Reads x and appends to it. */
export function append(value: number): Transaction {
  return [["r", "x", null], ["append", "x", value]];
}

/** A committer and its node. */
export interface Stage {
  readonly fake: FakeNode;
  readonly node: Node;
  readonly committer: Committer;
  /** A client's transaction. */
  ask(transaction: Transaction, client?: string): Promise<MicroOperation[]>;
}

/** A committer at these stores; what comes to it waits for others for `gather` milliseconds. */
export function stage(stores: Stores, id: string, nodes = ["n1", "n2"], gather = 0): Stage {
  const { fake, node } = stores.node(id, nodes);
  const committer = new Committer(node, stores.database(node), `${id}/own`, { ...pace, gather });
  return {
    fake,
    node,
    committer,
    ask(transaction, client = "c1") {
      const request = new ClientRequest(node, transaction, client, pace.patience);
      committer.take(request);
      return request.answer;
    },
  };
}

/** How many compare-and-sets were asked for. */
export function casCount({ asked }: Stores): number {
  return asked.filter((request) => request === "lin-kv cas").length;
}
