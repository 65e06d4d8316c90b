/**
 * The execution phase of optimistic concurrency control (Kung and Robinson 1981): runs batches
 * against the state that this node has read, in a {@link Workspace}. A compare-and-set of the root
 * then validates and commits the plan.
 *
 * @module
 */

import type { MicroOperation, Write } from "../transaction.ts";
import type { Batch, PendingBatch } from "./batch.ts";
import type { Database } from "./database.ts";
import type { CommittedBatch } from "./root_record.ts";

/** What batches would read and write if they were committed now. */
export interface CommitPlan {
  /** The results of each batch, in order; undefined for one that its own node has abandoned. */
  readonly results: readonly (MicroOperation[][] | undefined)[];
  /** The writes to append to the log. */
  readonly writes: readonly Write[];
  /** The batches of these writes. */
  readonly batches: readonly CommittedBatch[];
}

interface PlannedBatch extends CommittedBatch {
  readonly results: MicroOperation[][];
  readonly writes: number;
}

/**
 * Runs batches serially.
 *
 * A batch that is committed already, or appears twice, does not run again: its results are what it
 * read then. Of each session only the newest batch runs, since its node has abandoned older ones.
 */
export function planCommit(database: Database, pending: readonly PendingBatch[]): CommitPlan {
  const workspace = database.workspace();
  const planned = new Map<string, PlannedBatch>();
  for (const batch of pending.toSorted((one, other) => other.sequence - one.sequence)) {
    const { session, sequence, transactions } = batch;
    const last = database.lastOf(session);
    if (planned.has(session) || (last !== undefined && last.sequence >= sequence)) continue;
    const before = workspace.writes.length;
    const results = transactions.map((transaction) => workspace.run(transaction));
    const writes = workspace.writes.length - before;
    planned.set(session, { session, sequence, results, writes, start: database.length + before });
  }
  return {
    results: pending.map((batch) => resultsOf(batch, planned.get(batch.session), database)),
    writes: workspace.writes,
    // A read-only batch is not recorded: running it again is harmless.
    batches: [...planned.values()].filter(({ writes }) => writes > 0)
      .map(({ session, sequence, start }) => ({ session, sequence, start })),
  };
}

function resultsOf(batch: Batch, planned: PlannedBatch | undefined, database: Database) {
  const { session, sequence, transactions } = batch;
  if (planned !== undefined) return planned.sequence === sequence ? planned.results : undefined;
  const last = database.lastOf(session);
  if (last?.sequence !== sequence) return undefined;
  const workspace = database.workspace(last.start);
  return transactions.map((transaction) => workspace.run(transaction));
}
