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

import { type Digest, isNamed, type Run, type ValueLog } from "./value_log.ts";

/** A message holds so many values at most; a catch-up takes as many messages as it needs. */
const MOST_VALUES = 500;

/** Part of a log, for a peer. */
export interface Excerpt {
  readonly from: number;
  readonly to: number;
  readonly runs: Run[];
  /** Milliseconds since the oldest of its entries was learned. */
  readonly age: number;
}

/** Our log as one peer gets it. */
export class Outgoing {
  readonly #peer: string;
  readonly #log: ValueLog;
  #sent = 0;
  #acknowledged = 0;
  /** The furthest that was ever sent. */
  #everSent = 0;
  /** No entry in `#sent..#scanned−1` is one for the peer. */
  #scanned = 0;
  /** Below this the peer's digest, rather than what it told us, says what it has. */
  #namedEnd = 0;
  #named: Digest = {};
  /** Up to here the peer needs no positions, thanks to its digest. */
  #base = 0;
  /** Whether the peer forgot what it had, so that only its digest can tell what to send. */
  #lost = false;
  #underWay: { readonly to: number; readonly at: number }[] = [];
  #lastPush = -Infinity;
  #firstPush = -Infinity;

  /** Begins with a peer that has nothing. */
  constructor(peer: string, log: ValueLog) {
    this.#peer = peer;
    this.#log = log;
  }

  /** Whether the log holds something that the peer has not been sent. */
  get pending(): boolean {
    if (this.#lost) return false;
    this.#scanned = Math.max(this.#scanned, this.#sent);
    while (this.#scanned < this.#log.length && !this.#wants(this.#scanned)) this.#scanned++;
    return this.#scanned < this.#log.length;
  }

  /** When the first of what is pending was learned; ask only if something is. */
  get pendingSince(): number {
    return this.#log.entry(this.#scanned).at;
  }

  /** Whether more than so many values are pending. */
  hasMoreThan(count: number): boolean {
    let found = 0;
    for (let next = Math.max(this.#scanned, this.#sent); next < this.#log.length; next++) {
      if (this.#wants(next) && ++found > count) return true;
    }
    return false;
  }

  /** Whether something that was sent has not been acknowledged. */
  get unacknowledged(): boolean {
    return this.#sent > this.#acknowledged;
  }

  /** Whether the peer has acknowledged anything. */
  get begun(): boolean {
    return this.#acknowledged > 0;
  }

  /** Whether the peer's digest is needed. */
  get lost(): boolean {
    return this.#lost;
  }

  /** When something was last sent, and when the first that is not acknowledged. */
  get lastPush(): number {
    return this.#lastPush;
  }

  get firstPush(): number {
    return this.#firstPush;
  }

  /** The position at which the next message begins, as the peer is told. */
  get from(): number {
    return this.#lost || this.#sent <= this.#base ? 0 : this.#sent;
  }

  /**
   * Takes what is pending, as far as one message holds, as sent. Ask only if something is pending.
   */
  take(now: number): Excerpt {
    const { from } = this;
    const age = Math.round(now - this.pendingSince);
    const start = this.#scanned;
    let end = start;
    for (let count = 0; end < this.#log.length && count < MOST_VALUES; end++) {
      if (this.#wants(end)) count++;
    }
    const runs = this.#log.runs(start, end, (position) => this.#wants(position));
    this.#pushed(end, now);
    return { from, to: end, runs, age };
  }

  /**
   * Takes all that is pending as offered by a digest of the log; returns the position that it
   * reaches to.
   */
  offer(now: number): number {
    this.#pushed(this.#log.length, now);
    return this.#log.namedLength;
  }

  /**
   * Takes an acknowledgement; returns false if it is an old one, else when the newest message that
   * it acknowledges was sent (undefined if that is not certain).
   */
  acknowledge(position: number): { readonly sentAt: number | undefined } | false {
    if (this.#lost || position <= this.#acknowledged) return false;
    this.#acknowledged = Math.min(position, this.#log.length);
    this.#sent = Math.max(this.#sent, this.#acknowledged);
    let sentAt: number | undefined;
    while (this.#underWay[0] !== undefined && this.#underWay[0].to <= position) {
      sentAt = this.#underWay.shift()?.at;
    }
    if (this.#underWay[0] !== undefined) this.#firstPush = this.#underWay[0].at;
    return { sentAt };
  }

  /** Takes the peer's digest: what to send follows from it, whatever was sent before. */
  takeDigest(digest: Digest): void {
    const named = this.#log.firstBeyond(digest);
    this.#rewindTo(Math.max(named, this.#acknowledged));
    this.#lost = false;
    this.#base = this.#sent;
    this.#named = digest;
    this.#namedEnd = this.#log.length;
  }

  /** Begins again where the acknowledgements end. */
  rewind(): void {
    this.#rewindTo(this.#acknowledged);
  }

  /** Begins again at nothing, with a peer that may have forgotten anything. */
  forget(): void {
    this.#rewindTo(0);
    this.#lost = true;
  }

  #wants(position: number): boolean {
    const entry = this.#log.entry(position);
    return position < this.#namedEnd ? !isNamed(entry, this.#named) : entry.source !== this.#peer;
  }

  #pushed(to: number, now: number): void {
    if (!this.unacknowledged) this.#firstPush = now;
    // An answer to what was sent twice does not say which of the two it answers (Karn's rule).
    if (this.#sent >= this.#everSent) this.#underWay.push({ to, at: now });
    this.#sent = to;
    this.#everSent = Math.max(this.#everSent, to);
    this.#lastPush = now;
  }

  #rewindTo(position: number): void {
    this.#sent = position;
    this.#acknowledged = position;
    this.#scanned = position;
    this.#underWay = [];
  }
}
