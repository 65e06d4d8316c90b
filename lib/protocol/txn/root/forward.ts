/**
 * Forwards the transactions of a node's clients to one node, the coordinator, which commits them. If
 * all nodes committed their own transactions, they would fail each other's compare-and-sets. Each
 * node chooses the first node, in the order of `init`, that it does not suspect; itself if it
 * suspects all before it. In a healthy network all nodes choose the same coordinator.
 *
 * A node forwards one batch at a time, which contains all transactions that arrived since the last.
 * If the reply times out, the node commits the batch itself. The coordinator may have committed it
 * already, or may still try to: the root then shows to either node that the batch is committed (see
 * {@link Committer.commit}). So correctness does not depend on the choice of the coordinator; only
 * the number of messages does.
 *
 * The message `commit` carries a batch's transactions, and its reply the values of their reads, in
 * order. The sender has everything else. Both carry what a {@link ReadQuorum} needs.
 *
 * @module
 */

import { FailureDetector } from "../../../base/mod.ts";
import {
  contract,
  ErrorCode,
  type IncomingRequest,
  type Node,
  RpcError,
  schema,
} from "../../../node/mod.ts";
import {
  checkDepth,
  fillReads,
  type MicroOperation,
  readsOf,
  type Transaction,
  type WriteName,
} from "../transaction.ts";
import { type Batch, ClosedLoops } from "./batch.ts";
import type { Committer } from "./commit.ts";
import { OWN_REPORT } from "./read_index.ts";

/** The reply to a `commit`. */
const batchReply = schema.object({
  reads: schema.array(schema.json),
  nonce: schema.natural,
});

/** The longest timeout of a forwarded batch: it leaves time to commit the batch here. */
const MAX_TIMEOUT_MS = 3500;
/**
 * How long a node that did not reply gets no batches: longer than it takes to commit the batch here,
 * so that in a lasting partition the next ones do not wait for the same node again.
 */
const SUSPICION_MS = 3000;

/** A client's transaction that waits for the next batch. */
interface Waiting {
  readonly transaction: Transaction;
  readonly client: string;
  readonly resolve: (results: MicroOperation[]) => void;
}

/** Commits the transactions of a node's clients. */
export class Forwarder {
  readonly #node: Node;
  readonly #committer: Committer;
  readonly #session: string;
  readonly #clients: ClosedLoops;
  readonly #peers = new FailureDetector({ timeoutMs: SUSPICION_MS });
  /** The nonce of each node's last reply. */
  readonly #nonces = new Map<string, number>();
  #waiting: Waiting[] = [];
  #isCommitting = false;
  #lastSequence = 0;

  /**
   * Serves the `commit` requests of other nodes, whose writes are named `write`. `session` is the
   * session of this node's batches, which no other incarnation of any node uses.
   */
  constructor(node: Node, committer: Committer, session: string, write: WriteName) {
    this.#node = node;
    this.#committer = committer;
    this.#session = session;
    this.#clients = new ClosedLoops(node, () => committer.lingerMs);
    this.#serveBatches(write);
  }

  /**
   * Commits a client's transaction and returns it with its reads filled in. Throws an `RpcError` when
   * the request expires: a definite one (30, txn-conflict) if the transaction is in no batch.
   */
  transact(
    transaction: Transaction,
    { src: client, signal }: IncomingRequest,
  ): Promise<MicroOperation[]> {
    const { promise, resolve, reject } = Promise.withResolvers<MicroOperation[]>();
    const waiting = { transaction, client, resolve };
    this.#waiting.push(waiting);
    this.#clients.sent(client);
    signal.addEventListener("abort", () => {
      this.#clients.replied(client);
      if (!this.#waiting.includes(waiting)) return reject(signal.reason);
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      const text = "the transaction was not tried in time and never will be; retry it";
      reject(new RpcError(ErrorCode.txnConflict, text));
    });
    this.#commitWaiting();
    return promise;
  }

  /** Commits the waiting transactions in one batch after another. */
  async #commitWaiting(): Promise<void> {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    while (this.#waiting.length > 0) {
      await this.#clients.haveSent();
      const waiting = this.#waiting;
      this.#waiting = [];
      const transactions = waiting.map(({ transaction }) => transaction);
      const batch = { session: this.#session, sequence: ++this.#lastSequence, transactions };
      try {
        const results = await this.#commit(batch);
        for (const [index, { client, resolve }] of waiting.entries()) {
          this.#clients.replied(client);
          resolve(results[index] as MicroOperation[]);
        }
      } catch (error) {
        // The clients' requests have expired: the batch was tried for longer.
        if (!(error instanceof RpcError)) throw error;
      }
    }
    this.#isCommitting = false;
  }

  async #commit(batch: Batch): Promise<MicroOperation[][]> {
    const { id } = this.#node;
    const coordinator = this.#coordinator();
    if (coordinator === id) return this.#committer.commit(batch, id, OWN_REPORT);
    try {
      return await this.#forward(coordinator, batch);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#node.sometimes("a forwarded batch timed out");
      this.#peers.timedOut(coordinator, this.#node.monotonic());
      return this.#committer.commit(batch, id, OWN_REPORT);
    }
  }

  #coordinator(): string {
    const now = this.#node.monotonic();
    const { id, nodes } = this.#node;
    return nodes.find((node) => node === id || this.#peers.mayTry(node, now)) ?? id;
  }

  /** Sends a batch to the coordinator, and returns its results. Throws an `RpcError`. */
  async #forward(coordinator: string, batch: Batch): Promise<MicroOperation[][]> {
    const applied = this.#committer.applied();
    const nonce = this.#nonces.get(coordinator);
    const reply = await this.#node.rpcFor(
      coordinator,
      {
        type: "commit",
        session: batch.session,
        sequence: batch.sequence,
        transactions: batch.transactions.map((transaction) => [...transaction]),
        ...(applied === undefined ? {} : { applied }),
        ...(nonce === undefined ? {} : { nonce }),
      },
      batchReply,
      { timeoutMs: Math.min(MAX_TIMEOUT_MS, this.#committer.expectedCommitMs) },
    );
    this.#nonces.set(coordinator, reply.nonce);
    return fillReads(batch.transactions, reply.reads);
  }

  #serveBatches(write: WriteName): void {
    const { txn } =
      (write === "append" ? contract.txnListAppend : contract.txnRwRegister).txn.request;
    const fields = {
      session: schema.string,
      sequence: schema.natural,
      transactions: schema.array<Transaction>(txn),
      applied: schema.optional(schema.natural),
      nonce: schema.optional(schema.natural),
    };
    this.#node.on("commit", fields, async (request, { src }) => {
      const { session, sequence, transactions, applied, nonce } = request;
      transactions.forEach(checkDepth);
      const batch = { session, sequence, transactions };
      const results = await this.#committer.commit(batch, src, { applied, nonce });
      // The next report of that node then confirms the reads of this one, too.
      await this.#committer.hasSent(this.#node.id);
      const reads = results.flatMap(readsOf);
      return { type: "commit_ok", reads, nonce: this.#committer.nonceFor(src) };
    });
  }
}
