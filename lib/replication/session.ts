/**
 * One replica's side of the replication with one peer.
 *
 * @module
 */

import { invariant, type Json, RoundTripEstimator } from "../base/mod.ts";
import type { Receiver, ReplicatedState, RetryOptions, Timing } from "./types.ts";

const INITIAL_ROUND_TRIP_MS = 250;
/** A round trip counts at most this, or twice what few have exceeded: a pause is not one. */
const MAX_SAMPLE_MS = 1000;

/** Returns an estimator for the round trips with one peer. */
export function newRoundTrip(): RoundTripEstimator {
  return new RoundTripEstimator({
    initialMs: INITIAL_ROUND_TRIP_MS,
    limitMs: (before) => Math.max(MAX_SAMPLE_MS, 2 * (before.quantile(3 / 4) ?? 0)),
  });
}

/**
 * What a replica knows about a peer. Both directions are numbered by positions, per incarnation.
 *
 * Invariants: the peer has every change below `acked`; `acked ≤ sent ≤ version`; this replica has
 * every change of the peer's below `received`.
 */
export class Session {
  /** The peer's incarnation; undefined before its first message. */
  you: string | undefined;
  /** Whether changes are advertised, and sent on request only. */
  isLazy = false;
  /** Whether the session serves another pair of peers, so that it sends on request only. */
  isPassive = false;
  /** Whether what is pending goes out immediately. */
  isUrgent = false;
  /** Whether the peer has let `maxTimeouts` pass: it gets probes only. */
  isSuspected = false;
  /** Whether another replica has asked this one to reach the peer. */
  isTarget = false;
  /** When a passive session last got no reply. */
  unreachableMs = -Infinity;
  timeouts = 0;
  acked = 0;
  sent = 0;
  lastSentMs = -Infinity;
  received = 0;
  receivedAtMs = 0;
  lastReceivedMs = Infinity;
  ackOwedSinceMs: number | undefined;
  /** When the oldest unanswered sync request was sent, and the newest. */
  syncSinceMs: number | undefined;
  lastSyncMs = -Infinity;
  /** The peer's clock when it sent its last sync. */
  peerTimeMs = -Infinity;
  /** An advertisement with something that this replica lacks, and when to request it. */
  ihave: { readonly summary: Json; readonly at: number; readonly dueMs: number } | undefined;
  /** Updates that overtook others, and when to request those. */
  ahead: { readonly from: number; readonly to: number; readonly dueMs: number } | undefined;
  #summary: Receiver["summary"];
  #summaryEnd = 0;
  /** Everything below is in the peer's last summary. */
  #base = 0;
  /** Whether only a summary tells what the peer needs: it has forgotten what it had. */
  #isForgotten = false;
  /** Changes before this position are sent even in a lazy session. */
  #requestedEnd = 0;
  #firstSentMs = -Infinity;
  /** No change in `sent..#scanned − 1` is for the peer. */
  #scanned = 0;
  #maxSent = 0;
  /** The unacknowledged updates, oldest first, whose round trips are measured. */
  #inFlight: { readonly to: number; readonly atMs: number }[] = [];

  constructor(
    readonly peer: string,
    readonly state: ReplicatedState,
    readonly options: RetryOptions,
    readonly roundTrip: RoundTripEstimator,
  ) {}

  get isSyncing(): boolean {
    return this.syncSinceMs !== undefined;
  }

  get isUnacked(): boolean {
    return this.sent > this.acked;
  }

  /** Whether a sync has taken longer than a round trip does when all goes well. */
  isOverdue(now: number): boolean {
    return this.isSyncing && now - this.lastSyncMs > this.shortReplyMs;
  }

  /** Whether nothing is known about what the peer has. */
  get isNew(): boolean {
    return this.acked === 0 && this.#summary === undefined;
  }

