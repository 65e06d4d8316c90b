/**
 * Hub: every node tells one node, and that one tells all others, a few times a second.
 *
 * A leaf acknowledges a value at once and keeps it until just before the hub's next flush; the hub
 * sends each leaf what it has not got, every `interval` T. Acknowledgements are positions and ride
 * on what is sent anyway. With n nodes and w values a second that is at most
 *
 *     (n − 1) / T · (1 + 1 − e^(−w·T/n)) messages a second, and T + margin + one latency until all can read:
 *
 * one message down and at most one up for each leaf and interval, and a value waits for the flush
 * either at the leaf or at the hub, never at both, because the leaf aims: the hub's last flush, T
 * and the round trip say when to send so as to arrive `margin` early. (The second latency, from hub
 * to leaf, does not show in Maelstrom: a client's read waits behind a message that is under way to
 * its node.) Where round trips differ too much for that, and when the cluster is idle, a leaf sends
 * at once. A value that came too late for its flush, and has waited T already, makes the hub flush
 * early.
 *
 * @module
 */

import { HubElection } from "./hub_election.ts";
import type { Link, LinkTiming } from "./link.ts";
import type { ReceivedDelta } from "./link_protocol.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import type { ProbeOptions } from "./prober.ts";

/** The pace of a hub, in milliseconds. */
export interface HubOptions {
  /** Between two flushes. */
  readonly flushIntervalMs: number;
  /** How long before the hub's flush a leaf wants its news to arrive. */
  readonly flushMarginMs: number;
  /** How long a node that gets news keeps silent at most. */
  readonly hubAckDelayMs: number;
  /** What a busy machine may add to a round trip. */
  readonly rtoMarginMs: number;
  /** Repetitions of news back off to this. */
  readonly maxRtoMs: number;
  /** Tries before a circuit opens. */
  readonly maxTimeouts: number;
  readonly probe: ProbeOptions;
}

/** A leaf acknowledges when the hub has been quiet for so many intervals… */
const LEAF_ACK_DELAY_INTERVALS = 1.5;
/** …and while it is not, after so many, or `keepAlive` if that is longer. */
const MIN_HUB_ACK_DELAY_INTERVALS = 3;
/** Between two flushes there is this part of an interval at least, however overdue a value is. */
const MIN_FLUSH_GAP_INTERVALS = 1 / 8;
/** News that aimed at the same flush have all come when none came for this part of the margin. */
const IDLE_MARGINS = 1 / 3;

/** The strategy `hub`. */
export class Hub extends HubElection {
  readonly #options: HubOptions;
  #lastFlushAt = -Infinity;
  /** When the next regular flush is due, if there is anything to flush. */
  #nextFlushAt = -Infinity;
  /** When the last news came. */
  #lastDeltaAt = -Infinity;
  /** When a value that came late has to go on. */
  #lateEntriesFlushAt = Infinity;
  /** When the parent wants to flush next, later by the time that its last news took. */
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
    // A hub acknowledges with its next flush; on its own only if there is none.
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
   * Just in time for the parent's next flush, or at once when it does not seem to flush regularly.
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

  /** Extra flushes leave the regular ones where they are, so that leaves can rely on them. */
  #flushed(now: number): void {
    const { flushIntervalMs } = this.#options;
    const lateMs = now - this.#nextFlushAt;
    if (lateMs >= flushIntervalMs / 2) this.#nextFlushAt = now + flushIntervalMs;
    else if (lateMs >= 0) this.#nextFlushAt += flushIntervalMs;
    this.#lastFlushAt = now;
    this.#lateEntriesFlushAt = Infinity;
  }

  /**
   * An interval after the last regular one. But leaves that aimed at it may be late, all together
   * where it is the machine that is: the flush waits for them a little, and until they have all
   * come.
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
