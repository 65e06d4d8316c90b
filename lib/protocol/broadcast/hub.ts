/**
 * Hub: every node sends its entries to one node, the hub, which forwards them to all others a few
 * times per second.
 *
 * A leaf acknowledges a client's value immediately and keeps it until shortly before the hub's next
 * flush. The hub sends each leaf the entries that it lacks, every `flushIntervalMs` T.
 * Acknowledgements are positions and travel in these messages. With n nodes and w values per second
 * that makes at most
 *
 *     (n − 1) / T · (1 + 1 − e^(−w·T/n)) messages per second,
 *
 * one to each leaf per interval, and at most one from it. Until all nodes can read a value, it
 * takes at most T, the margin and one latency: a value waits for the flush either at the leaf or at
 * the hub, not at both. The leaf computes from the hub's last flush, T and the round trip when to
 * send, so that its entries arrive `flushMarginMs` before the flush. (The second latency, from hub
 * to leaf, does not show in Maelstrom: a client's read queues behind messages to its node.)
 *
 * A leaf sends immediately where round trips vary too much, or while the cluster is idle. Entries
 * that arrive too late for their flush, and have waited for T already, make the hub flush early.
 *
 * @module
 */

import { HubElection } from "./hub_election.ts";
import type { Link, LinkTiming } from "./link.ts";
import type { ReceivedDelta } from "./link_protocol.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import type { ProbeOptions } from "./prober.ts";

/** The options of {@link Hub}. */
export interface HubOptions {
  /** Milliseconds between two flushes. */
  readonly flushIntervalMs: number;
  /** How many milliseconds before a flush a leaf's entries should reach the hub. */
  readonly flushMarginMs: number;
  /** The longest ack delay of a leaf, in milliseconds. */
  readonly hubAckDelayMs: number;
  /** See {@link LinkTiming}. */
  readonly rtoMarginMs: number;
  readonly maxRtoMs: number;
  readonly maxTimeouts: number;
  readonly probe: ProbeOptions;
}

/** A leaf acknowledges when no delta came from the hub for this number of intervals… */
const LEAF_ACK_DELAY_INTERVALS = 1.5;
/** …and, while deltas keep arriving, after this number, or `hubAckDelayMs` if that is longer. */
const MIN_HUB_ACK_DELAY_INTERVALS = 3;
/** The minimum time between two flushes, in intervals, however late entries are. */
const MIN_FLUSH_GAP_INTERVALS = 1 / 8;
/**
 * When no delta arrived for this fraction of the margin, all deltas for the same flush have
 * arrived.
 */
const IDLE_MARGINS = 1 / 3;

/** The strategy `hub`. */
export class Hub extends HubElection {
  readonly #options: HubOptions;
  #lastFlushAt = -Infinity;
  /** The time of the next regular flush, if there is anything to flush. */
  #nextFlushAt = -Infinity;
  /** The time when the last delta with new entries arrived. */
  #lastDeltaAt = -Infinity;
  /** The time when entries that arrived late must be flushed. */
  #lateEntriesFlushAt = Infinity;
  /**
   * The hub's next flush, by this node's clock; later by the latency of the message that announced
   * it.
   */
  #hubFlush = { hub: "", at: -Infinity };

  constructor(self: LocalNode, options: HubOptions) {
    super(self, options.probe);
    this.#options = options;
  }

  protected override timing(peer: string): LinkTiming {
    const { flushIntervalMs, hubAckDelayMs, rtoMarginMs, maxRtoMs, maxTimeouts } = this.#options;
    const leaf = {
      delayMs: LEAF_ACK_DELAY_INTERVALS * flushIntervalMs,
      maxDelayMs: Math.max(hubAckDelayMs, MIN_HUB_ACK_DELAY_INTERVALS * flushIntervalMs),
    };
    // A hub acknowledges with its next flush, and separately only if there is none.
    const delayMs = flushIntervalMs + 2 * this.#maxFlushDelayMs;
    const hub = { delayMs, maxDelayMs: delayMs };
    const [own, peers] = this.hasLowerRank(peer) ? [leaf, hub] : [hub, leaf];
    return {
      ackDelayMs: own.delayMs,
      maxAckDelayMs: own.maxDelayMs,
      peerAckDelayMs: peers.delayMs,
      peerMaxAckDelayMs: peers.maxDelayMs,
      rtoMarginMs,
      maxRtoMs,
      maxTimeouts,
    };
  }

