/**
 * Strategy `peers`: no store. Each node counts its own additions, and requests the totals of all
 * peers for each read.
 *
 * **Availability.** A request without a reply is repeated after a retransmission timeout. A short
 * partition therefore delays reads until one such timeout after it heals. A peer that does not reply
 * within the read timeout is suspected. Reads do not wait for a suspected peer; they count it with
 * the last total that it sent. They so stay available under partitions. The node probes a suspected
 * peer in the background until the peer replies in time again. Soon after the partition heals it so
 * has the peer's total. No node relays totals: behind a link that stays broken a peer counts with the
 * last total that it sent, and if it never sent one, reads fail.
 *
 * **Correctness.** A total has a sequence number that grows with each addition, so a late reply
 * never replaces a newer one. A node that loses its memory counts from zero as a new incarnation.
 * Its peers follow the new incarnation when it answers a later request than the previous
 * incarnation did.
 *
 * **Cost.** A read takes one request and one reply per peer. Concurrent reads share one round of
 * requests, see {@link SharedRound}. Additions cost no message. A node that loses its memory loses
 * its additions.
 *
 * @module
 */

import { Backoff, FailureDetector, RoundTripEstimator } from "../../base/mod.ts";
import { type CancelTimer, ErrorCode, type Node, RpcError, schema } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";
import { SharedRound } from "./shared_round.ts";

const totalReply = schema.object({
  incarnation: schema.string,
  total: schema.integer,
  seq: schema.natural,
});
/**
 * How long a late reply is still of use. An older total would be stale: a client that reads long
 * after the last addition expects to read every addition.
 */
const MAX_REPLY_AGE_MS = 10_000;
/** The shortest retransmission timeout: above the pauses of a busy process. */
const MIN_RETRANSMISSION_TIMEOUT_MS = 200;
/** A retransmission timeout, in round trips. Jitter may halve it. */
const ROUND_TRIPS_PER_TIMEOUT = 3;
/** How much the retransmission timeout grows while a peer does not reply. */
const MAX_RETRANSMISSION_FACTOR = 2;
/** The time between two probes of a suspected peer. */
const PROBE_INTERVAL_MS = 1000;
/** The resolution of timers: a timer may fire this much too early by the monotonic clock. */
const TIMER_RESOLUTION_MS = 1;

type TotalReply = { readonly incarnation: string; readonly total: number; readonly seq: number };

interface Peer {
  readonly id: string;
  /** Its newest total; undefined before its first reply. */
  newest: TotalReply | undefined;
  readonly roundTrip: RoundTripEstimator;
  /** The number of requests sent to it. */
  requests: number;
  /** The number of the last request that its current incarnation answered. */
  lastAnswered: number;
  /** Ends the probes; undefined while it is not probed. */
  stopProbes: CancelTimer | undefined;
}

/** Starts the counter on a node; a read waits for a peer up to `readTimeoutMs`. */
export function peersCounter(
  node: Node,
  { readTimeoutMs }: { readonly readTimeoutMs: number },
): Counter {
  const own = { incarnation: node.incarnation, total: 0, seq: 0 };
  const totals = new PeerTotals(node, readTimeoutMs);
  const rounds = new SharedRound(() => totals.update());
  node.on("total", () => ({ type: "total_ok", ...own }));
  return {
    add(delta) {
      own.total += delta;
      own.seq++;
    },
    async read() {
      const sumOfPeers = await rounds.run();
      return own.total + sumOfPeers;
    },
  };
}

/** The last total that each peer sent. */
class PeerTotals {
  readonly #node: Node;
  readonly #timeoutMs: number;
  readonly #peers: readonly Peer[];
  readonly #detector: FailureDetector;

