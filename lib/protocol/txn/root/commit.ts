/**
 * Group commit with optimistic concurrency control (Kung and Robinson 1981). A committer runs all
 * pending transactions serially against the state that this node has read, and appends their writes
 * to the log by one compare-and-set of the root.
 *
 * If the compare-and-set succeeds, no other node has committed since that state. So the
 * transactions have read the newest state, and take effect at that instant, which lies between
 * their requests and their replies: strict serializability. If it fails, nothing has happened; the
 * node reads the new root and runs all transactions again. A read-only batch needs no
 * compare-and-set. It is enough to confirm, after it arrived, that this node's log is current: a
 * {@link ReadQuorum} may do that, or else the node reads the root.
 *
 * Where several nodes commit, they take {@link Lease}s. Read-only batches fail no other node's
 * attempt and need none.
 *
 * Invariant: the log contains no batch twice, since the root records the last batch of each
 * session.
 *
 * @module
 */

import { invariant, InvariantError } from "../../../base/mod.ts";
import { ErrorCode, type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation, Write } from "../transaction.ts";
import {
  type Batch,
  BatchWindow,
  deliver,
  type PendingBatch,
  PendingQueue,
  Request,
} from "./batch.ts";
import { Lease } from "./lease.ts";
import type { CommittedBatch, Log } from "./log.ts";
import { ClosedLoopClients, OWN_REPORT, ReadQuorum, type Report } from "./read_index.ts";

/** What batches would read and write if they were committed now. */
export interface CommitPlan {
  /** The results of each batch, in order; undefined for one that its own node has abandoned. */
  readonly results: readonly (MicroOperation[][] | undefined)[];
  /** The writes to append to the log. */
  readonly writes: readonly Write[];
  /** The batches of these writes. */
  readonly batches: readonly CommittedBatch[];
}

/**
 * Runs batches serially.
 *
 * A batch that is committed already, or appears twice, does not run again: its results are what it
 * read then. Of each session only the newest batch runs, since its node has abandoned older ones.
 */
export function planCommit(log: Log, pending: readonly Batch[]): CommitPlan {
  const state = log.fork();
  const planned = new Map<string, { sequence: number; results: MicroOperation[][] }>();
  const batches: CommittedBatch[] = [];
  for (const batch of pending.toSorted((one, other) => other.sequence - one.sequence)) {
    const { session, sequence, transactions } = batch;
    const [, lastSequence] = log.lastOf(session);
    if (planned.has(session) || lastSequence >= sequence) continue;
    const start = state.writes.length;
    const results = transactions.map((transaction) => state.run(transaction));
    planned.set(session, { sequence, results });
    // A read-only batch is not recorded: running it again is harmless.
    if (state.writes.length > start) batches.push([session, sequence, log.length + start]);
  }
  const resultsOf = ({ session, sequence, transactions }: Batch) => {
    const newest = planned.get(session);
    if (newest !== undefined) return newest.sequence === sequence ? newest.results : undefined;
    const [, lastSequence, start] = log.lastOf(session);
    if (lastSequence !== sequence) return undefined;
    const then = log.fork(start);
    return transactions.map((transaction) => then.run(transaction));
  };
  return { results: pending.map(resultsOf), writes: state.writes, batches };
}

/** The pace of a committer, in milliseconds. */
export interface CommitOptions {
  /** The longest time that a batch stays open, while round trips to the store are short. */
  readonly lingerMs: number;
  /** The length of a lease, see {@link Lease}. */
  readonly leaseMs: number;
  /** How long a forwarded batch is tried. */
  readonly timeoutMs: number;
}

/**
 * The longest batching window in round trips to the store, while these are long: a client whose
 * transaction one commit contains sends its next request a round trip later, in time for the next.
 */
const MAX_LINGER_ROUND_TRIPS = 1.25;
/** The round trips of a commit: to the committing node, the commit before, and its own. */
const COMMIT_ROUND_TRIPS = 3;

/** Commits transactions, one batch at a time. */
export class Committer {
  readonly #node: Node;
  readonly #log: Log;
  readonly #options: CommitOptions;
  readonly #pending: PendingQueue;
  readonly #window: BatchWindow;
  readonly #clients: ClosedLoopClients;
  readonly #readQuorum: ReadQuorum;
  readonly #lease: Lease;
  #isWorking = false;

  /**
   * `session` is the session of the batches made of clients' requests. No other incarnation of any
   * node uses it.
   */
  constructor(node: Node, log: Log, session: string, options: CommitOptions) {
    this.#node = node;
    this.#log = log;
    this.#options = options;
    this.#readQuorum = new ReadQuorum(node);
    const startRead = () => this.#readQuorum.startRead(node.id, OWN_REPORT);
    this.#pending = new PendingQueue(session, startRead);
    const lingerMs = () => this.#lingerMs;
    this.#window = new BatchWindow(node, lingerMs, () => this.#pending.hasWrites);
    this.#clients = new ClosedLoopClients(node, lingerMs);
    this.#lease = new Lease(node, options.leaseMs, () => log.roundTripMs);
  }

  /** The median round-trip time to the stores in milliseconds; 0 before the first reply. */
  get roundTripMs(): number {
    return this.#log.roundTripMs;
  }

  get #lingerMs(): number {
    return Math.max(this.#options.lingerMs, MAX_LINGER_ROUND_TRIPS * this.#log.roundTripMs);
  }

  /**
   * The time in milliseconds for another node to commit a batch, even if that node must first back
   * off from the root. A sender that times out sooner only adds contention.
   */
  get expectedCommitMs(): number {
    const { maxBackoffMs } = this.#lease;
    return maxBackoffMs + 2 * this.#lingerMs + COMMIT_ROUND_TRIPS * this.#log.roundTripMs;
  }

