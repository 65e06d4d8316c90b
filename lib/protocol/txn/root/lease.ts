/**
 * Leases on the root, for nodes that commit while a partition separates them.
 *
 * Two nodes that commit independently fail each other's compare-and-sets. Each failure costs two
 * messages, and two more to read the new root. So a node that finds a commit of another node takes
 * a lease. It commits while its lease lasts, and then backs off for a little longer than the other
 * node's lease. A node whose compare-and-set fails assumes that the other node's lease has just
 * started. So two nodes alternate after one failure, without messages between them and without
 * synchronised clocks. From then on a lease costs one read of the root.
 *
 * Without commits of other nodes there are no leases. But where round trips are long, a node that
 * has not noticed a second one commits without a break, and the second one's compare-and-sets
 * always come too late. So a node pauses between attempts while one of its peers is silent.
 *
 * A lease here is advisory, unlike those of Gray and Cheriton (1989): it decides when a node tries
 * to commit, and only the compare-and-set decides whether it does. Wrong leases cost messages.
 *
 * @module
 */

import { FailureDetector, invariant } from "../../../base/mod.ts";
import type { Node } from "../../../node/mod.ts";

/** A lease is at least this many round trips long: time for commits after the read of the root. */
const MIN_LEASE_ROUND_TRIPS = 4;
/**
 * The margin on either side of the other node's lease, as a part of the lease: each node only
 * estimates when the other's lease starts. The margin is at least one round trip.
 */
const MARGIN = 1 / 20;
/** A peer that has sent nothing for this long may be partitioned from this node. */
const MAX_SILENCE_MS = 1000;
/** The longest pause between attempts while a peer is silent. */
const MAX_YIELD_ROUND_TRIPS = 2;

/** Decides when a node tries to commit. */
export class Lease {
  readonly #node: Pick<Node, "monotonic" | "sleep" | "random" | "peers">;
  readonly #leaseMs: number;
  readonly #roundTripMs: () => number;
  readonly #peers = new FailureDetector({ timeoutMs: MAX_SILENCE_MS });
  /** When the last lease started; undefined while no other node commits. */
  #startedAt: number | undefined;
  #hasFailed = false;
  /** When the last attempt ended. */
  #lastAttemptAt = -Infinity;

  /**
   * A lease takes `leaseMs` milliseconds while round trips are short. `roundTripMs` returns the
   * present round-trip time to the store in milliseconds.
   */
  constructor(
    node: Pick<Node, "monotonic" | "sleep" | "random" | "peers">,
    leaseMs: number,
    roundTripMs: () => number,
  ) {
    this.#node = node;
    this.#leaseMs = leaseMs;
    this.#roundTripMs = roundTripMs;
  }

  /** The longest back-off after a lease, in milliseconds. */
  get maxBackoffMs(): number {
    return this.#lengthMs + 2 * Math.max(MARGIN * this.#lengthMs, this.#roundTripMs());
  }

  /**
   * Whether the lease is over, so that the node must back off and read the root before it commits.
   */
  get hasExpired(): boolean {
    if (this.#startedAt === undefined || !this.#isPeerSilent) return false;
    return this.#node.monotonic() - this.#startedAt >= this.#lengthMs;
  }

  /** Notes a message from a peer. */
  received(peer: string): void {
    this.#peers.received(peer, this.#node.monotonic());
  }

  /**
   * Starts a lease, after a read of the root that showed commits of other nodes. Without such
   * commits the node needs no lease.
   */
  start(haveOthersCommitted: boolean): void {
    this.#startedAt = haveOthersCommitted ? this.#node.monotonic() : undefined;
  }

  /** Notes the end of an attempt. */
  attempted(): void {
    this.#lastAttemptAt = this.#node.monotonic();
  }

  /** Notes that an attempt has succeeded. */
  succeeded(): void {
    this.#hasFailed = false;
  }

  /** Resolves when the other nodes' lease after an expired one is over. */
  backOff(): Promise<void> {
    invariant(this.#startedAt !== undefined, "a node backs off after a lease of its own");
    const endsAt = this.#startedAt + this.#lengthMs + this.maxBackoffMs;
    return this.#node.sleep(Math.max(0, endsAt - this.#node.monotonic()));
  }

  /**
   * Resolves when it is time to read the root after a failed attempt: when the other node's lease
   * is over. After further failures the back-off has jitter, so that two nodes in step do not fail
   * again.
   */
  backOffAfterFailure(): Promise<void> {
    const part = this.#hasFailed ? 0.5 + this.#node.random() / 2 : 1;
    this.#hasFailed = true;
    return this.#node.sleep(this.#lengthMs * part);
  }

  /** Pauses for a random time, if this node has just committed and another one may want to. */
  async yieldToOthers(): Promise<void> {
    const roundTripMs = this.#roundTripMs();
    if (roundTripMs === 0 || this.#startedAt !== undefined || !this.#isPeerSilent) return;
    // An idle time of this node was a long enough pause.
    if (this.#node.monotonic() - this.#lastAttemptAt > roundTripMs) return;
    await this.#node.sleep(MAX_YIELD_ROUND_TRIPS * roundTripMs * this.#node.random());
  }

  get #lengthMs(): number {
    return Math.max(this.#leaseMs, MIN_LEASE_ROUND_TRIPS * this.#roundTripMs());
  }

  get #isPeerSilent(): boolean {
    const now = this.#node.monotonic();
    return this.#node.peers.some((peer) => this.#peers.silenceMs(peer, now) > MAX_SILENCE_MS);
  }
}
