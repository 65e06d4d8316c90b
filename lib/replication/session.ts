/**
 * One replica's side of the replication with one peer.
 *
 * @module
 */

import { invariant, type Json, type RoundTripEstimator } from "../base/mod.ts";
import type { Receiver, ReplicatedState, RetryOptions, Timing } from "./types.ts";

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
  unreachableMs: number = -Infinity;
  /** The number of consecutive timeouts. */
  timeouts: number = 0;
  /** The position up to which the peer has acknowledged all changes. */
  acked: number = 0;
  /** The position up to which all changes that the peer needs were sent. */
  sent: number = 0;
  /** When the first update that is not acknowledged was sent, or a part of it was acknowledged. */
  unackedSinceMs: number = -Infinity;
  /** When the last update was sent. */
  lastSentMs: number = -Infinity;
  /** The position of the peer's log up to which this replica has all changes. */
  received: number = 0;
  /** When the last update arrived that is not acknowledged; Infinity without one. */
  lastReceivedMs: number = Infinity;
  /** When the first update arrived that is not acknowledged. */
  ackOwedSinceMs: number | undefined;
  /** When the oldest sync request without a reply was sent. */
  syncSinceMs: number | undefined;
  /** When the newest sync request was sent. */
  lastSyncMs: number = -Infinity;
  /** The peer's clock when it sent its last sync. */
  peerTimeMs: number = -Infinity;
  /** An advertisement with something that this replica lacks, and when to request it. */
  ihave: { readonly summary: Json; readonly at: number; readonly dueMs: number } | undefined;
  /** Updates that overtook others, and when to request those. */
  ahead: { readonly from: number; readonly to: number; readonly dueMs: number } | undefined;
  #summary: Receiver["summary"];
  #summaryEnd = 0;
  /** Changes before this position are sent even in a lazy session. */
  #requestedEnd = 0;
  /** No change in `sent..#scanned − 1` is for the peer. */
  #scanned = 0;
  /** The peer's clock ahead of this one, less its last message's way; undefined once echoed. */
  #aheadMs: number | undefined;

  /** Creates the session of a state with a peer. */
  constructor(
    readonly peer: string,
    readonly state: ReplicatedState,
    readonly options: RetryOptions,
    readonly roundTrip: RoundTripEstimator,
  ) {}

  /** Whether the reply to a sync request is outstanding. */
  get isSyncing(): boolean {
    return this.syncSinceMs !== undefined;
  }

  /** Whether a sent change is not acknowledged. */
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
    this.#scanned = this.state.firstFor(Math.max(this.#scanned, this.sent), this.receiver);
    return this.#scanned < this.state.version ? this.#scanned : undefined;
  }

  /** Whether the peer has requested a pending change. */
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

  /** What is known about the peer when a delta for it is composed. */
  get receiver(): Receiver {
    return { source: this.you ?? "", summary: this.#summary, summaryEnd: this.#summaryEnd };
  }

  /** How long an immediate reply takes: usually, and when all goes well. */
  get replyMs(): number {
    return (this.roundTrip.quantile(3 / 4) ?? 0) + this.options.rtoMarginMs;
  }

  /** How long an immediate reply takes when all goes well. */
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

  /** Returns when to acknowledge; Infinity when nothing awaits an acknowledgement. */
  ackDueMs({ own: { ackDelayMs, maxAckDelayMs } }: Timing): number {
    if (this.ackOwedSinceMs === undefined) return Infinity;
    return Math.min(this.lastReceivedMs + ackDelayMs, this.ackOwedSinceMs + maxAckDelayMs);
  }

  /** Returns when the outstanding reply or acknowledgement times out; Infinity without one. */
  timeoutDueMs({ peer: { ackDelayMs, maxAckDelayMs } }: Timing): number {
    if (this.isSuspected || !(this.isSyncing || this.isUnacked)) return Infinity;
    const backedOff = Math.min(this.options.maxRtoMs, this.replyMs * 2 ** this.timeouts);
    const rto = Math.max(this.replyMs, backedOff);
    if (this.isSyncing) return this.lastSyncMs + rto;
    if (this.isLazy) return this.unackedSinceMs + maxAckDelayMs + this.replyMs;
    if (this.timeouts > 0) return this.unackedSinceMs + rto;
    const ackMs = Math.min(this.lastSentMs + ackDelayMs, this.unackedSinceMs + maxAckDelayMs);
    return ackMs + this.replyMs;
  }

  /** Notes the peer's incarnation; returns whether it is another one than before. */
  meet(me: string): boolean {
    const isOther = this.you !== undefined && this.you !== me;
    this.you = me;
    if (!isOther) return false;
    this.#rewindTo(0);
    this.#summary = undefined;
    this.syncSinceMs = undefined;
    this.received = 0;
    this.peerTimeMs = -Infinity;
    this.#aheadMs = undefined;
    this.ihave = this.ahead = undefined;
    this.noteAcked();
    return true;
  }

  /** Notes that an update was sent with all changes below a position that the peer needs. */
  noteSent(to: number, now: number): void {
    if (!this.isUnacked) this.unackedSinceMs = now;
    this.sent = to;
    this.lastSentMs = now;
    invariant(this.acked <= this.sent && this.sent <= this.state.version, "acked ≤ sent ≤ version");
  }

  /** Notes the clock of a message's sender, and what that has echoed of this replica's clock. */
  noteTime(timeMs: number, echoMs: number | undefined, now: number): void {
    this.#aheadMs = timeMs - now;
    if (echoMs !== undefined) this.roundTrip.add(now - echoMs);
  }

  /** Returns the peer's clock a round trip ago, once for each of its messages. */
  echo(now: number): number | undefined {
    const echoMs = this.#aheadMs === undefined ? undefined : Math.round(now + this.#aheadMs);
    this.#aheadMs = undefined;
    return echoMs;
  }

  /** Notes an acknowledgement up to a position. */
  acknowledge(position: number, now: number): void {
    if (position <= this.acked) return;
    this.acked = Math.min(position, this.state.version);
    this.sent = Math.max(this.sent, this.acked);
    this.unackedSinceMs = now;
    this.noteAlive();
  }

  /** Notes that this replica has all changes of the peer's below a position, and owes an answer. */
  receive(position: number, now: number): void {
    this.ackOwedSinceMs ??= now;
    this.advance(position);
  }

  /** Notes that this replica has all changes of the peer's below a position. */
  advance(position: number): void {
    if (position <= this.received) return;
    this.received = position;
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

  /** Notes that all updates of the peer are acknowledged. */
  noteAcked(): void {
    this.ackOwedSinceMs = undefined;
    this.lastReceivedMs = Infinity;
  }

  /** Notes the peer's summary and position: what it needs follows, whatever was sent before. */
  needs(summary: Json, position: number): void {
    this.#rewindTo(Math.min(position, this.state.version));
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

  /** Notes that a reply or an acknowledgement has timed out, and sends again what it was for. */
  timeOut(): void {
    this.timeouts++;
    this.#rewindTo(this.acked);
    this.isSuspected = this.timeouts >= this.options.maxTimeouts;
  }

  /** Expects no reply any more. */
  abandon(now: number): void {
    this.unreachableMs = now;
    this.syncSinceMs = undefined;
    this.#rewindTo(this.acked);
  }

  /** Sends changes from now on, beginning with those that are not acknowledged. */
  makeEager(): void {
    if (this.isLazy) this.#rewindTo(this.acked);
    this.isLazy = false;
  }

  #rewindTo(position: number): void {
    this.sent = this.acked = this.#scanned = position;
  }
}
