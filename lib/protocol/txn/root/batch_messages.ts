/**
 * The messages that forward batches: `commit` carries the transactions, and its reply the values of
 * their reads, in order. The sender has everything else. Both carry what a {@link ReadQuorum}
 * needs.
 *
 * @module
 */

import { type Body, contract, type Json, type Node, schema } from "../../../node/mod.ts";
import {
  checkDepth,
  isRead,
  type MicroOperation,
  type Transaction,
  type WriteName,
} from "../transaction.ts";
import type { Batch } from "./batch.ts";
import type { Committer } from "./committer.ts";
import type { Report } from "./read_quorum.ts";

/** The reply to a `commit`. */
export const batchReply = schema.object({
  reads: schema.array(schema.json),
  nonce: schema.natural,
});

/** Serves the `commit` requests of other nodes, whose writes are named `write`. */
export function serveBatches(node: Node, write: WriteName, committer: Committer): void {
  const { txn } =
    (write === "append" ? contract.txnListAppend : contract.txnRwRegister).txn.request;
  const fields = {
    session: schema.string,
    sequence: schema.natural,
    transactions: schema.array<Transaction>(txn),
    applied: schema.optional(schema.natural),
    nonce: schema.optional(schema.natural),
  };
  node.on("commit", fields, async (request, { src }) => {
    const { session, sequence, transactions, applied, nonce } = request;
    transactions.forEach(checkDepth);
    const batch = { session, sequence, transactions };
    const results = await committer.commit(batch, src, { applied, nonce });
    return { type: "commit_ok", reads: results.flatMap(readsOf), nonce: committer.nonceFor(src) };
  });
}

/** Returns the request that forwards a batch. */
export function toCommitRequest(batch: Batch, { applied, nonce }: Report): Body {
  const { session, sequence } = batch;
  const transactions = batch.transactions.map((transaction) => [...transaction]);
  return {
    type: "commit",
    session,
    sequence,
    transactions,
    ...(applied === undefined ? {} : { applied }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function readsOf(results: readonly MicroOperation[]): Json[] {
  return results.filter(isRead).map(([, , value]) => value);
}

/** Fills the values of the reads, in order, into transactions. */
export function fillReads(
  transactions: readonly Transaction[],
  reads: readonly Json[],
): MicroOperation[][] {
  let next = 0;
  return transactions.map((transaction) =>
    transaction.map((operation): MicroOperation => {
      const [f, key] = operation;
      return isRead(operation) ? [f, key, reads[next++] ?? null] : operation;
    })
  );
}
