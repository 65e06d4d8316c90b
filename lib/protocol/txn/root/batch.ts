/**
 * Group commit: how transactions gather in batches, which are committed together or not at all.
 *
 * A batch belongs to a client session with the root, as in the Raft thesis (Ongaro 2014, section
 * 6.3): it has the session's next sequence number, and the root records the last batch of each
 * session. So a batch that is tried twice takes effect once.
 *
 * A client's request joins a batch when an attempt to commit it starts. If the attempt certainly
 * failed, the request returns to the queue and may join another batch. If its outcome is unknown,
 * the batch returns unchanged.
 *
 * A {@link BatchWindow} decides how long a committer lingers for more transactions before it seals
 * a batch (the `linger` of Kafka's producers). The window closes when every recent sender has sent
 * something, or after the linger time. A sender, a client or a node, is recent if its last request
 * is at most {@link MAX_IDLE_WINDOWS} windows old: it is probably a closed-loop client that sends
 * its next request soon. So a lone or infrequent client does not wait, and under steady load a
 * window's transactions share one compare-and-set.
 *
 * @module
 */

import { ErrorCode, type Node, RpcError } from "../../../node/mod.ts";
import { isRead, type MicroOperation, type Transaction } from "../transaction.ts";
import { MAX_IDLE_WINDOWS, type PendingRead } from "./read_index.ts";

/** Transactions that are committed together or not at all. */
export interface Batch {
  /** The session of one incarnation of a node. A session has one batch under way at a time. */
  readonly session: string;
  /** The number of the batch in its session; increasing. */
  readonly sequence: number;
  readonly transactions: readonly Transaction[];
}

/** A request to commit transactions, from a client or from a node that forwards a batch. */
export class Request {
  /** Resolves to the transactions with their reads filled in. */
  readonly reply: Promise<MicroOperation[][]>;
  /** Whether an attempt may have committed the transactions, or may still do so. */
  mayBeCommitted = false;
  /** For read-only transactions: what a read quorum must confirm. */
  read: PendingRead | undefined;
  readonly #resolve: (results: MicroOperation[][]) => void;
  readonly #reject: (error: RpcError) => void;
  readonly #cancelTimer: () => void;
  #isSettled = false;

  /**
   * After `timeoutMs` milliseconds the reply rejects: with the definite error 30 (txn-conflict) if
   * no attempt can still commit the transactions, or else with the indefinite 0 (timeout).
   */
  constructor(
    node: Pick<Node, "after">,
    readonly transactions: readonly Transaction[],
    readonly sender: string,
    timeoutMs: number,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<MicroOperation[][]>();
    this.reply = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#cancelTimer = node.after(timeoutMs, () => this.#timeOut(timeoutMs));
  }

  /** Whether the sender has its reply. A request without an attempt by then gets none. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether no transaction writes. */
  get isReadOnly(): boolean {
    return this.transactions.every((transaction) => transaction.every(isRead));
  }

  /** Replies: the transactions are committed, with these results. */
  resolve(results: MicroOperation[][]): void {
    this.#settle();
    this.#resolve(results);
  }

  /** Replies with an error. */
  reject(error: RpcError): void {
    this.#settle();
    this.#reject(error);
  }

  #timeOut(timeoutMs: number): void {
    const text = `the transaction was not committed within ${timeoutMs} ms`;
    this.reject(
      this.mayBeCommitted
        ? new RpcError(ErrorCode.timeout, `${text}; whether it will be is unknown`)
        : new RpcError(ErrorCode.txnConflict, `${text} and never will be; retry it`),
    );
  }

  /** The first reply counts: a promise settles once. */
  #settle(): void {
    this.#isSettled = true;
    this.#cancelTimer();
  }
}

/** A batch that waits to be committed. */
export type PendingBatch = Batch & {
  /** The requests for its transactions, in order. */
  readonly requests: readonly Request[];
  /** Whether it must stay as it is: it may be committed already, or another node has made it. */
  readonly isFixed: boolean;
};

/** Replies to the requests of a batch, whose transactions have these results. */
export function deliver(requests: readonly Request[], results: readonly MicroOperation[][]): void {
  let start = 0;
  for (const request of requests) {
    const end = start + request.transactions.length;
    request.resolve(results.slice(start, end));
    start = end;
  }
}