  /** The position of the first change that the peer needs and was not sent; undefined for none. */
  get pending(): number | undefined {
    if (this.#isForgotten) return undefined;
    this.#scanned = this.state.firstFor(Math.max(this.#scanned, this.sent), this.receiver);
    return this.#scanned < this.state.version ? this.#scanned : undefined;
  }

  get isRequested(): boolean {
    return (this.pending ?? Infinity) < this.#requestedEnd;
  }

  /** When the first pending change was made; there must be one. */
  get pendingMs(): number {
    return this.state.changedAt(this.pending as number);
  }

  /** Whether pending changes may be sent: no reply is awaited that would change them. */
  get isReady(): boolean {
    const isInDoubt = this.timeouts > 0 && this.isUnacked;
    return !this.isSuspected && !this.isSyncing && !isInDoubt && this.pending !== undefined;
  }

  get receiver(): Receiver {
    return { source: this.you ?? "", summary: this.#summary, summaryEnd: this.#summaryEnd };
  }

  /** The position at which the next update starts; 0 if the summary covers all before it. */
  get from(): number {
    return this.#isForgotten || this.sent <= this.#base ? 0 : this.sent;
  }

  /** How long an immediate reply takes: usually, and when all goes well. */
  get replyMs(): number {
    return (this.roundTrip.quantile(3 / 4) ?? 0) + this.options.rtoMarginMs;
  }

  get shortReplyMs(): number {
    return (this.roundTrip.quantile(0) ?? 0) + this.options.rtoMarginMs;
  }

  /** When something is due that no message causes. */
  deadlineMs(timing: Timing): number {
    return Math.min(this.timeoutDueMs(timing), this.ackDueMs(timing), this.expiryMs);
  }

  /** When changes that are known to be missing are requested. */
  get expiryMs(): number {
    return Math.min(this.ihave?.dueMs ?? Infinity, this.ahead?.dueMs ?? Infinity);
  }

  /** How much longer a round trip usually takes than the shortest; Infinity before any is known. */
  get spreadMs(): number {
    const { isMeasured } = this.roundTrip;
    return isMeasured ? this.roundTrip.quantile(1 / 2)! - this.roundTrip.quantile(0)! : Infinity;
  }

  ackDueMs({ own: { ackDelayMs, maxAckDelayMs } }: Timing): number {
    if (this.ackOwedSinceMs === undefined) return Infinity;
    return Math.min(this.lastReceivedMs + ackDelayMs, this.ackOwedSinceMs + maxAckDelayMs);
  }

  timeoutDueMs({ peer: { ackDelayMs, maxAckDelayMs } }: Timing): number {
    if (this.isSuspected) return Infinity;
    const backedOff = Math.min(this.options.maxRtoMs, this.replyMs * 2 ** this.timeouts);
    const rto = Math.max(this.replyMs, backedOff);
    if (this.isSyncing) return this.lastSyncMs + rto;
    if (!this.isUnacked) return Infinity;
    if (this.isLazy) return this.#firstSentMs + maxAckDelayMs + this.replyMs;
    if (this.timeouts > 0) return this.#firstSentMs + rto;
    const ackMs = Math.min(this.lastSentMs + ackDelayMs, this.#firstSentMs + maxAckDelayMs);
    return ackMs + this.replyMs;
  }

  /** Notes the peer's incarnation; returns whether it is another one than before. */
  meet(me: string): boolean {
    const isOther = this.you !== undefined && this.you !== me;
    this.you = me;
    if (!isOther) return false;
    this.#rewindTo(0);
    this.#isForgotten = true;
    this.#summary = undefined;
    this.syncSinceMs = undefined;
    this.received = 0;
    this.peerTimeMs = -Infinity;
    this.ihave = this.ahead = undefined;
    this.noteAcked();
    return true;
  }

  noteSent(to: number, now: number): void {
    if (!this.isUnacked) this.#firstSentMs = now;
    // An acknowledgement of a retransmission does not tell which copy it is for (Karn's rule).
    if (this.sent >= this.#maxSent) this.#inFlight.push({ to, atMs: now });
    this.sent = to;
    this.#maxSent = Math.max(this.#maxSent, to);
    this.lastSentMs = now;
    invariant(this.acked <= this.sent && this.sent <= this.state.version, "acked ≤ sent ≤ version");
  }

  acknowledge(position: number, heldMs: number, now: number): void {
    if (this.#isForgotten || position <= this.acked) return;
    this.acked = Math.min(position, this.state.version);
    this.sent = Math.max(this.sent, this.acked);
    this.noteAlive();
    const unacked = this.#inFlight.findIndex(({ to }) => to > position);
    const acked = this.#inFlight.splice(0, unacked < 0 ? this.#inFlight.length : unacked);
    this.#firstSentMs = this.#inFlight[0]?.atMs ?? this.lastSentMs;
    const last = acked.at(-1);
    if (last !== undefined) this.roundTrip.add(now - last.atMs - heldMs);
  }

  /** Notes that this replica has all changes of the peer's below a position, and owes an answer. */
  receive(position: number, now: number): void {
    this.ackOwedSinceMs ??= now;
    this.advance(position, now);
  }

  /** Notes that this replica has all changes of the peer's below a position. */
  advance(position: number, now: number): void {
    if (position <= this.received) return;
    this.received = position;
    this.receivedAtMs = now;
    const { ahead } = this;
    if (ahead === undefined || ahead.from > position) return;
    this.received = Math.max(position, ahead.to);
    this.ahead = undefined;
  }

  /** Notes an update that has overtaken another one: the network reorders, or has lost that one. */
  receiveAhead(from: number, to: number, now: number): void {
    const dueMs = now + this.replyMs - (this.roundTrip.quantile(0) ?? 0);
    // An ordered state has not merged it.
    if (this.ahead === undefined) {
      this.ahead = { from, to: this.state.isOrdered ? from : to, dueMs };
    } else if (!this.state.isOrdered && this.ahead.to === from) this.ahead = { ...this.ahead, to };
  }

  noteAcked(): void {
    this.ackOwedSinceMs = undefined;
    this.lastReceivedMs = Infinity;
  }

  /** Notes the peer's summary: what it needs follows from it, whatever was sent before. */
  needs(summary: Json): void {
    this.#rewindTo(Math.max(this.state.firstBeyond(summary), this.acked));
    this.#isForgotten = false;
    this.#base = this.sent;
    this.#summary = summary;
    this.#summaryEnd = this.state.version;
    this.request();
  }

  /** Sends the changes so far immediately, even in a lazy session. */
  request(): void {
    this.isUrgent = true;
    this.#requestedEnd = this.state.version;
  }

  /** Notes a message that the peer addressed to this incarnation. */
  noteAlive(): void {
    this.timeouts = 0;
    this.isSuspected = false;
    this.unreachableMs = -Infinity;
  }

  timeOut(): void {
    this.timeouts++;
    this.rewind();
    this.isSuspected = this.timeouts >= this.options.maxTimeouts;
  }

  /** Expects no reply any more. */
  abandon(now: number): void {
    this.unreachableMs = now;
    this.syncSinceMs = undefined;
    this.rewind();
  }

  /** Sends again what is not acknowledged. */
  rewind(): void {
    this.#rewindTo(this.acked);
  }

  #rewindTo(position: number): void {
    this.sent = this.acked = this.#scanned = position;
    this.#inFlight = [];
  }
}
