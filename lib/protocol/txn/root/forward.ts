/**
 * Forwards transactions to one node, the coordinator, which commits them. If all nodes committed
 * their own transactions, they would fail each other's compare-and-sets. Each node chooses the
 * first node, in the order of `init`, that it does not suspect; itself if it suspects all before
 * it. In a healthy network all nodes choose the same coordinator.
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

import { FailureDetector, RoundTripEstimator } from "../../../base/mod.ts";
import { type Body, contract, type Node, RpcError, schema } from "../../../node/mod.ts";
import {
  checkDepth,
  fillReads,
  type MicroOperation,
  readsOf,
  type Transaction,
  type WriteName,
} from "../transaction.ts";
import { type Batch, deliver, Request } from "./batch.ts";
import type { Committer } from "./commit.ts";
import { OWN_REPORT, type Report } from "./read_index.ts";

/** The reply to a `commit`. */
const batchReply = schema.object({
  reads: schema.array(schema.json),
  nonce: schema.natural,
});

/** Serves the `commit` requests of other nodes, whose writes are named `write`. */
export function serveBatches(node: Node, write: WriteName, committer: Committer): void {
  const { txn } =
    (write === "append" ? contract.txnListAppend : contract.txnRwRegister).txn.request;
  const fields = {
    session: schema.string,
    sequence: schema.natural,
    transactions: schema.array<Transaction>(txn),
    applied: schema.optional(schema.natural),
    nonce: schema.optional(schema.natural),
  };
  node.on("commit", fields, async (request, { src }) => {
    const { session, sequence, transactions, applied, nonce } = request;
    transactions.forEach(checkDepth);
    const batch = { session, sequence, transactions };
    const results = await committer.commit(batch, src, { applied, nonce });
    return { type: "commit_ok", reads: results.flatMap(readsOf), nonce: committer.nonceFor(src) };
  });
}