  protected override pushDeadline(link: Link): number {
    if (link.peer === this.hub) return this.#uplinkDeadline(link);
    return this.hasLowerRank(link.peer) ? Infinity : this.#flushDeadline;
  }

  protected override runOwnActions(now: number, out: Outbox): void {
    super.runOwnActions(now, out);
    if (this.#flushDeadline > now) return;
    const leaves = this.leaves.filter(({ isOpen, awaitsDigest }) => !isOpen && !awaitsDigest);
    if (!leaves.some(({ canPush }) => canPush)) return;
    this.#flushed(now);
    for (const link of leaves) {
      if (link.canPush) this.push(link, now, out);
      else if (link.receiver.owesAck) this.acknowledge(link, now, out);
    }
  }

  protected override deltaFields(link: Link, now: number): object {
    if (this.hasLowerRank(link.peer)) return {};
    return { next: Math.max(0, Math.round(this.#nextFlushAt - now)) };
  }

  protected override onDelta(link: Link, { delta, added }: ReceivedDelta, now: number): void {
    const { peer } = link;
    const { flushIntervalMs } = this.#options;
    if (peer === this.hub) this.#hubFlush = { hub: peer, at: now + (delta.next ?? 0) };
    if (added === 0) return;
    this.#lastDeltaAt = now;
    const remainingMs = Math.max(0, flushIntervalMs - (delta.age ?? 0));
    const flushAt = now + this.#maxFlushDelayMs + remainingMs;
    this.#lateEntriesFlushAt = Math.min(this.#lateEntriesFlushAt, flushAt);
  }

  /**
   * Returns when to send to the hub: just before its next flush, or immediately if it does not
   * flush regularly.
   */
  #uplinkDeadline(link: Link): number {
    const { flushIntervalMs, flushMarginMs, rtoMarginMs } = this.#options;
    const { minMs, upperMs, spreadMs } = link.roundTrip;
    const since = link.sender.pendingSince;
    const { hub, at } = this.#hubFlush;
    const isIdle = hub !== link.peer || since >= at + upperMs + rtoMarginMs;
    if (isIdle || spreadMs > flushMarginMs) return since;
    const target = at - minMs - flushMarginMs;
    return target + Math.ceil((since - target) / flushIntervalMs) * flushIntervalMs;
  }

  /** Extra flushes do not move the regular ones, so that leaves can rely on them. */
  #flushed(now: number): void {
    const { flushIntervalMs } = this.#options;
    const lateMs = now - this.#nextFlushAt;
    if (lateMs >= flushIntervalMs / 2) this.#nextFlushAt = now + flushIntervalMs;
    else if (lateMs >= 0) this.#nextFlushAt += flushIntervalMs;
    this.#lastFlushAt = now;
    this.#lateEntriesFlushAt = Infinity;
  }

  /**
   * The next flush: one interval after the last regular one. The deltas of leaves may be late, all
   * of them if the host is busy. The hub therefore waits a little for them, until they have all
   * arrived.
   */
  get #flushDeadline(): number {
    const { flushIntervalMs, flushMarginMs } = this.#options;
    const regular = this.#nextFlushAt;
    const latest = regular + this.#maxFlushDelayMs;
    const haveArrived = this.#lastDeltaAt >= regular - 2 * flushMarginMs;
    const deadline = haveArrived
      ? Math.max(regular, this.#lastDeltaAt + IDLE_MARGINS * flushMarginMs)
      : latest;
    return Math.max(
      this.#lastFlushAt + MIN_FLUSH_GAP_INTERVALS * flushIntervalMs,
      Math.min(deadline, latest, this.#lateEntriesFlushAt),
    );
  }

  get #maxFlushDelayMs(): number {
    return (1 + IDLE_MARGINS) * this.#options.flushMarginMs;
  }
}
