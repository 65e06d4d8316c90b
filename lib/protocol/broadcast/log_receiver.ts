/**
 * The receiver of a peer's log: which positions have arrived, and which acknowledgement is due.
 *
 * The node has every entry of the peer's log below `received`. It also keeps entries that arrive
 * after a gap, but `received` does not advance until the gap is filled.
 *
 * @module
 */

import type { Digest } from "./value_log.ts";

/** The maximum number of NACKs for a gap. Further deltas beyond the gap start the count again. */
const MAX_NACKS = 3;

/** An advertisement (IHAVE) of entries that are missing here, and the time to check it again. */
export interface Advertisement {
  readonly digest: Digest;
  readonly to: number;
  readonly deadline: number;
}

/** Tracks a peer's log on the receiving side. */
export class LogReceiver {
  #advertised: Advertisement | undefined;
  /** The newest advertisement that arrived while another was pending: it may cover more entries. */
  #nextAdvertised: Advertisement | undefined;
  #received = 0;
  #receivedAt = 0;
  #ackOwedSince: number | undefined;
  #lastDeltaAt = Infinity;
  /**
   * Whether a delta beyond `received` has arrived. The next two fields limit the NACKs for the gap.
   */
  #hasGap = false;
  #nackAt = -Infinity;
  #nacks = 0;

  /** The pending advertisement. */
  get advertised(): Advertisement | undefined {
    return this.#advertised;
  }

  /** The position below which the node has every entry. */
  get received(): number {
    return this.#received;
  }

  /** The time when `received` last advanced. */
  get receivedAt(): number {
    return this.#receivedAt;
  }

  /** Whether an acknowledgement is due. */
  get owesAck(): boolean {
    return this.#ackOwedSince !== undefined;
  }

  /**
   * Returns when to acknowledge: `delayMs` after the last delta, at most `maxDelayMs` after the
   * first unacknowledged one.
   */
  ackDeadline(delayMs: number, maxDelayMs: number): number {
    if (this.#ackOwedSince === undefined) return Infinity;
    return Math.min(this.#lastDeltaAt + delayMs, this.#ackOwedSince + maxDelayMs);
  }

  /** Makes an acknowledgement due immediately. */
  ackImmediately(): void {
    this.#ackOwedSince = -Infinity;
  }

  /** Notes that an acknowledgement was sent. */
  ackSent(): void {
    this.#ackOwedSince = undefined;
    this.#lastDeltaAt = Infinity;
  }

  /**
   * Returns whether a delta from this position follows the last one, so that it is not
   * a retransmission.
   */
  follows(from: number): boolean {
    return from === this.#received || from === 0;
  }

  /**
   * Notes that a delta covered the positions `from..to−1`. Returns false if entries before them are
   * missing.
   */
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

  /** Stores an advertisement of missing entries. */
  advertise(advertisement: Advertisement): void {
    if (this.#advertised === undefined) this.#advertised = advertisement;
    else this.#nextAdvertised = advertisement;
  }

  /** Replaces the pending advertisement, whose entries have arrived, by the next one. */
  nextAdvertisement(): void {
    this.#advertised = this.#nextAdvertised;
    this.#nextAdvertised = undefined;
  }

  /** Removes all advertisements, because their entries were requested. */
  dropAdvertisements(): void {
    this.#advertised = this.#nextAdvertised = undefined;
  }

  /** Notes that the node has everything below a position which the peer advertised. */
  catchUp(position: number, now: number): void {
    this.#reach(position, now);
    this.#ackOwedSince ??= now;
  }

  /** Notes that the node has everything below a position which a digest of the peer covered. */
  skipTo(position: number): void {
    if (position <= this.#received) return;
    this.#received = position;
    this.#hasGap = false;
  }

  /** The time to send another NACK, since the last one may be lost; `Infinity` if none is due. */
  get nackDeadline(): number {
    return this.#hasGap && this.#nacks < MAX_NACKS ? this.#nackAt : Infinity;
  }

  /** Returns whether to send a NACK now, and counts it: at most one per `minIntervalMs`. */
  takeNack(now: number, minIntervalMs: number): boolean {
    if (now < this.#nackAt) return false;
    this.#nackAt = now + minIntervalMs;
    this.#nacks++;
    return true;
  }

  /** Starts again with an empty log, because the peer has a new incarnation. */
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
