/**
 * What would come of committing some jobs on the state that a node knows.
 *
 * @module
 */

import type { MicroOperation, Write } from "../transaction.ts";
import type { Database } from "./database.ts";
import type { Ticket } from "./job.ts";
import type { DoneJob } from "./root_record.ts";

/** What would come of it. */
export interface Plan {
  /** By ticket; undefined for one that its own node has given up. */
  readonly results: readonly (MicroOperation[][] | undefined)[];
  /** What is to be added to the history. */
  readonly writes: readonly Write[];
  /** The jobs that these writes are of. */
  readonly jobs: readonly DoneJob[];
}

interface Planned extends DoneJob {
  readonly results: MicroOperation[][];
  readonly writes: number;
}

/**
 * Runs jobs one after the other. A job that is part of the history already, or comes twice, is not
 * run again: its results are what it has read then. Of a stream only the newest job is run, since
 * an older one that comes with it has been given up.
 */
export function planCommit(database: Database, tickets: readonly Ticket[]): Plan {
  const draft = database.draft();
  const planned = new Map<string, Planned>();
  for (const ticket of tickets.toSorted((one, other) => other.sequence - one.sequence)) {
    const { stream, sequence, transactions } = ticket;
    const last = database.lastOf(stream);
    if (planned.has(stream) || (last !== undefined && last.sequence >= sequence)) continue;
    const before = draft.writes.length;
    const results = transactions.map((transaction) => draft.run(transaction));
    const writes = draft.writes.length - before;
    planned.set(stream, { stream, sequence, results, writes, start: database.length + before });
  }
  return {
    results: tickets.map((ticket) => resultsOf(ticket, planned.get(ticket.stream), database)),
    writes: draft.writes,
    // One that only reads leaves no trace: to run it once more does no harm.
    jobs: [...planned.values()].filter(({ writes }) => writes > 0)
      .map(({ stream, sequence, start }) => ({ stream, sequence, start })),
  };
}

function resultsOf(ticket: Ticket, planned: Planned | undefined, database: Database) {
  const { stream, sequence, transactions } = ticket;
  if (planned !== undefined) return planned.sequence === sequence ? planned.results : undefined;
  const last = database.lastOf(stream);
  if (last?.sequence !== sequence) return undefined;
  const draft = database.draft(last.start);
  return transactions.map((transaction) => draft.run(transaction));
}
