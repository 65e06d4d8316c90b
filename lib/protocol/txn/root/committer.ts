/**
 * Group commit with optimistic concurrency control: a committer runs all pending transactions
 * serially against the state that this node has read, and appends their writes to the log by one
 * compare-and-set of the root.
 *
 * If the compare-and-set succeeds, no other node has committed since that state. So the
 * transactions have read the newest state, and take effect at that instant, which lies between
 * their requests and their replies: strict serializability. If it fails, nothing has happened; the
 * node reads the new root and runs all transactions again. A read-only batch needs no
 * compare-and-set. It is enough to confirm, after it arrived, that this node's log is current: a
 * {@link ReadQuorum} may do that, or else the node reads the root.
 *
 * Large batches save messages, so a batch stays open for a {@link BatchWindow}. The reply to
 * another node waits as well, until this node's own clients have sent their next requests: that
 * node's next report then confirms their reads.
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
import { type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation } from "../transaction.ts";
import { type Batch, forwardedBatch, type PendingBatch } from "./batch.ts";
import { BatchWindow } from "./batch_window.ts";
import type { ClientRequest } from "./client_request.ts";
import { ClosedLoopClients } from "./closed_loop_clients.ts";
import { type CommitPlan, planCommit } from "./commit_plan.ts";
import type { Database } from "./database.ts";
import { Lease } from "./lease.ts";
import { PendingQueue } from "./pending_queue.ts";
import { OWN_REPORT, ReadQuorum, type Report } from "./read_quorum.ts";

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
  readonly #database: Database;
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
  constructor(node: Node, database: Database, session: string, options: CommitOptions) {
    this.#node = node;
    this.#database = database;
    this.#options = options;
    this.#readQuorum = new ReadQuorum(node);
    this.#pending = new PendingQueue(
      session,
      () => this.#readQuorum.startRead(node.id, OWN_REPORT),
    );
    const lingerMs = () => this.#lingerMs;
    this.#window = new BatchWindow(node, lingerMs, () => this.#pending.hasWrites);
    this.#clients = new ClosedLoopClients(node, lingerMs);
    this.#lease = new Lease(node, {
      leaseMs: options.leaseMs,
      roundTripMs: () => database.roundTripMs,
    });
  }

  /** The median round-trip time to the stores in milliseconds; 0 before the first reply. */
  get roundTripMs(): number {
    return this.#database.roundTripMs;
  }

  get #lingerMs(): number {
    return Math.max(this.#options.lingerMs, MAX_LINGER_ROUND_TRIPS * this.#database.roundTripMs);
  }

  /**
   * The time in milliseconds for another node to commit a batch, even if that node must first back
   * off from the root. A sender that times out sooner only adds contention.
   */
  get expectedCommitMs(): number {
    const { maxBackoffMs } = this.#lease;
    return maxBackoffMs + 2 * this.#lingerMs + COMMIT_ROUND_TRIPS * this.#database.roundTripMs;
  }

  /**
   * Returns the number of log entries that this node has applied; undefined before it has read the
   * root, which it then starts to do.
   */
  applied(): number | undefined {
    if (this.#database.isLoaded) return this.#database.length;
    if (!this.#isWorking) this.#readRoot();
    return undefined;
  }

  /**
   * Returns the nonce for a reply that is sent to a node now, which repeats it in its next report.
   */
  nonceFor(node: string): number {
    return this.#readQuorum.nonceFor(node);
  }

  /** Adds a client's request to the next batch. */
  submit(request: ClientRequest): void {
    this.#pending.addRequest(request);
    this.#clients.received(request.client, request);
    this.#arrived(request.client, () => !request.isSettled);
  }

  /**
   * Commits a batch and returns its transactions with their reads filled in. A batch that any node
   * has committed before is not committed again. Throws an `RpcError` when the batch is not
   * committed in time, or when its session has committed a later one.
   */
  commit(batch: Batch, sender: string, report: Report): Promise<MicroOperation[][]> {
    this.#lease.received(sender);
    this.#readQuorum.receive(sender, report);
    const read = this.#readQuorum.startRead(sender, report);
    const { timeoutMs } = this.#options;
    const { pending, results } = forwardedBatch(batch, read, this.#node, timeoutMs);
    this.#pending.addBatch(pending);
    this.#arrived(sender, () => this.#pending.has(pending));
    return sender === this.#node.id ? results : results.then(async (results) => {
      await this.#clients.allSent();
      return results;
    });
  }

  #arrived(sender: string, isWaiting: () => boolean): void {
    const database = this.#database;
    const served = !database.isLoaded ? [] : this.#pending.serveReads(
      (read) => this.#readQuorum.confirms(database.length, read),
      (transaction) => database.workspace().run(transaction),
    );
    for (const sender of served) this.#window.left(sender);
    this.#window.arrived(sender, isWaiting());
    if (this.#pending.isEmpty) this.#window.seal();
    this.#work();
  }

  /** Reads the root for the first time. */
  async #readRoot(): Promise<void> {
    this.#isWorking = true;
    try {
      await this.#refresh();
    } finally {
      this.#isWorking = false;
    }
    this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
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
    const { length } = this.#database;
    await this.#refresh();
    this.#lease.start(this.#database.length > length);
  }

  /** Tries to commit what is pending. What was not committed is pending again afterwards. */
  async #commitNext(): Promise<void> {
    this.#window.seal();
    // Before requests join a batch, so that those which time out meanwhile get a definite error.
    const isLoaded = this.#database.isLoaded || await this.#refresh();
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
        return batches.forEach((batch, index) => {
          const results = plan.results[index];
          if (results === undefined) batch.superseded();
          else batch.committed(results);
        });
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
      await this.#database.refresh();
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
    const database = this.#database;
    const plan = planCommit(database, batches);
    if (plan.writes.length > 0) {
      for (const { session, sequence } of plan.batches) {
        const last = database.lastOf(session);
        invariant(last === undefined || last.sequence < sequence, "no batch is committed twice");
      }
      if (await database.append(plan.writes, plan.batches)) return plan;
      this.#node.sometimes("another node committed first");
      return undefined;
    }
    // No compare-and-set validates a read-only batch, so read the root to see what others
    // committed.
    return await this.#refresh() ? planCommit(database, batches) : undefined;
  }
}