/** Returns the request that forwards a batch. */
function toCommitRequest(batch: Batch, { applied, nonce }: Report): Body {
  const { session, sequence } = batch;
  const transactions = batch.transactions.map((transaction) => [...transaction]);
  return {
    type: "commit",
    session,
    sequence,
    transactions,
    ...(applied === undefined ? {} : { applied }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** The retransmission timeout of a forwarded batch before the first reply. */
const INITIAL_TIMEOUT_MS = 1000;
/** The longest timeout while round trips are short. */
const MAX_TIMEOUT_MS = 2000;
/**
 * The longest timeout at all: it leaves time to commit the batch here before its clients time out.
 */
const MAX_SLOW_TIMEOUT_MS = 3500;
/**
 * The shortest timeout in round trips: one to the coordinator, two for its batching window and the
 * commit before, one for its commit, one for its own clients, and one as a margin.
 */
const MIN_TIMEOUT_ROUND_TRIPS = 6;
/** The timeout as a multiple of the longest recent response time. */
const TIMEOUT_FACTOR = 2;
/** The number of recent response times. */
const RESPONSE_TIME_SAMPLES = 9;
/** A reply that arrives after the timeout still counts, up to this time after the request. */
const MAX_REPLY_DELAY_MS = 10_000;
/** How long a suspected node gets no batches: at first, and at most. */
const MIN_SUSPICION_MS = 1000;
const MAX_SUSPICION_MS = 4000;

/** Commits the transactions of a node's clients. */
export class Forwarder {
  readonly #node: Node;
  readonly #committer: Committer;
  readonly #session: string;
  readonly #timeoutMs: number;
  readonly #peers = new FailureDetector({
    timeoutMs: INITIAL_TIMEOUT_MS,
    minRetryMs: MIN_SUSPICION_MS,
    maxRetryMs: MAX_SUSPICION_MS,
  });
  readonly #responseTimes = new RoundTripEstimator({ window: RESPONSE_TIME_SAMPLES });
  /** The nonce of each node's last reply. */
  readonly #nonces = new Map<string, number>();
  #requests: Request[] = [];
  #isForwarding = false;
  #lastSequence = 0;

  /**
   * `session` is the session of forwarded batches, which differs from the committer's. Clients'
   * requests time out after `timeoutMs` milliseconds.
   */
  constructor(node: Node, committer: Committer, session: string, timeoutMs: number) {
    this.#node = node;
    this.#committer = committer;
    this.#session = session;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Commits a client's transaction and returns it with its reads filled in. Throws an `RpcError`
   * when it times out.
   */
  transact(transaction: Transaction, client: string): Promise<MicroOperation[]> {
    const request = new Request(this.#node, [transaction], client, this.#timeoutMs);
    this.#requests.push(request);
    this.#forward();
    return request.reply.then(([results]) => results as MicroOperation[]);
  }

  /** Forwards the waiting requests as one batch, unless another batch is under way. */
  #forward(): void {
    const coordinator = this.#coordinator();
    const isOwn = coordinator === this.#node.id;
    // A batch under way delays the next forwarded one, but no request that is committed here.
    if (!isOwn && this.#isForwarding) return;
    const requests = this.#requests.filter((request) => !request.isSettled);
    this.#requests = [];
    if (requests.length === 0) return;
    if (isOwn) return requests.forEach((request) => this.#committer.submit(request));
    this.#isForwarding = true;
    this.#commitVia(coordinator, requests).finally(() => {
      this.#isForwarding = false;
      this.#forward();
    });
  }

  #coordinator(): string {
    const now = this.#node.monotonic();
    const { id, nodes } = this.#node;
    return nodes.find((node) => node === id || this.#peers.mayTry(node, now)) ?? id;
  }

  async #commitVia(coordinator: string, requests: readonly Request[]): Promise<void> {
    const transactions = requests.flatMap((request) => request.transactions);
    const batch: Batch = { session: this.#session, sequence: ++this.#lastSequence, transactions };
    for (const request of requests) request.mayBeCommitted = true;
    const hasReply = await Promise.race([
      this.#send(coordinator, batch, requests),
      this.#timeout(),
    ]);
    if (hasReply) return;
    this.#node.sometimes("a forwarded batch timed out");
    this.#peers.timedOut(coordinator, this.#node.monotonic());
    try {
      deliver(requests, await this.#committer.commit(batch, this.#node.id, OWN_REPORT));
    } catch (error) {
      // The clients' requests have timed out: the committer tries for at least as long.
      if (!(error instanceof RpcError)) throw error;
    }
  }

  /**
   * Sends a batch to the coordinator, and replies to its requests even if the results arrive after
   * the timeout. Returns false when the coordinator replied with an error or not at all.
   */
  async #send(
    coordinator: string,
    batch: Batch,
    requests: readonly Request[],
  ): Promise<boolean> {
    const startMs = this.#node.monotonic();
    try {
      const report = {
        applied: this.#committer.applied(),
        nonce: this.#nonces.get(coordinator),
      };
      const options = { timeoutMs: MAX_REPLY_DELAY_MS };
      const request = toCommitRequest(batch, report);
      const reply = await this.#node.rpcFor(coordinator, request, batchReply, options);
      const now = this.#node.monotonic();
      this.#nonces.set(coordinator, reply.nonce);
      this.#responseTimes.add(now - startMs);
      this.#peers.received(coordinator, now);
      deliver(requests, fillReads(batch.transactions, reply.reads));
      return true;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return false;
    }
  }

  /** Resolves at the retransmission timeout, which may grow while the batch is under way. */
  async #timeout(): Promise<false> {
    const startMs = this.#node.monotonic();
    for (;;) {
      const leftMs = startMs + this.#retransmissionTimeoutMs - this.#node.monotonic();
      if (leftMs <= 0) return false;
      await this.#node.sleep(leftMs);
    }
  }

  /** The retransmission timeout by the present estimates, in milliseconds. */
  get #retransmissionTimeoutMs(): number {
    const { expectedCommitMs, roundTripMs } = this.#committer;
    const longestMs = this.#responseTimes.quantile(1);
    const usualMs = longestMs === undefined
      ? INITIAL_TIMEOUT_MS
      : Math.min(MAX_TIMEOUT_MS, Math.max(expectedCommitMs, TIMEOUT_FACTOR * longestMs));
    return Math.min(
      MAX_SLOW_TIMEOUT_MS,
      Math.max(usualMs, MIN_TIMEOUT_ROUND_TRIPS * roundTripMs),
    );
  }
}
