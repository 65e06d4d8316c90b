/**
 * Group commit with optimistic concurrency control (Kung and Robinson 1981). A committer runs all
 * pending transactions serially against the state that this node has read, and appends their writes
 * to the log by one compare-and-set of the root.
 *
 * If the compare-and-set succeeds, no other node has committed since that state. So the
 * transactions have read the newest state, and take effect at that instant, which lies between
 * their requests and their replies: strict serializability. If it fails, or its outcome is unknown,
 * the node reads the root, which shows what is committed, and runs the other batches again,
 * unchanged. A read-only batch needs no compare-and-set. It is enough to confirm, after it arrived,
 * that this node's log is current: a {@link ReadQuorum} may do that, or else the node reads the root.
 *
 * Partitioned nodes commit independently, and so fail each other's compare-and-sets. A node that
 * fails backs off, while the other one commits undisturbed. Then it tries again and again, until it
 * succeeds, and the other one fails and backs off. So they alternate, without messages between them
 * and without synchronised clocks.
 *
 * Invariant: the log contains no batch twice, since the root records the last batch of each
 * session.
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import { ErrorCode, type Node, REQUEST_DEADLINE_MS, RpcError } from "../../../node/mod.ts";
import { isRead, type MicroOperation, type Write } from "../transaction.ts";
import { type Batch, ClosedLoops } from "./batch.ts";
import type { CommittedBatch, Log } from "./log.ts";
import { type PendingRead, ReadQuorum, type Report } from "./read_index.ts";

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
  /** How long a batch waits for others at most, while round trips to the store are short. */
  readonly lingerMs: number;
  /** How long a node backs off when another one has committed first. */
  readonly backoffMs: number;
}

/**
 * The longest linger time in round trips to the store, while these are long: a sender whose batch
 * one commit contains sends its next batch a round trip later, in time for the next.
 */
const MAX_LINGER_ROUND_TRIPS = 1.25;
/**
 * The longest back-off after further failures, as a part of the first. It is random, so that nodes in
 * step do not fail each other again.
 */
const RETRY_PART = 1 / 4;
/**
 * Where round trips are long, the commits of one node can make those of another one fail again and
 * again. So a node whose peers are silent pauses this often, for long enough to read the root and
 * replace it.
 */
const PAUSE_INTERVAL_MS = 2000;
const PAUSE_ROUND_TRIPS = 4;
/** The round trips of a commit: to the committing node, the commit before, its own, and a margin. */
const COMMIT_ROUND_TRIPS = 5;

/** A batch that waits to be committed. */
interface PendingBatch extends Batch {
  readonly sender: string;
  /** When it is given up, since its clients have timed out. */
  readonly expiresAt: number;
  /** For a read-only batch: what a read quorum must confirm. */
  readonly read: PendingRead | undefined;
  readonly resolve: (results: MicroOperation[][]) => void;
  readonly reject: (error: RpcError) => void;
}

/** Commits batches: all that wait share one compare-and-set. */
export class Committer {
  readonly #node: Node;
  readonly #log: Log;
  readonly #options: CommitOptions;
  readonly #senders: ClosedLoops;
  readonly #readQuorum: ReadQuorum;
  #pending: PendingBatch[] = [];
  /** Whether the last attempt failed. */
  #hasFailed = false;
  #lastAttemptAt = -Infinity;
  #lastPauseAt = -Infinity;
  #isWorking = false;

  /** Commits to this log. */
  constructor(node: Node, log: Log, options: CommitOptions) {
    this.#node = node;
    this.#log = log;
    this.#options = options;
    this.#readQuorum = new ReadQuorum(node);
    this.#senders = new ClosedLoops(node, () => this.lingerMs);
  }

