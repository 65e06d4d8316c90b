/**
 * The sender of this node's log to one peer: which positions the peer has acknowledged, and what to
 * send next.
 *
 * The peer follows the log by position. A delta covers the positions `from..to−1`. It omits entries
 * that the peer has: those that the peer itself sent, and those that its last digest covers. A
 * range from 0 is complete with respect to that digest. A peer that is new or was away therefore
 * needs no earlier positions.
 *
 * The peer has every entry below `acknowledged`.
 *
 * Invariant: `acknowledged ≤ sent ≤ log.length`.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { type Digest, type EntryRun, isInDigest, type ValueLog } from "./value_log.ts";

/** The maximum number of values in a delta. A long catch-up takes several deltas. */
const MAX_VALUES_PER_DELTA = 500;

/** A range of the log, for a peer. */
export interface LogRange {
  readonly from: number;
  readonly to: number;
  readonly runs: EntryRun[];
  /** Milliseconds since the oldest of its entries was added. */
  readonly age: number;
}

/** Tracks what one peer has of this node's log. */
export class LogSender {
  readonly #peer: string;
  readonly #log: ValueLog;
  #sent = 0;
  #acknowledged = 0;
  /** The highest position that was ever sent. */
  #maxSent = 0;
  /** The peer lacks no entry in `#sent..#scanned−1`. */
  #scanned = 0;
  /**
   * Below this position the peer's digest decides what the peer lacks; above, an entry's source
   * does.
   */
  #digestEnd = 0;
  #peerDigest: Digest = {};
  /** Below this position the peer needs no positions, thanks to its digest. */
  #base = 0;
  /** Whether the peer lost its memory, so that only its digest tells what to send. */
  #needsDigest = false;
  #inFlight: { readonly to: number; readonly sentAt: number }[] = [];
  #lastPushAt = -Infinity;
  #firstPushAt = -Infinity;

  /** Starts with a peer whose log is empty. */
  constructor(peer: string, log: ValueLog) {
    this.#peer = peer;
    this.#log = log;
  }

  /** Whether the log has entries to send to the peer. */
  get hasPending(): boolean {
    if (this.#needsDigest) return false;
    this.#scanned = Math.max(this.#scanned, this.#sent);
    while (this.#scanned < this.#log.length && !this.#lacks(this.#scanned)) this.#scanned++;
    return this.#scanned < this.#log.length;
  }

  /** The time when the first pending entry was added. Requires {@link LogSender.hasPending}. */
  get pendingSince(): number {
    return this.#log.entry(this.#scanned).addedAt;
  }

  /** Returns whether more than the given number of values are pending. */
  hasMorePendingThan(count: number): boolean {
    let found = 0;
    for (let next = Math.max(this.#scanned, this.#sent); next < this.#log.length; next++) {
      if (this.#lacks(next) && ++found > count) return true;
    }
    return false;
  }

  /** Whether sent entries await an acknowledgement. */
  get hasUnacknowledged(): boolean {
    return this.#sent > this.#acknowledged;
  }

  /** Whether the peer has acknowledged anything. */
  get hasAcknowledged(): boolean {
    return this.#acknowledged > 0;
  }

  /** Whether the peer's digest is needed before anything can be sent. */
  get needsDigest(): boolean {
    return this.#needsDigest;
  }

  /** The time when entries were last sent. */
  get lastPushAt(): number {
    return this.#lastPushAt;
  }

  get firstPushAt(): number {
    return this.#firstPushAt;
  }

  /** The position at which the next delta begins. */
  get from(): number {
    return this.#needsDigest || this.#sent <= this.#base ? 0 : this.#sent;
  }

  /**
   * Returns the pending entries, as many as fit into one delta, and marks them as sent. Requires
   * {@link LogSender.hasPending}.
   */
  take(now: number): LogRange {
    const { from } = this;
    const age = Math.round(now - this.pendingSince);
    const start = this.#scanned;
    let end = start;
    for (let count = 0; end < this.#log.length && count < MAX_VALUES_PER_DELTA; end++) {
      if (this.#lacks(end)) count++;
    }
    const runs = this.#log.runs(start, end, (position) => this.#lacks(position));
    this.#pushed(end, now);
    return { from, to: end, runs, age };
  }

  /**
   * Marks all pending entries as advertised by a digest; returns the position up to which the
   * digest covers everything.
   */
  advertise(now: number): number {
    this.#pushed(this.#log.length, now);
    return this.#log.coveredLength;
  }

  /**
   * Processes an acknowledgement. Returns false if it acknowledges nothing new. Otherwise returns
   * when the newest message that it acknowledges was sent, or undefined if that message was
   * retransmitted.
   */
  acknowledge(position: number): { readonly sentAt: number | undefined } | false {
    if (this.#needsDigest || position <= this.#acknowledged) return false;
    this.#acknowledged = Math.min(position, this.#log.length);
    this.#sent = Math.max(this.#sent, this.#acknowledged);
    let sentAt: number | undefined;
    while (this.#inFlight[0] !== undefined && this.#inFlight[0].to <= position) {
      sentAt = this.#inFlight.shift()?.sentAt;
    }
    if (this.#inFlight[0] !== undefined) this.#firstPushAt = this.#inFlight[0].sentAt;
    this.#assertOrder();
    return { sentAt };
  }

  /** Processes the peer's digest, which replaces all earlier knowledge of what the peer has. */
  receiveDigest(digest: Digest): void {
    const firstMissing = this.#log.firstNotIn(digest);
    this.#rewindTo(Math.max(firstMissing, this.#acknowledged));
    this.#needsDigest = false;
    this.#base = this.#sent;
    this.#peerDigest = digest;
    this.#digestEnd = this.#log.length;
  }

  /** Starts again at the last acknowledged position. */
  rewind(): void {
    this.#rewindTo(this.#acknowledged);
  }

  /** Starts again at 0, because the peer may have lost its memory. */
  reset(): void {
    this.#rewindTo(0);
    this.#needsDigest = true;
  }

  #lacks(position: number): boolean {
    const entry = this.#log.entry(position);
    return position < this.#digestEnd
      ? !isInDigest(entry, this.#peerDigest)
      : entry.source !== this.#peer;
  }

  #pushed(to: number, now: number): void {
    if (!this.hasUnacknowledged) this.#firstPushAt = now;
    // The acknowledgement of a retransmitted message does not tell which copy it acknowledges
    // (Karn's algorithm), so retransmissions yield no round-trip sample.
    if (this.#sent >= this.#maxSent) this.#inFlight.push({ to, sentAt: now });
    this.#sent = to;
    this.#maxSent = Math.max(this.#maxSent, to);
    this.#lastPushAt = now;
    this.#assertOrder();
  }

  #rewindTo(position: number): void {
    this.#sent = position;
    this.#acknowledged = position;
    this.#scanned = position;
    this.#inFlight = [];
    this.#assertOrder();
  }

  #assertOrder(): void {
    const isOrdered = this.#acknowledged <= this.#sent && this.#sent <= this.#log.length;
    invariant(isOrdered, "acknowledged ≤ sent ≤ length of the log");
  }
}
