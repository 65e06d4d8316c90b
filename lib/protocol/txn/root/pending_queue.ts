/**
 * The pending queue of a committer: requests of the node's own clients, and forwarded batches.
 *
 * A request joins a batch at its first attempt. If the attempt certainly failed, the request
 * returns to the queue and may join another batch. If its outcome is unknown, the batch returns
 * unchanged.
 *
 * @module
 */

import type { MicroOperation, Transaction } from "../transaction.ts";
import { batchOfRequests, isReadOnly, type PendingBatch } from "./batch.ts";
import type { ClientRequest } from "./client_request.ts";
import type { PendingRead } from "./read_quorum.ts";

interface OwnRequest {
  readonly request: ClientRequest;
  /** For a read-only request: what a read quorum must confirm. */
  readonly read: PendingRead | undefined;
}

/** Requests and batches that wait to be committed. */
export class PendingQueue {
  readonly #session: string;
  readonly #startRead: () => PendingRead;
  #requests: OwnRequest[] = [];
  #batches: PendingBatch[] = [];
  #lastSequence = 0;

  /**
   * `session` is the session of the batches made of clients' requests. `startRead` starts a
   * read-only request of a client that arrives now.
   */
  constructor(session: string, startRead: () => PendingRead) {
    this.#session = session;
    this.#startRead = startRead;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#requests.length + this.#batches.length === 0;
  }

  /** Whether something in the queue must be committed by a compare-and-set. */
  get hasWrites(): boolean {
    return this.#hasOwnWrites || this.#batches.some(({ read }) => read === undefined);
  }

  get #hasOwnWrites(): boolean {
    return this.#requests.some(({ read }) => read === undefined);
  }

  /** Adds a request of one of this node's clients. */
  addRequest(request: ClientRequest): void {
    const read = isReadOnly([request.transaction]) ? this.#startRead() : undefined;
    this.#requests.push({ request, read });
  }

  /** Adds a batch. */
  addBatch(batch: PendingBatch): void {
    this.#batches.push(batch);
  }

  /** Returns whether a batch waits. */
  has(batch: PendingBatch): boolean {
    return this.#batches.includes(batch);
  }

  /**
   * Runs and removes the read-only entries that `isConfirmed` accepts. Returns the senders, nodes
   * or clients, of these entries.
   */
  serveReads(
    isConfirmed: (read: PendingRead) => boolean,
    run: (transaction: Transaction) => MicroOperation[],
  ): string[] {
    const served: string[] = [];
    const remains = (read: PendingRead | undefined, sender: string, serve: () => void) => {
      if (read === undefined || !isConfirmed(read)) return true;
      serve();
      served.push(sender);
      return false;
    };
    // A commit is due anyway when this node's clients write. Then forwarded reads join it, because
    // the reply to a commit can wait for this node's clients (see `Committer.commit`).
    if (!this.#hasOwnWrites) {
      this.#batches = this.#batches.filter((batch) =>
        remains(
          batch.read,
          batch.read?.sender ?? "",
          () => batch.committed(batch.transactions.map(run)),
        )
      );
    }
    this.#requests = this.#requests.filter(({ read, request }) =>
      remains(read, request.client, () => request.committed(run(request.transaction)))
    );
    return served;
  }

  /** Removes and returns the batches to commit next. Drops those whose results nothing awaits. */
  seal(): PendingBatch[] {
    const batches = this.#batches.filter((batch) => !batch.isAbandoned());
    this.#batches = [];
    // A session has one batch under way: the root records the outcome of its last batch only.
    if (batches.some(({ session }) => session === this.#session)) return batches;
    const requests = this.#requests.map(({ request }) => request)
      .filter((request) => !request.isSettled);
    this.#requests = [];
    if (requests.length === 0) return batches;
    return [...batches, batchOfRequests(requests, this.#session, ++this.#lastSequence)];
  }

  /** Puts back batches that were certainly not committed. */
  returnFailed(batches: readonly PendingBatch[]): void {
    for (const batch of batches) {
      if (batch.requests.length === 0) this.#batches.push(batch);
      for (const request of batch.requests) {
        request.failed();
        this.addRequest(request);
      }
    }
  }

  /** Puts back batches whose outcome is unknown. They must be tried again unchanged. */
  returnIndeterminate(batches: readonly PendingBatch[]): void {
    this.#batches.unshift(...batches.map((batch) => ({ ...batch, requests: [] })));
  }
}
