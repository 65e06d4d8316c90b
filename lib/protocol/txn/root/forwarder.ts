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
 * @module
 */

import { FailureDetector, RoundTripEstimator } from "../../../base/mod.ts";
import { type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation, Transaction } from "../transaction.ts";
import { type Batch, replyToClients } from "./batch.ts";
import { batchReply, fillReads, toCommitRequest } from "./batch_messages.ts";
import { ClientRequest } from "./client_request.ts";
import type { Committer } from "./committer.ts";
import { OWN_REPORT } from "./read_quorum.ts";

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
  #requests: ClientRequest[] = [];
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
    const request = new ClientRequest(this.#node, transaction, client, this.#timeoutMs);
    this.#requests.push(request);
    this.#forward();
    return request.reply;
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

  async #commitVia(coordinator: string, requests: readonly ClientRequest[]): Promise<void> {
    const transactions = requests.map(({ transaction }) => transaction);
    const batch: Batch = { session: this.#session, sequence: ++this.#lastSequence, transactions };
    for (const request of requests) request.attempted();
    const deliver = (results: readonly MicroOperation[][]) => replyToClients(requests, results);
    const hasReply = await Promise.race([
      this.#send(coordinator, batch, deliver),
      this.#timeout(),
    ]);
    if (hasReply) return;
    this.#node.sometimes("a forwarded batch timed out");
    this.#peers.timedOut(coordinator, this.#node.monotonic());
    try {
      deliver(await this.#committer.commit(batch, this.#node.id, OWN_REPORT));
    } catch (error) {
      // The clients' requests have timed out: the committer tries for at least as long.
      if (!(error instanceof RpcError)) throw error;
    }
  }

  /**
   * Sends a batch to the coordinator, and delivers the results even if the reply arrives after the
   * timeout. Returns false when the coordinator replied with an error or not at all.
   */
  async #send(
    coordinator: string,
    batch: Batch,
    deliver: (results: readonly MicroOperation[][]) => void,
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
      deliver(fillReads(batch.transactions, reply.reads));
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
