/**
 * Who commits: where all nodes commit for themselves they fail each other's attempts, so they hand
 * their transactions to one of them. Each node takes the first in the order of nodes that it has
 * not found silent, which with whole links is the same one for all; and itself when it comes to
 * that.
 *
 * A node hands over one job at a time, with everything that has come up since the last. If the
 * answer does not come, it commits the job itself. The other may have done so already, or may yet
 * try: the root then tells either of them that the job is done (see {@link Committer.commit}). So
 * nothing depends on who hears whom; only the number of messages does.
 *
 * @module
 */

import { type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation, Transaction } from "../transaction.ts";
import { ClientRequest } from "./client_request.ts";
import type { Committer } from "./committer.ts";
import { answer, type Job } from "./job.ts";
import { jobReply, toBody, withReads } from "./job_messages.ts";
import { ResponseTimes } from "./response_times.ts";
import { TO_ITSELF } from "./witnesses.ts";

/**
 * How long answers may take, in milliseconds: as long as none has come, as a rule, and where round
 * trips are so long that it takes more, which leaves a client time for an answer of its own node's.
 */
const PATIENCE_MS = { first: 1000, usual: 2000, most: 3500 };
/**
 * A job takes so many round trips at least: to the other node, two to wait for others and for the
 * commit before, its own commit, and one to wait for that node's clients; and one to spare.
 */
const PATIENCE_ROUND_TRIPS = 6;
/** How much longer than the longest of late an answer may take. */
const PATIENCE_FACTOR = 2;
/** An answer that comes later than this is of no use to anybody. */
const MOST_WAIT_MS = 10_000;
/** How long a silent node is left alone, in milliseconds: at first, and at most. */
const SILENCE_MS = { first: 1000, most: 4000 };

interface Peer {
  silentUntil: number;
  /** How long it is left alone if it is silent again. */
  silence: number;
  /** The mark that came with its last answer. */
  mark: number | undefined;
}

/** Takes a node's clients' transactions and has them committed. */
export class Dispatcher {
  readonly #node: Node;
  readonly #committer: Committer;
  readonly #stream: string;
  readonly #patience: number;
  readonly #peers = new Map<string, Peer>();
  readonly #times = new ResponseTimes();
  #waiting: ClientRequest[] = [];
  #isHandingOver = false;
  #lastSequence = 0;

  /**
   * `stream` names the jobs that are handed over, and is no committer's; clients wait for
   * `patience` milliseconds.
   */
  constructor(node: Node, committer: Committer, stream: string, patience: number) {
    this.#node = node;
    this.#committer = committer;
    this.#stream = stream;
    this.#patience = patience;
  }

  /** Has a client's transaction committed. Throws an `RpcError` when that takes too long. */
  transact(transaction: Transaction, client: string): Promise<MicroOperation[]> {
    const request = new ClientRequest(this.#node, transaction, client, this.#patience);
    this.#waiting.push(request);
    this.#handOver();
    return request.answer;
  }

  #handOver(): void {
    const target = this.#target();
    const isOwn = target === this.#node.id;
    // A job that is handed over bars the next one's way, but not that of what is committed here.
    if (!isOwn && this.#isHandingOver) return;
    const requests = this.#waiting.filter((request) => !request.isAnswered);
    this.#waiting = [];
    if (requests.length === 0) return;
    if (isOwn) return requests.forEach((request) => this.#committer.take(request));
    this.#isHandingOver = true;
    this.#commitAt(target, requests).finally(() => {
      this.#isHandingOver = false;
      this.#handOver();
    });
  }

  #target(): string {
    const now = this.#node.now();
    const { id, nodes } = this.#node;
    return nodes.find((node) => {
      const silence = this.#peer(node).silentUntil - now;
      // Silence that lasts longer than it can is that of a clock which was set back.
      return node === id || silence <= 0 || silence > SILENCE_MS.most;
    }) ?? id;
  }

  async #commitAt(target: string, requests: readonly ClientRequest[]): Promise<void> {
    const transactions = requests.map(({ transaction }) => transaction);
    const job: Job = { stream: this.#stream, sequence: ++this.#lastSequence, transactions };
    for (const request of requests) request.tried();
    const settle = (results: readonly MicroOperation[][]) => answer(requests, results);
    const isAnswered = await Promise.race([this.#ask(target, job, settle), this.#patienceIsOver()]);
    if (isAnswered) return;
    this.#isSilent(target);
    try {
      settle(await this.#committer.commit(job, this.#node.id, TO_ITSELF));
    } catch (error) {
      // The clients know by then: their patience does not last longer than the committer's.
      if (!(error instanceof RpcError)) throw error;
    }
  }

  /** Hands a job over; false when it was refused. An answer that comes late is an answer, too. */
  async #ask(
    target: string,
    job: Job,
    settle: (results: readonly MicroOperation[][]) => void,
  ): Promise<boolean> {
    const began = this.#node.now();
    try {
      const { mark } = this.#peer(target);
      const body = toBody(job, { known: this.#committer.known(), mark });
      const reply = await this.#node.rpcFor(target, body, jobReply, { timeoutMs: MOST_WAIT_MS });
      const peer = this.#peer(target);
      peer.mark = reply.mark;
      this.#times.add(this.#node.now() - began);
      peer.silentUntil = -Infinity;
      peer.silence = SILENCE_MS.first;
      settle(withReads(job.transactions, reply.reads));
      return true;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return false;
    }
  }

  #isSilent(target: string): void {
    this.#node.sometimes("a job was handed over in vain");
    const peer = this.#peer(target);
    peer.silentUntil = this.#node.now() + peer.silence;
    peer.silence = Math.min(SILENCE_MS.most, 2 * peer.silence);
  }

  #peer(id: string): Peer {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = { silentUntil: -Infinity, silence: SILENCE_MS.first, mark: undefined };
      this.#peers.set(id, peer);
    }
    return peer;
  }

  /** Resolves when an answer takes too long, by what is known of round trips by then. */
  async #patienceIsOver(): Promise<false> {
    const began = this.#node.now();
    for (let left = this.#patienceWithPeers(); left > 0;) {
      await this.#node.sleep(left);
      // A clock that was set back makes nobody wait longer.
      left = Math.min(left, this.#patienceWithPeers() - Math.max(0, this.#node.now() - began));
    }
    return false;
  }

  /** How long to wait for an answer, in milliseconds: whoever commits needs about the same time. */
  #patienceWithPeers(): number {
    const { usualTime, roundTrip } = this.#committer;
    const { longest } = this.#times;
    const usual = longest === undefined
      ? PATIENCE_MS.first
      : Math.min(PATIENCE_MS.usual, Math.max(usualTime, PATIENCE_FACTOR * longest));
    return Math.min(PATIENCE_MS.most, Math.max(usual, PATIENCE_ROUND_TRIPS * roundTrip));
  }
}
