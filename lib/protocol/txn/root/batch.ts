/**
 * Batches: transactions that are committed together or not at all.
 *
 * A batch belongs to a client session with the root, as in the Raft thesis (Ongaro 2014, section
 * 6.3): it has the session's next sequence number, and the root records the last batch of each
 * session. So a batch that is tried twice takes effect once.
 *
 * @module
 */

import { ErrorCode, type Node, RpcError } from "../../../node/mod.ts";
import { isRead, type MicroOperation, type Transaction } from "../transaction.ts";
import type { ClientRequest } from "./client_request.ts";
import type { PendingRead } from "./read_quorum.ts";

/** Transactions that are committed together or not at all. */
export interface Batch {
  /** The session of one incarnation of a node. A session has one batch under way at a time. */
  readonly session: string;
  /** The number of the batch in its session; increasing. */
  readonly sequence: number;
  readonly transactions: readonly Transaction[];
}

/** Whether no transaction writes. */
export function isReadOnly(transactions: readonly Transaction[]): boolean {
  return transactions.every((transaction) => transaction.every(isRead));
}

/** A batch that waits to be committed. */
export interface PendingBatch extends Batch {
  /** For a read-only batch of another node: what a read quorum must confirm. */
  readonly read: PendingRead | undefined;
  /** The clients' requests in it; empty once an attempt may have committed the batch. */
  readonly requests: readonly ClientRequest[];
  /** Returns whether nothing awaits the results any more. */
  isAbandoned(): boolean;
  /** Delivers the results of a committed batch. */
  committed(results: MicroOperation[][]): void;
  /** Notes that the session has committed a later batch: its node has abandoned this one. */
  superseded(): void;
}

/**
 * Makes a pending batch of a forwarded one. `results` rejects with an `RpcError`: code 0 (timeout)
 * after `timeoutMs` milliseconds, code 14 (abort) when the session has committed a later batch.
 */
export function forwardedBatch(
  batch: Batch,
  read: PendingRead,
  node: Pick<Node, "after">,
  timeoutMs: number,
): { readonly pending: PendingBatch; readonly results: Promise<MicroOperation[][]> } {
  const { promise: results, resolve, reject } = Promise.withResolvers<MicroOperation[][]>();
  let isTimedOut = false;
  const cancel = node.after(timeoutMs, () => {
    isTimedOut = true;
    reject(
      new RpcError(ErrorCode.timeout, `the batch was not committed within ${timeoutMs} ms`),
    );
  });
  const pending: PendingBatch = {
    ...batch,
    read: isReadOnly(batch.transactions) ? read : undefined,
    requests: [],
    isAbandoned: () => isTimedOut,
    committed(results) {
      cancel();
      resolve(results);
    },
    superseded() {
      cancel();
      const text = `session ${batch.session} has committed a batch after number ${batch.sequence}`;
      reject(new RpcError(ErrorCode.abort, text));
    },
  };
  return { pending, results };
}

/** Makes a pending batch of clients' requests, which count as attempted from now on. */
export function batchOfRequests(
  requests: readonly ClientRequest[],
  session: string,
  sequence: number,
): PendingBatch {
  for (const request of requests) request.attempted();
  return {
    requests,
    read: undefined,
    session,
    sequence,
    transactions: requests.map(({ transaction }) => transaction),
    isAbandoned: () => requests.every((request) => request.isSettled),
    committed: (results) => replyToClients(requests, results),
    superseded: () => {},
  };
}

/** Replies to clients with the results of their transactions. */
export function replyToClients(
  requests: readonly ClientRequest[],
  results: readonly MicroOperation[][],
): void {
  requests.forEach((request, index) => request.committed(results[index] as MicroOperation[]));
}