  /** How long to wait for a sender that may soon send a request, in milliseconds. */
  get lingerMs(): number {
    return Math.max(this.#options.lingerMs, MAX_LINGER_ROUND_TRIPS * this.#log.roundTripMs);
  }

  /**
   * The time in milliseconds for another node to commit a batch, even if that node must first back
   * off from the root. A sender that times out sooner only adds contention.
   */
  get expectedCommitMs(): number {
    const roundTripsMs = COMMIT_ROUND_TRIPS * this.#log.roundTripMs;
    return this.#options.backoffMs + 2 * this.lingerMs + roundTripsMs;
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

  /** Resolves when a node has an outstanding batch, unless it sends none for some time. */
  hasSent(node: string): Promise<void> {
    return this.#senders.haveSent(node);
  }

  /** Returns the nonce for a reply that is sent to a node now, see {@link ReadQuorum}. */
  nonceFor(node: string): number {
    return this.#readQuorum.nonceFor(node);
  }

  /**
   * Commits a batch and returns its transactions with their reads filled in. A batch that any node
   * has committed before is not committed again. Throws an `RpcError` when the batch is not committed
   * in time, or when its session has committed a later one.
   */
  commit(batch: Batch, sender: string, report: Report): Promise<MicroOperation[][]> {
    this.#readQuorum.receive(sender, report);
    const { promise, resolve, reject } = Promise.withResolvers<MicroOperation[][]>();
    const isReadOnly = batch.transactions.every((transaction) => transaction.every(isRead));
    const read = isReadOnly ? this.#readQuorum.startRead(sender, report) : undefined;
    this.#senders.sent(sender);
    const expiresAt = this.#node.monotonic() + REQUEST_DEADLINE_MS;
    this.#pending.push({ ...batch, sender, expiresAt, read, resolve, reject });
    this.#serveReads();
    this.#work();
    return promise;
  }

  /**
   * Runs the read-only batches that the read quorum confirms. While this node's own batch writes, a
   * commit is due anyway, and they join it: the next batches of all nodes then share one, too.
   */
  #serveReads(): void {
    const [log, { id }] = [this.#log, this.#node];
    const ownWrites = this.#pending.some(({ sender, read }) => sender === id && read === undefined);
    if (!log.isLoaded || ownWrites) return;
    this.#pending = this.#pending.filter(({ sender, read, transactions, resolve }) => {
      if (read === undefined || !this.#readQuorum.confirms(log.length, read)) return true;
      this.#senders.replied(sender);
      resolve(transactions.map((transaction) => log.fork().run(transaction)));
      return false;
    });
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    if (!this.#log.isLoaded) await this.#refresh();
    while (this.#pending.length > 0) {
      await this.#senders.haveSent();
      await this.#pause();
      await this.#commitPending();
      this.#lastAttemptAt = this.#node.monotonic();
    }
    this.#isWorking = false;
  }

  /** Tries to commit what is pending. What was not committed is pending again afterwards. */
  async #commitPending(): Promise<void> {
    const now = this.#node.monotonic();
    const isExpired = ({ expiresAt }: PendingBatch) => expiresAt <= now;
    const batches = this.#pending.filter((batch) => !isExpired(batch));
    for (const { sender, reject } of this.#pending.filter(isExpired)) {
      this.#senders.replied(sender);
      reject(new RpcError(ErrorCode.timeout, "the batch was not committed in time"));
    }
    this.#pending = [];
    if (batches.length === 0) return;
    const plan = await this.#attempt(batches);
    if (plan === undefined) {
      this.#pending.unshift(...batches);
      await this.#backOff();
      await this.#refresh();
      return;
    }
    this.#hasFailed = false;
    for (const [index, { sender, session, resolve, reject }] of batches.entries()) {
      this.#senders.replied(sender);
      const results = plan.results[index];
      const text = `session ${session} has committed a later batch`;
      if (results === undefined) reject(new RpcError(ErrorCode.abort, text));
      else resolve(results);
    }
  }

  /** Lets a silent peer commit, which may be partitioned from this node. */
  async #pause(): Promise<void> {
    const pauseMs = PAUSE_ROUND_TRIPS * this.#log.roundTripMs;
    const now = this.#node.monotonic();
    // An idle time is a pause, too.
    if (now - this.#lastAttemptAt >= pauseMs) this.#lastPauseAt = now;
    if (this.#hasFailed || now - this.#lastPauseAt < PAUSE_INTERVAL_MS) return;
    if (this.#node.peers.every((peer) => this.#senders.isRecent(peer))) return;
    await this.#node.sleep(pauseMs);
    this.#lastPauseAt = this.#node.monotonic();
  }

  #backOff(): Promise<void> {
    const { backoffMs } = this.#options;
    const retryMs = RETRY_PART * backoffMs * this.#node.random();
    const delayMs = this.#hasFailed ? retryMs : backoffMs;
    this.#hasFailed = true;
    return this.#node.sleep(delayMs);
  }

  /** Returns the plan that was committed; undefined when it was not, or perhaps not. */
  async #attempt(batches: readonly PendingBatch[]): Promise<CommitPlan | undefined> {
    if (!this.#log.isLoaded) return undefined;
    const plan = planCommit(this.#log, batches);
    if (plan.writes.length === 0) {
      // No compare-and-set validates a read-only batch, so read what others have committed.
      return await this.#refresh() ? planCommit(this.#log, batches) : undefined;
    }
    invariant(
      plan.batches.every(([session, sequence]) => this.#log.lastOf(session)[1] < sequence),
      "no batch is committed twice",
    );
    try {
      await this.#log.append(plan.writes, plan.batches);
      return plan;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const isRefused = error.code === ErrorCode.preconditionFailed;
      if (isRefused) this.#node.sometimes("another node committed first");
      else this.#node.sometimes("the outcome of a commit was unknown");
      return undefined;
    }
  }

  /** Reads the root. Returns false when it could not be read. */
  async #refresh(): Promise<boolean> {
    try {
      await this.#log.refresh();
      return true;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#node.sometimes("a read of the root failed");
      this.#node.log(`could not read the root: ${error.message}`);
      return false;
    }
  }
}
