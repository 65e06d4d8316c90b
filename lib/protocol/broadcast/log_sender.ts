/**
 * What a peer has of our log, and what is to be sent to it.
 *
 * The peer follows our log by position: `from..to` says which positions a message is about, and it
 * leaves out those entries that the peer is known to have, since it told us them itself or named
 * them in its last digest. A range that begins at 0 is complete given that digest, so that a peer
 * that is new or was away does not need the positions before.
 *
 * Invariant: the peer knows every entry below `acknowledged`; `acknowledged ≤ sent ≤ log.length`.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { type Digest, type EntryRun, isInDigest, type ValueLog } from "./value_log.ts";

/** A message holds so many values at most; a catch-up takes as many messages as it needs. */
const MAX_VALUES_PER_DELTA = 500;

/** Part of a log, for a peer. */
export interface LogRange {
  readonly from: number;
  readonly to: number;
  readonly runs: EntryRun[];
  /** Milliseconds since the oldest of its entries was learned. */
  readonly age: number;
}

/** Our log as one peer gets it. */
export class LogSender {
  readonly #peer: string;
  readonly #log: ValueLog;
  #sent = 0;
  #acknowledged = 0;
  /** The furthest that was ever sent. */
  #maxSent = 0;
  /** No entry in `#sent..#scanned−1` is one for the peer. */
  #scanned = 0;
  /** Below this the peer's digest, rather than what it told us, says what it has. */
  #digestEnd = 0;
  #peerDigest: Digest = {};
  /** Up to here the peer needs no positions, thanks to its digest. */
  #base = 0;
  /** Whether the peer forgot what it had, so that only its digest can tell what to send. */
  #needsDigest = false;
  #inFlight: { readonly to: number; readonly sentAt: number }[] = [];
  #lastPushAt = -Infinity;
  #firstPushAt = -Infinity;

  /** Begins with a peer that has nothing. */
  constructor(peer: string, log: ValueLog) {
    this.#peer = peer;
    this.#log = log;
  }

  /** Whether the log holds something that the peer has not been sent. */
  get hasPending(): boolean {
    if (this.#needsDigest) return false;
    this.#scanned = Math.max(this.#scanned, this.#sent);
    while (this.#scanned < this.#log.length && !this.#lacks(this.#scanned)) this.#scanned++;
    return this.#scanned < this.#log.length;
  }

  /** When the first of what is pending was learned; ask only if something is. */
  get pendingSince(): number {
    return this.#log.entry(this.#scanned).addedAt;
  }

  /** Whether more than so many values are pending. */
  hasMorePendingThan(count: number): boolean {
    let found = 0;
    for (let next = Math.max(this.#scanned, this.#sent); next < this.#log.length; next++) {
      if (this.#lacks(next) && ++found > count) return true;
    }
    return false;
  }

  /** Whether something that was sent has not been acknowledged. */
  get hasUnacknowledged(): boolean {
    return this.#sent > this.#acknowledged;
  }

  /** Whether the peer has acknowledged anything. */
  get hasAcknowledged(): boolean {
    return this.#acknowledged > 0;
  }

  /** Whether the peer's digest is needed. */
  get needsDigest(): boolean {
    return this.#needsDigest;
  }

  /** When something was last sent, and when the first that is not acknowledged. */
  get lastPushAt(): number {
    return this.#lastPushAt;
  }

  get firstPushAt(): number {
    return this.#firstPushAt;
  }

  /** The position at which the next message begins, as the peer is told. */
  get from(): number {
    return this.#needsDigest || this.#sent <= this.#base ? 0 : this.#sent;
  }

  /**
   * Takes what is pending, as far as one message holds, as sent. Ask only if something is pending.
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
   * Takes all that is pending as offered by a digest of the log; returns the position that it
   * reaches to.
   */
  advertise(now: number): number {
    this.#pushed(this.#log.length, now);
    return this.#log.coveredLength;
  }

  /**
   * Takes an acknowledgement; returns false if it is an old one, else when the newest message that
   * it acknowledges was sent (undefined if that is not certain).
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

  /** Takes the peer's digest: what to send follows from it, whatever was sent before. */
  receiveDigest(digest: Digest): void {
    const firstMissing = this.#log.firstNotIn(digest);
    this.#rewindTo(Math.max(firstMissing, this.#acknowledged));
    this.#needsDigest = false;
    this.#base = this.#sent;
    this.#peerDigest = digest;
    this.#digestEnd = this.#log.length;
  }

  /** Begins again where the acknowledgements end. */
  rewind(): void {
    this.#rewindTo(this.#acknowledged);
  }

  /** Begins again at nothing, with a peer that may have forgotten anything. */
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
    // An answer to what was sent twice does not say which of the two it answers (Karn's rule).
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
