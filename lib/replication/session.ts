/**
 * One replica's side of the replication with one peer.
 *
 * @module
 */

import { invariant, type Json, RoundTripEstimator } from "../base/mod.ts";
import type { Header, Receiver, ReplicatedState, RetryOptions, Timing } from "./types.ts";

/** A round trip before one is measured. */
const INITIAL_ROUND_TRIP_MS = 250;
/** A round trip counts at most this, or twice what few have exceeded: a pause is not one. */
const MAX_SAMPLE_MS = 1000;

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
  /** Whether what is pending is sent even if the session is lazy. */
  isRequested = false;
  /** Whether the peer has let `maxTimeouts` pass: it gets probes only. */
  isSuspected = false;
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
  /** When the newest sync request was sent, if no reply has arrived since. */
  syncMs: number | undefined;
  /** The peer's clock when it sent its last sync. */
  peerTimeMs: number = -Infinity;
  /** An advertisement with something that this replica lacks, and when to request it. */
  ihave: { readonly summary: Json; readonly at: number; readonly dueMs: number } | undefined;
  /** Changes that overtook others, and when to request those. */
  ahead: { readonly from: number; readonly to: number; readonly dueMs: number } | undefined;
  #summary: Receiver["summary"];
  /** No change in `sent..#scanned − 1` is for the peer. */
  #scanned = 0;
  /** The peer's clock ahead of this one, less its last message's way; undefined once echoed. */
  #aheadMs: number | undefined;
  /** The peer's clock in its newest message. */
  #newestMs = -Infinity;
  /** The newest time of this replica's clock that the peer has echoed. */
  #newestEchoMs = -Infinity;
  /** When a suspected peer last turned out to be alive. */
  #aliveSinceMs = -Infinity;

  /** Creates the session of a state with a peer. */
  constructor(
    readonly peer: string,
    readonly state: ReplicatedState,
    readonly options: RetryOptions,
    readonly roundTrip: RoundTripEstimator = newRoundTrip(),
  ) {}

  /** Whether the reply to a sync request is outstanding. */
  get isSyncing(): boolean {
    return this.syncMs !== undefined;
  }

  /** Whether a sent change is not acknowledged. */
  get isUnacked(): boolean {
    return this.sent > this.acked;
  }

  /** The position of the first change that the peer needs and was not sent; undefined for none. */
  get pending(): number | undefined {
    this.#scanned = this.state.firstFor(Math.max(this.#scanned, this.sent), this.receiver);
    return this.#scanned < this.state.version ? this.#scanned : undefined;
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
    return { source: this.you ?? "", summary: this.#summary };
  }

  /** How long an immediate reply takes. */
  get replyMs(): number {
    return (this.roundTrip.quantile(3 / 4) as number) + this.options.rtoMarginMs;
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
    if (this.syncMs !== undefined) return this.syncMs + rto;
    if (this.isLazy) return this.unackedSinceMs + maxAckDelayMs + this.replyMs;
    if (this.timeouts > 0) return this.unackedSinceMs + rto;
    const ackMs = Math.min(this.lastSentMs + ackDelayMs, this.unackedSinceMs + maxAckDelayMs);
    return ackMs + this.replyMs;
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
    // A late duplicate would measure its own delay.
    if (timeMs > this.#newestMs) {
      this.#newestMs = timeMs;
      this.#aheadMs = timeMs - now;
    }
    if (echoMs === undefined || echoMs <= this.#newestEchoMs) return;
    this.#newestEchoMs = echoMs;
    this.noteAlive(now);
    // Probes of a paused peer have waited for the peer, not for the network.
    if (echoMs >= this.#aliveSinceMs) this.roundTrip.add(now - echoMs);
  }

  /** Returns the header of a message to the peer, and notes that the message acknowledges. */
  header(now: number): Partial<Header> {
    const echo = this.#aheadMs === undefined ? {} : { echo: Math.round(now + this.#aheadMs) };
    this.#aheadMs = undefined;
    this.ackOwedSinceMs = undefined;
    this.lastReceivedMs = Infinity;
    return {
      ...(this.you === undefined ? {} : { you: this.you }),
      ...(this.isPassive ? { passive: true } : {}),
      ack: this.received,
      time: Math.round(now),
      ...echo,
    };
  }

  /** Notes an acknowledgement up to a position. */
  acknowledge(position: number, now: number): void {
    if (position <= this.acked) return;
    this.acked = Math.min(position, this.state.version);
    this.sent = Math.max(this.sent, this.acked);
    this.unackedSinceMs = now;
    this.noteAlive(now);
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
    const dueMs = now + this.replyMs - (this.roundTrip.quantile(0) as number);
    // An ordered state has not merged it.
    if (this.ahead === undefined) {
      this.ahead = { from, to: this.state.isOrdered ? from : to, dueMs };
    } else if (!this.state.isOrdered && this.ahead.to === from) this.ahead = { ...this.ahead, to };
  }

  /** Notes the peer's summary and position: what it needs follows, whatever was sent before. */
  needs(summary: Json, position: number): void {
    this.#rewindTo(Math.min(position, this.state.version));
    this.#summary = summary;
    this.request();
  }

  /** Sends what is pending immediately, even in a lazy session. */
  request(): void {
    this.isUrgent = true;
    this.isRequested = this.pending !== undefined;
  }

  /** Notes that the peer has received a message. */
  noteAlive(now: number): void {
    if (this.isSuspected) this.#aliveSinceMs = now;
    this.timeouts = 0;
    this.isSuspected = false;
  }

  /** Notes that a reply or an acknowledgement has timed out, and sends again what it was for. */
  timeOut(): void {
    this.timeouts++;
    this.#rewindTo(this.acked);
    this.isSuspected = this.timeouts >= this.options.maxTimeouts;
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

function newRoundTrip(): RoundTripEstimator {
  return new RoundTripEstimator({
    initialMs: INITIAL_ROUND_TRIP_MS,
    limitMs: (before) => Math.max(MAX_SAMPLE_MS, 2 * (before.quantile(3 / 4) as number)),
  });
}