  constructor(node: Node, timeoutMs: number) {
    this.#node = node;
    this.#timeoutMs = timeoutMs;
    this.#detector = new FailureDetector({
      timeoutMs: Math.max(TIMER_RESOLUTION_MS, timeoutMs - TIMER_RESOLUTION_MS),
    });
    this.#peers = node.peers.map((id) => ({
      id,
      newest: undefined,
      roundTrip: new RoundTripEstimator(),
      requests: 0,
      lastAnswered: 0,
      stopProbes: undefined,
    }));
  }

  /**
   * Requests the totals of all peers that are not suspected, and waits for them up to the timeout.
   * Resolves to the sum of all peers' totals; rejects with a timeout (0) if some peer has never replied.
   */
  async update(): Promise<number> {
    const trusted = this.#peers.filter((peer) => !this.#isSuspected(peer));
    await Promise.all(trusted.map((peer) => this.#requestInTime(peer)));
    return this.#peers.reduce((sum, { id, newest }) => {
      if (newest !== undefined) return sum + newest.total;
      throw new RpcError(ErrorCode.timeout, `no total from ${id} yet; retry the read`);
    }, 0);
  }

  async #requestInTime(peer: Peer): Promise<void> {
    if (await this.#retransmitInTime(peer)) return;
    this.#node.sometimes("a peer did not send its total in time");
    peer.stopProbes ??= this.#node.every(PROBE_INTERVAL_MS, () => this.#probe(peer));
  }

  /**
   * Requests a peer's total until a reply arrives or the timeout passes; resolves to whether one
   * arrived.
   *
   * Each retransmission is a request of its own. So a reply is an unambiguous sample of the
   * round-trip time, which a reply to copies of one request is not (Karn's algorithm).
   */
  #retransmitInTime(peer: Peer): Promise<boolean> {
    const minMs = retransmissionTimeoutMs(peer);
    const backoff = new Backoff(
      { minMs, maxMs: MAX_RETRANSMISSION_FACTOR * minMs },
      () => this.#node.random(),
    );
    // Only the first request counts, so that the peer is suspected just when the timeout passes.
    this.#detector.sent(peer.id, this.#node.monotonic());
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    let cancelNext: CancelTimer = () => {};
    const send = () => {
      this.#request(peer, () => resolve(true)).catch(reject);
      cancelNext = this.#node.after(backoff.next(), () => {
        this.#node.sometimes("a request for a total was retransmitted");
        send();
      });
    };
    send();
    const cancelTimeout = this.#node.after(this.#timeoutMs, () => resolve(false));
    return promise.finally(() => {
      cancelNext();
      cancelTimeout();
    });
  }

  async #probe(peer: Peer): Promise<void> {
    if (this.#isSuspected(peer)) {
      await this.#request(peer);
    } else {
      peer.stopProbes?.();
      peer.stopProbes = undefined;
    }
  }

  #isSuspected({ id }: Peer): boolean {
    return this.#detector.isSuspected(id, this.#node.monotonic());
  }

  /**
   * Requests a peer's total; calls `onReply` if the peer replies within the read timeout. A malformed
   * reply counts as none.
   */
  async #request(peer: Peer, onReply = () => {}): Promise<void> {
    const request = ++peer.requests;
    const sentAt = this.#node.monotonic();
    const options = { timeoutMs: MAX_REPLY_AGE_MS };
    const reply = await this.#node.rpcFor(peer.id, { type: "total" }, totalReply, options)
      .catch(() => undefined);
    if (reply === undefined) return;
    const receivedAt = this.#node.monotonic();
    const roundTripMs = receivedAt - sentAt;
    peer.roundTrip.add(roundTripMs);
    storeTotal(peer, request, reply);
    // A late reply does not end the suspicion: reads would wait for the peer again, in vain.
    if (roundTripMs >= this.#timeoutMs) return;
    this.#detector.received(peer.id, receivedAt);
    onReply();
  }
}

/** Returns how long to wait for a peer's reply before the first retransmission. */
function retransmissionTimeoutMs({ roundTrip }: Peer): number {
  const longestMs = roundTrip.quantile(1) ?? 0;
  return Math.max(MIN_RETRANSMISSION_TIMEOUT_MS, ROUND_TRIPS_PER_TIMEOUT * longestMs);
}

/** Stores a total, unless a newer one has arrived before it. */
function storeTotal(peer: Peer, request: number, reply: TotalReply): void {
  const { newest, lastAnswered } = peer;
  const isNewer = reply.incarnation === newest?.incarnation
    ? reply.seq >= newest.seq
    : request > lastAnswered;
  if (isNewer) peer.newest = reply;
  if (reply.incarnation === peer.newest?.incarnation) {
    peer.lastAnswered = Math.max(lastAnswered, request);
  }
}
