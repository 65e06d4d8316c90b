/**
 * What we have of a peer's log, and what acknowledgement we owe for it.
 *
 * Invariant: we know every entry of the peer's log below `received`. What comes from beyond a gap
 * is kept, but does not count until the gap is filled.
 *
 * @module
 */

import type { Digest } from "./value_log.ts";

/** A peer's log as we get it. */
export class Incoming {
  /** An offer that we could not make good yet, and when to look at it again. */
  offered: { readonly digest: Digest; readonly at: number; readonly due: number } | undefined;
  #received = 0;
  #receivedAt = 0;
  #owedSince: number | undefined;
  #lastNews = Infinity;
  #complainAt = -Infinity;

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
    if (from > this.#received) return false;
    this.#reach(to, now);
    if (from < to) {
      this.#owedSince ??= now;
      this.#lastNews = now;
    }
    return true;
  }

  /** Takes everything below a position, which the peer offered, as known. */
  catchUp(position: number, now: number): void {
    this.#reach(position, now);
    this.#owedSince ??= now;
  }

  /** Takes everything below a position, which a digest of the peer's named, as known. */
  cover(position: number): void {
    this.#received = Math.max(this.#received, position);
  }

  /**
   * Whether to tell the peer now that something is missing; not again within so many milliseconds.
   */
  complains(now: number, patience: number): boolean {
    if (now < this.#complainAt) return false;
    this.#complainAt = now + patience;
    return true;
  }

  /** Begins again at nothing, with a peer that has a new log. */
  forget(): void {
    this.#received = 0;
    this.offered = undefined;
    this.acknowledged();
  }

  #reach(position: number, now: number): void {
    if (position <= this.#received) return;
    this.#received = position;
    this.#receivedAt = now;
  }
}
