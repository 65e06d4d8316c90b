/**
 * What a leader knows about one other member (figure 2, "volatile state on leaders").
 *
 * @module
 */

import type { SnapshotSender } from "./snapshot_chunks.ts";

/** The state of replication to one member. */
export class Progress {
  /** The next index to send; the entries before it are acknowledged or on their way. */
  next: number;
  /** The index up to which the member's log is known to equal the leader's, durably. */
  match = 0;
  /** The last round that the member acknowledged. */
  ackedRound = 0;
  /** Rejections of rounds before this one are stale: the leader has gone back since. */
  rewindRound = 0;
  /** Whether the member does not reply, so that it is sent empty messages until it does. */
  isProbed = false;
  /** The snapshot that is being sent to the member; undefined for none. */
  transfer: SnapshotSender | undefined;
  /** When the last message was sent to the member. */
  sentMs = -Infinity;
  /** When the member last replied. */
  repliedMs: number;
  /** When the oldest message was sent that no reply followed; undefined for none. */
  #waitingSinceMs: number | undefined;
  readonly #first: number;

  /** `next` is the first index to try. */
  constructor(next: number, now: number) {
    this.next = next;
    this.#first = next;
    this.repliedMs = now;
  }

  /** Whether the member replies in time, so that a round may count on it. */
  isResponsive(now: number, timeoutMs: number): boolean {
    return this.#waitingSinceMs === undefined || now - this.#waitingSinceMs < timeoutMs;
  }

  /** Begins to probe: what is on its way counts as lost. */
  probe(): void {
    this.isProbed = true;
    // Without any acknowledgement, a rejection will show where the logs agree.
    this.next = this.match > 0 ? this.match + 1 : Math.min(this.next, this.#first);
  }

  noteSent(now: number): void {
    this.sentMs = now;
    this.#waitingSinceMs ??= now;
  }

  noteReply(round: number, now: number): void {
    this.repliedMs = now;
    this.isProbed = false;
    this.#waitingSinceMs = undefined;
    this.ackedRound = Math.max(this.ackedRound, round);
  }
}
