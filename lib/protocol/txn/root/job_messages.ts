/**
 * How nodes hand each other jobs: `commit` with the transactions, answered by the values that their
 * reads have; everything else the one who asks knows. With both goes what {@link Witnesses} need.
 *
 * @module
 */

import { type Body, type Json, type Node, schema } from "../../../node/mod.ts";
import { isRead, type MicroOperation, readTransaction, type Transaction } from "../transaction.ts";
import type { Committer } from "./committer.ts";
import type { Job } from "./job.ts";
import type { Statement } from "./witnesses.ts";

const jobFields = {
  stream: schema.string,
  sequence: schema.natural,
  transactions: schema.array(schema.array(schema.json)),
  known: schema.optional(schema.natural),
  mark: schema.optional(schema.natural),
};

/** The reply to a `commit`. */
export const jobReply = schema.object({
  reads: schema.array(schema.json),
  mark: schema.natural,
});

/** Answers `commit` requests of other nodes; `write` is what writing micro-operations are called. */
export function serveJobs(node: Node, write: string, committer: Committer): void {
  node.on("commit", jobFields, async (request, { src }) => {
    const { stream, sequence, known, mark } = request;
    const transactions = request.transactions.map((items) => readTransaction(items, write));
    const job = { stream, sequence, transactions };
    const results = await committer.commit(job, src, { known, mark });
    return { type: "commit_ok", reads: results.flatMap(readsOf), mark: committer.markFor(src) };
  });
}

/** The request that hands a job over. */
export function toBody(job: Job, { known, mark }: Statement): Body {
  const { stream, sequence } = job;
  const transactions = job.transactions.map((one) => [...one]);
  return {
    type: "commit",
    stream,
    sequence,
    transactions,
    ...(known === undefined ? {} : { known }),
    ...(mark === undefined ? {} : { mark }),
  };
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
