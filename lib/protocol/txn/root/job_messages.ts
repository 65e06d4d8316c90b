/**
 * How nodes hand each other jobs: `commit` with the transactions, answered by the values that their
 * reads have; everything else the one who asks knows.
 *
 * @module
 */

import { type Body, type Json, type Node, schema } from "../../../node/mod.ts";
import { isRead, type MicroOperation, readTransaction, type Transaction } from "../transaction.ts";
import type { Committer } from "./committer.ts";
import type { Job } from "./job.ts";

const jobFields = {
  stream: schema.string,
  sequence: schema.natural,
  transactions: schema.array(schema.array(schema.json)),
};

/** The reply to a `commit`. */
export const jobReply = schema.object({ reads: schema.array(schema.json) });

/** Answers `commit` requests of other nodes; `write` is what writing micro-operations are called. */
export function serveJobs(node: Node, write: string, committer: () => Committer): void {
  node.on("commit", jobFields, async ({ stream, sequence, transactions }, { src }) => {
    const job = {
      stream,
      sequence,
      transactions: transactions.map((items) => readTransaction(items, write)),
    };
    const results = await committer().commit(job, src);
    return { type: "commit_ok", reads: results.flatMap(readsOf) };
  });
}

/** The request that hands a job over. */
export function toBody({ stream, sequence, transactions }: Job): Body {
  return { type: "commit", stream, sequence, transactions: transactions.map((one) => [...one]) };
}

function readsOf(done: readonly MicroOperation[]): Json[] {
  return done.filter(isRead).map(([, , value]) => value);
}

/** Transactions with the values that their reads have, in order. */
export function withReads(
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