  /**
   * Returns the number of log entries that this node has applied; undefined before it has read the
   * root, which it then starts to do.
   */
  applied(): number | undefined {
    if (this.#log.isLoaded) return this.#log.length;
    this.#work();
    return undefined;
  }

  /** Returns the nonce for a reply that is sent to a node now, see {@link ReadQuorum}. */
  nonceFor(node: string): number {
    return this.#readQuorum.nonceFor(node);
  }

  /** Adds a client's request to the next batch. */
  submit(request: Request): void {
    this.#pending.addRequest(request);
    this.#clients.received(request);
    this.#arrived(request);
  }

  /**
   * Commits a batch and returns its transactions with their reads filled in. A batch that any node
   * has committed before is not committed again. Throws an `RpcError` when the batch is not
   * committed in time, or when its session has committed a later one.
   */
  commit(batch: Batch, sender: string, report: Report): Promise<MicroOperation[][]> {
    this.#lease.received(sender);
    this.#readQuorum.receive(sender, report);
    const request = new Request(this.#node, batch.transactions, sender, this.#options.timeoutMs);
    // Another node may commit the batch, too.
    request.mayBeCommitted = true;
    if (request.isReadOnly) request.read = this.#readQuorum.startRead(sender, report);
    this.#pending.addBatch(batch, request);
    this.#arrived(request);
    return sender === this.#node.id ? request.reply : request.reply.then(async (results) => {
      await this.#clients.allSent();
      return results;
    });
  }

  #arrived(request: Request): void {
    const log = this.#log;
    const served = !log.isLoaded ? [] : this.#pending.serveReads(
      (read) => this.#readQuorum.confirms(log.length, read),
      (transaction) => log.fork().run(transaction),
    );
    for (const sender of served) this.#window.left(sender);
    this.#window.arrived(request.sender, !request.isSettled);
    if (this.#pending.isEmpty) this.#window.seal();
    this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      if (this.#pending.isEmpty && !this.#log.isLoaded) await this.#refresh();
      while (!this.#pending.isEmpty) {
        await this.#window.closed();
        if (this.#pending.hasWrites) await this.#acquireLease();
        await this.#commitNext();
        this.#lease.attempted();
      }
    } catch (error) {
      if (error instanceof InvariantError) throw error;
      // The same batch would throw again. Its requests time out with an indefinite error.
      this.#node.log(
        `dropped a batch that cannot run: ${error instanceof Error ? error.stack : error}`,
      );
    } finally {
      this.#isWorking = false;
    }
    if (!this.#pending.isEmpty) this.#work();
  }

  async #acquireLease(): Promise<void> {
    await this.#lease.yieldToOthers();
    if (!this.#lease.hasExpired) return;
    await this.#lease.backOff();
    await this.#startLease();
  }

  async #startLease(): Promise<void> {
    const { length } = this.#log;
    await this.#refresh();
    this.#lease.start(this.#log.length > length);
  }

  /** Tries to commit what is pending. What was not committed is pending again afterwards. */
  async #commitNext(): Promise<void> {
    this.#window.seal();
    // Before requests join a batch, so that those which time out meanwhile get a definite error.
    const isLoaded = this.#log.isLoaded || await this.#refresh();
    const batches = this.#pending.seal();
    if (batches.length === 0) return;
    if (!isLoaded) {
      this.#pending.returnFailed(batches);
      return await this.#lease.backOffAfterFailure();
    }
    try {
      const plan = await this.#attempt(batches);
      if (plan !== undefined) {
        this.#lease.succeeded();
        return batches.forEach((batch, index) => reply(batch, plan.results[index]));
      }
      this.#pending.returnFailed(batches);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#node.sometimes("the outcome of a commit was unknown");
      this.#pending.returnIndeterminate(batches);
    }
    await this.#lease.backOffAfterFailure();
    await this.#startLease();
  }

  /** Reads the root. Returns false when it could not be read. */
  async #refresh(): Promise<boolean> {
    try {
      await this.#log.refresh();
      return true;
    } catch (error) {
      if (error instanceof InvariantError) throw error;
      if (error instanceof RpcError) this.#node.sometimes("a read of the root failed");
      else this.#node.log(`could not read the root: ${error}`);
      return false;
    }
  }

  /**
   * Returns the plan that was committed; undefined when it certainly was not. Throws an `RpcError`
   * when the outcome is unknown, which only a compare-and-set can leave.
   */
  async #attempt(batches: readonly PendingBatch[]): Promise<CommitPlan | undefined> {
    const plan = planCommit(this.#log, batches);
    if (plan.writes.length > 0) {
      const isNew = ([session, sequence]: CommittedBatch) =>
        this.#log.lastOf(session)[1] < sequence;
      invariant(plan.batches.every(isNew), "no batch is committed twice");
      if (await this.#log.append(plan.writes, plan.batches)) return plan;
      this.#node.sometimes("another node committed first");
      return undefined;
    }
    // No compare-and-set validates a read-only batch, so read the root to see what others
    // committed.
    return await this.#refresh() ? planCommit(this.#log, batches) : undefined;
  }
}

/** Replies to the requests of a batch; `results` is undefined for a batch that was superseded. */
function reply(batch: PendingBatch, results: MicroOperation[][] | undefined): void {
  if (results !== undefined) return deliver(batch.requests, results);
  const text = `session ${batch.session} has committed a batch after number ${batch.sequence}`;
  for (const request of batch.requests) request.reject(new RpcError(ErrorCode.abort, text));
}
