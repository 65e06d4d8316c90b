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
const MAX_NACKS = 3;

/** An offer that we could not make good yet, and when to look at it again. */
export interface Advertisement {
  readonly digest: Digest;
  readonly to: number;
  readonly deadline: number;
}

/** A peer's log as we get it. */
export class LogReceiver {
  #advertised: Advertisement | undefined;
  /** The last one that came while that was pending: it may name more. */
  #nextAdvertised: Advertisement | undefined;
  #received = 0;
  #receivedAt = 0;
  #ackOwedSince: number | undefined;
  #lastDeltaAt = Infinity;
  /** Something beyond `received` has come; not to be said again before a moment, nor too often. */
  #hasGap = false;
  #nackAt = -Infinity;
  #nacks = 0;

  /** What to look at again. */
  get advertised(): Advertisement | undefined {
    return this.#advertised;
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
  get owesAck(): boolean {
    return this.#ackOwedSince !== undefined;
  }

  /**
   * When to acknowledge: so long after the last news, or so long after the first unacknowledged.
   */
  ackDeadline(delayMs: number, maxDelayMs: number): number {
    if (this.#ackOwedSince === undefined) return Infinity;
    return Math.min(this.#lastDeltaAt + delayMs, this.#ackOwedSince + maxDelayMs);
  }

  /** Notes that an acknowledgement is to be sent at once. */
  ackImmediately(): void {
    this.#ackOwedSince = -Infinity;
  }

  /** Notes that an acknowledgement is sent. */
  ackSent(): void {
    this.#ackOwedSince = undefined;
    this.#lastDeltaAt = Infinity;
  }

  /** Whether news that begin at this position follow those received last. */
  follows(from: number): boolean {
    return from === this.#received || from === 0;
  }

  /** Takes the positions `from..to−1` as told; returns false when some are missing before them. */
  advance(from: number, to: number, now: number): boolean {
    if (from > this.#received) {
      this.#hasGap = true;
      this.#nacks = 0;
      return false;
    }
    this.#reach(to, now);
    if (from < to) {
      this.#ackOwedSince ??= now;
      this.#lastDeltaAt = now;
    }
    return true;
  }

  /** Takes an offer of which something is missing. */
  advertise(advertisement: Advertisement): void {
    if (this.#advertised === undefined) this.#advertised = advertisement;
    else this.#nextAdvertised = advertisement;
  }

  /** The pending offer has been made good by now: the next one, if any, is pending. */
  nextAdvertisement(): void {
    this.#advertised = this.#nextAdvertised;
    this.#nextAdvertised = undefined;
  }

  /** What was offered is asked for, with all there is. */
  dropAdvertisements(): void {
    this.#advertised = this.#nextAdvertised = undefined;
  }

  /** Takes everything below a position, which the peer offered, as known. */
  catchUp(position: number, now: number): void {
    this.#reach(position, now);
    this.#ackOwedSince ??= now;
  }

  /** Takes everything below a position, which a digest of the peer's named, as known. */
  skipTo(position: number): void {
    if (position <= this.#received) return;
    this.#received = position;
    this.#hasGap = false;
  }

  /** When to tell the peer once more that something is missing; it may not have heard it. */
  get nackDeadline(): number {
    return this.#hasGap && this.#nacks < MAX_NACKS ? this.#nackAt : Infinity;
  }

  /**
   * Whether to tell the peer now that something is missing; not again within so many milliseconds.
   */
  takeNack(now: number, minIntervalMs: number): boolean {
    if (now < this.#nackAt) return false;
    this.#nackAt = now + minIntervalMs;
    this.#nacks++;
    return true;
  }

  /** Begins again at nothing, with a peer that has a new log. */
  reset(): void {
    this.#received = 0;
    this.#hasGap = false;
    this.dropAdvertisements();
    this.ackSent();
  }

  #reach(position: number, now: number): void {
    if (position <= this.#received) return;
    this.#received = position;
    this.#receivedAt = now;
    this.#hasGap = false;
  }
}
