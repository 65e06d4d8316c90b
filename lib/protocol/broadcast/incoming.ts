/**
 * What we have of a peer's log, and what acknowledgement we owe for it.
 *
 * Invariant: we know every entry of the peer's log below `received`. What comes from beyond a gap
 * is kept, but does not count until the gap is filled.
 *
 * @module
 */

import type { Digest } from "./value_log.ts";

/** A gap is complained of so often, unless more news come. */
const MOST_COMPLAINTS = 3;

/** An offer that we could not make good yet, and when to look at it again. */
export interface PendingOffer {
  readonly digest: Digest;
  readonly at: number;
  readonly due: number;
}

/** A peer's log as we get it. */
export class Incoming {
  #offered: PendingOffer | undefined;
  /** The last one that came while that was pending: it may name more. */
  #offeredSince: PendingOffer | undefined;
  #received = 0;
  #receivedAt = 0;
  #owedSince: number | undefined;
  #lastNews = Infinity;
  /** Something beyond `received` has come; not to be said again before a moment, nor too often. */
  #hasGap = false;
  #complainAt = -Infinity;
  #complaints = 0;

  /** What to look at again. */
  get offered(): PendingOffer | undefined {
    return this.#offered;
  }

  /** Up to which position we know everything. */
  get received(): number {
    return this.#received;
  }

  /** When we came to know it. */
  get receivedAt(): number {
    return this.#receivedAt;
  }

  /** Whether we owe an acknowledgement. */
  get owes(): boolean {
    return this.#owedSince !== undefined;
  }

  /**
   * When to acknowledge: so long after the last news, or so long after the first unacknowledged.
   */
  ackDue(quiet: number, longest: number): number {
    if (this.#owedSince === undefined) return Infinity;
    return Math.min(this.#lastNews + quiet, this.#owedSince + longest);
  }

  /** Notes that an acknowledgement is to be sent at once. */
  hurry(): void {
    this.#owedSince = -Infinity;
  }

  /** Notes that an acknowledgement is sent. */
  acknowledged(): void {
    this.#owedSince = undefined;
    this.#lastNews = Infinity;
  }

  /** Whether news that begin at this position follow those received last. */
  isNext(from: number): boolean {
    return from === this.#received || from === 0;
  }

  /** Takes the positions `from..to−1` as told; returns false when some are missing before them. */
  advance(from: number, to: number, now: number): boolean {
    if (from > this.#received) {
      this.#hasGap = true;
      this.#complaints = 0;
      return false;
    }
    this.#reach(to, now);
    if (from < to) {
      this.#owedSince ??= now;
      this.#lastNews = now;
    }
    return true;
  }

  /** Takes an offer of which something is missing. */
  offer(offer: PendingOffer): void {
    if (this.#offered === undefined) this.#offered = offer;
    else this.#offeredSince = offer;
  }

  /** The pending offer has been made good by now: the next one, if any, is pending. */
  settleOffer(): void {
    this.#offered = this.#offeredSince;
    this.#offeredSince = undefined;
  }

  /** What was offered is asked for, with all there is. */
  dropOffers(): void {
    this.#offered = this.#offeredSince = undefined;
  }

  /** Takes everything below a position, which the peer offered, as known. */
  catchUp(position: number, now: number): void {
    this.#reach(position, now);
    this.#owedSince ??= now;
  }

  /** Takes everything below a position, which a digest of the peer's named, as known. */
  cover(position: number): void {
    if (position <= this.#received) return;
    this.#received = position;
    this.#hasGap = false;
  }

  /** When to tell the peer once more that something is missing; it may not have heard it. */
  get complaintDue(): number {
    return this.#hasGap && this.#complaints < MOST_COMPLAINTS ? this.#complainAt : Infinity;
  }

  /**
   * Whether to tell the peer now that something is missing; not again within so many milliseconds.
   */
  complains(now: number, patience: number): boolean {
    if (now < this.#complainAt) return false;
    this.#complainAt = now + patience;
    this.#complaints++;
    return true;
  }

  /** Begins again at nothing, with a peer that has a new log. */
  forget(): void {
    this.#received = 0;
    this.#hasGap = false;
    this.dropOffers();
    this.acknowledged();
  }

  #reach(position: number, now: number): void {
    if (position <= this.#received) return;
    this.#received = position;
    this.#receivedAt = now;
    this.#hasGap = false;
  }
}