/** The requests of a node's own clients, and the batches, that wait to be committed. */
export class PendingQueue {
  readonly #session: string;
  readonly #startRead: () => PendingRead;
  #requests: Request[] = [];
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
    return this.#hasOwnWrites ||
      this.#batches.some(({ requests }) => requests.some(({ read }) => read === undefined));
  }

  get #hasOwnWrites(): boolean {
    return this.#requests.some(({ read }) => read === undefined);
  }

  /** Adds a request of one of this node's clients. */
  addRequest(request: Request): void {
    request.read = request.isReadOnly ? this.#startRead() : undefined;
    this.#requests.push(request);
  }

  /** Adds a batch that another node has made. */
  addBatch(batch: Batch, request: Request): void {
    this.#batches.push({ ...batch, requests: [request], isFixed: true });
  }

  /** Runs and removes the reads that `isConfirmed` accepts. Returns their senders. */
  serveReads(
    isConfirmed: (read: PendingRead) => boolean,
    run: (transaction: Transaction) => MicroOperation[],
  ): string[] {
    const served: string[] = [];
    const remains = (request: Request) => {
      if (request.read === undefined || !isConfirmed(request.read)) return true;
      request.resolve(request.transactions.map(run));
      served.push(request.sender);
      return false;
    };
    // A commit is due anyway when this node's clients write. Then forwarded reads join it, because
    // the reply to a commit can wait for this node's clients (see `Committer.commit`).
    if (!this.#hasOwnWrites) {
      this.#batches = this.#batches.filter(({ requests }) => requests.some(remains));
    }
    this.#requests = this.#requests.filter(remains);
    return served;
  }

  /** Removes and returns the batches to commit next. Drops those whose results nothing awaits. */
  seal(): PendingBatch[] {
    const batches = this.#batches.filter(({ requests }) =>
      requests.some((request) => !request.isSettled)
    );
    this.#batches = [];
    // A session has one batch under way: the root records the outcome of its last batch only.
    if (batches.some(({ session }) => session === this.#session)) return batches;
    const requests = this.#requests.filter((request) => !request.isSettled);
    this.#requests = [];
    if (requests.length === 0) return batches;
    for (const request of requests) {
      request.mayBeCommitted = true;
      request.read = undefined;
    }
    const transactions = requests.flatMap((request) => request.transactions);
    const name = { session: this.#session, sequence: ++this.#lastSequence };
    return [...batches, { ...name, transactions, requests, isFixed: false }];
  }

  /** Puts back batches that were certainly not committed. */
  returnFailed(batches: readonly PendingBatch[]): void {
    this.#batches.push(...batches.filter(({ isFixed }) => isFixed));
    for (const request of batches.flatMap(({ isFixed, requests }) => isFixed ? [] : requests)) {
      request.mayBeCommitted = false;
      this.addRequest(request);
    }
  }

  /** Puts back batches whose outcome is unknown. They must be tried again unchanged. */
  returnIndeterminate(batches: readonly PendingBatch[]): void {
    this.#batches.unshift(...batches.map((batch) => ({ ...batch, isFixed: true })));
  }
}

/**
 * Decides when a batch is complete.
 *
 * A sender whose read was served immediately is not waited for if the batch writes. If the batch
 * only reads, the window stays open for that sender: its next report may confirm the reads.
 */
export class BatchWindow {
  readonly #node: Pick<Node, "monotonic" | "after">;
  readonly #lingerMs: () => number;
  readonly #hasWrites: () => boolean;
  /** When each recent sender sent its last request. */
  readonly #lastRequestAt = new Map<string, number>();
  /** The senders in this window, and whether each waits for the batch. */
  readonly #arrived = new Map<string, boolean>();
  #openedAt = 0;
  #close: () => void = () => {};

  /**
   * `lingerMs` returns the maximum length of a window at present, in milliseconds. `hasWrites`
   * returns whether the next batch writes.
   */
  constructor(
    node: Pick<Node, "monotonic" | "after">,
    lingerMs: () => number,
    hasWrites: () => boolean,
  ) {
    this.#node = node;
    this.#lingerMs = lingerMs;
    this.#hasWrites = hasWrites;
  }

  /** Handles a request, which waits for the batch or has been served already. */
  arrived(sender: string, isWaiting: boolean): void {
    const now = this.#node.monotonic();
    if (this.#arrived.size === 0) this.#openedAt = now;
    this.#arrived.set(sender, isWaiting);
    this.#lastRequestAt.set(sender, now);
    if (this.#isComplete(now)) this.#close();
  }

  /** Notes that a sender's request was served and no longer waits. */
  left(sender: string): void {
    if (this.#arrived.delete(sender) && this.#arrived.size === 0) this.#close();
  }

  /** Resolves when the window closes. */
  async closed(): Promise<void> {
    while (this.#arrived.size > 0) {
      const now = this.#node.monotonic();
      const leftMs = this.#openedAt + this.#lingerMs() - now;
      if (leftMs <= 0 || this.#isComplete(now)) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#node.after(leftMs, resolve);
        this.#close = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  /** Starts the next window: the batch is sealed. */
  seal(): void {
    this.#arrived.clear();
  }

  #isComplete(now: number): boolean {
    const hasWrites = this.#hasWrites();
    for (const [sender, lastRequestAt] of this.#lastRequestAt) {
      const isWaiting = this.#arrived.get(sender);
      if (isWaiting || (isWaiting === false && hasWrites)) continue;
      if (now - lastRequestAt <= MAX_IDLE_WINDOWS * this.#lingerMs()) return false;
      this.#lastRequestAt.delete(sender);
    }
    return true;
  }
}
