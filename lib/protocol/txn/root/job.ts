/**
 * Jobs: transactions that are committed together or not at all, and who waits for them.
 *
 * @module
 */

import { ErrorCode, type Node, RpcError } from "../../../node/mod.ts";
import { isRead, type MicroOperation, type Transaction } from "../transaction.ts";
import type { ClientRequest } from "./client_request.ts";
import type { Reader } from "./witnesses.ts";

/** Transactions that are committed together or not at all. */
export interface Job {
  /** Whose job: a life of a node, which has one job under way at a time. */
  readonly stream: string;
  /** The number of the job in its stream; rises. */
  readonly sequence: number;
  readonly transactions: readonly Transaction[];
}

/** Whether transactions leave everything as it is. */
export function onlyRead(transactions: readonly Transaction[]): boolean {
  return transactions.every((transaction) => transaction.every(isRead));
}

/** A job that waits to be committed. */
export interface Ticket extends Job {
  /** For whom it is; undefined if it does not only read, or came up here. */
  readonly reader: Reader | undefined;
  /** The clients' requests that it consists of, if no attempt has ever been made at it. */
  readonly requests: readonly ClientRequest[];
  /** Whether nobody waits for it any more. */
  isAbandoned(): boolean;
  /** It is committed, with these reads. */
  committed(results: MicroOperation[][]): void;
  /** A later job of the same stream is committed: its own node has given this one up. */
  superseded(): void;
}

/** A ticket for a job that somebody else made, and what comes of it in so many milliseconds. */
export function ticketFor(
  job: Job,
  reader: Reader,
  node: Pick<Node, "after">,
  patience: number,
): { readonly ticket: Ticket; readonly done: Promise<MicroOperation[][]> } {
  const { promise: done, resolve, reject } = Promise.withResolvers<MicroOperation[][]>();
  let isOver = false;
  const cancel = node.after(patience, () => {
    isOver = true;
    reject(new RpcError(ErrorCode.timeout, "the job was not committed in time"));
  });
  const ticket: Ticket = {
    ...job,
    reader: onlyRead(job.transactions) ? reader : undefined,
    requests: [],
    isAbandoned: () => isOver,
    committed(results) {
      cancel();
      resolve(results);
    },
    superseded() {
      cancel();
      reject(new RpcError(ErrorCode.abort, "a later job of the same stream is committed"));
    },
  };
  return { ticket, done };
}

/** A ticket for a new job that consists of clients' requests; they count as tried from now on. */
export function ticketOf(
  requests: readonly ClientRequest[],
  stream: string,
  sequence: number,
): Ticket {
  for (const request of requests) request.tried();
  return {
    requests,
    reader: undefined,
    stream,
    sequence,
    transactions: requests.map(({ transaction }) => transaction),
    isAbandoned: () => requests.every((request) => request.isAnswered),
    committed: (results) => answer(requests, results),
    superseded: () => {},
  };
}

/** Tells clients what their transactions did. */
export function answer(
  requests: readonly ClientRequest[],
  results: readonly MicroOperation[][],
): void {
  requests.forEach((request, index) => request.committed(results[index] as MicroOperation[]));
}
