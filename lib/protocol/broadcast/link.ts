/**
 * One end of a link between two nodes: the state of both logs, acknowledgements and
 * retransmissions.
 *
 * Acknowledgements are cumulative: one position acknowledges everything before it. Where positions
 * mean nothing (at first contact, or after a peer lost its memory) the two nodes exchange digests.
 * An acknowledgement or digest that does not arrive is a timeout, after which the node retransmits
 * with back-off. After `maxTimeouts` consecutive timeouts the circuit opens (circuit breaker): the
 * peer gets only probes until it replies.
 *
 * A link that is `isBehind` always has a deadline, here or in the prober, until it is no longer
 * behind. Lost, duplicate and reordered messages are therefore repaired.
 *
 * @module
 */

import { LogReceiver } from "./log_receiver.ts";
import type { Delta, DigestMessage } from "./messages.ts";
import { LogSender } from "./log_sender.ts";
import { PeerRoundTrip } from "./peer_round_trip.ts";
import type { ValueLog } from "./value_log.ts";

/** The ack delays, retransmission timeouts and circuit breaker of a link. */
export interface LinkTiming {
  /**
   * The ack delay: milliseconds after the last delta. Other messages to the peer acknowledge
   * earlier.
   */
  readonly ackDelayMs: number;
  /**
   * The longest ack delay while deltas keep arriving, and the ack delay of an IHAVE, in
   * milliseconds.
   */
  readonly maxAckDelayMs: number;
  /** The ack delays of the peer. */
  readonly peerAckDelayMs: number;
  readonly peerMaxAckDelayMs: number;
  /**
   * Added to the round trip for the retransmission timeout, in milliseconds: delays of a busy host.
   */
  readonly rtoMarginMs: number;
  /** The longest retransmission timeout after back-off, in milliseconds. */
  readonly maxRtoMs: number;
  /** The number of consecutive timeouts that opens the circuit. */
  readonly maxTimeouts: number;
}

/** Older digest requests are forgotten, and the replies to them ignored. */
const MAX_OUTSTANDING_REQUESTS = 32;

/** One end of a link. */
export class Link {
  readonly peer: string;
  readonly timing: LinkTiming;
  readonly roundTrip: PeerRoundTrip;
  readonly sender: LogSender;
  readonly receiver = new LogReceiver();
  /** Whether to push pending entries immediately. */
  pushNow = false;
  /**
   * Whether the peer's digest or NACK requested entries: it gets a delta even if the link is lazy.
   */
  sendEntries = false;
  readonly #log: ValueLog;
  readonly #incarnation: string;
  #peerIncarnation: string | undefined;
  #isLazy = false;
  #isOpen = false;
  #timeouts = 0;
  #hasReplied = false;
  /** Outstanding digest requests, oldest first. A reply to any of them completes all. */
  #requests: { readonly sequence: number; readonly sentAt: number }[] = [];
  /** The sequence number of the peer's last digest. */
  #lastDigestSequence = -1;

  /** Starts a link. `incarnation` is this node's own. Both logs count as empty at first. */
  constructor(
    peer: string,
    log: ValueLog,
    incarnation: string,
    timing: LinkTiming,
    roundTrip = new PeerRoundTrip(),
  ) {
    this.peer = peer;
    this.roundTrip = roundTrip;
    this.timing = timing;
    this.sender = new LogSender(peer, log);
    this.#log = log;
    this.#incarnation = incarnation;
  }

  /** The peer's incarnation; undefined before first contact. */
  get peerIncarnation(): string | undefined {
    return this.#peerIncarnation;
  }

  /** Whether the peer gets IHAVEs instead of deltas. */
  get isLazy(): boolean {
    return this.#isLazy;
  }

  /** Whether the circuit is open: the last `maxTimeouts` attempts timed out. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a digest request is outstanding. */
  get awaitsDigest(): boolean {
    return this.#requests.length > 0;
  }

  /**
   * Returns whether a reply to the last digest request would have arrived by now without faults.
   */
  isDigestOverdue(now: number): boolean {
    return this.awaitsDigest &&
      now - this.#lastRequestAt > this.roundTrip.minMs + this.timing.rtoMarginMs;
  }

  /** Whether there is a reason to contact the peer. */
  get isBehind(): boolean {
    return this.awaitsDigest || this.sender.hasUnacknowledged || this.sender.needsDigest ||
      this.sender.hasPending;
  }

  /**
   * Whether pending entries may be pushed. After a timeout they must wait for the acknowledgement,
   * since the peer may be unreachable.
   */
  get canPush(): boolean {
    const inDoubt = this.#timeouts > 0 && this.sender.hasUnacknowledged;
    return !this.#isOpen && !this.awaitsDigest && !inDoubt && this.sender.hasPending;
  }

  /** Whether the peer has replied to a digest request, which shows that both directions work. */
  get hasReplied(): boolean {
    return this.#hasReplied;
  }

  /** Whether the peer has neither acknowledged anything nor sent a digest. */
  get isNew(): boolean {
    return !this.sender.hasAcknowledged && this.#lastDigestSequence < 0;
  }

  /** The time to acknowledge if no other message to the peer does so before. */
  get ackDeadline(): number {
    return this.receiver.ackDeadline(this.timing.ackDelayMs, this.timing.maxAckDelayMs);
  }

  /** The time when the awaited acknowledgement or digest times out. */
  get retransmitDeadline(): number {
    if (this.#isOpen) return Infinity;
    const { rtoMs } = this;
    const { peerAckDelayMs, peerMaxAckDelayMs } = this.timing;
    const { firstPushAt, lastPushAt, hasUnacknowledged } = this.sender;
    if (this.awaitsDigest) return this.#lastRequestAt + this.#backedOffMs(rtoMs);
    if (!hasUnacknowledged) return Infinity;
    if (this.#isLazy) return firstPushAt + peerMaxAckDelayMs + rtoMs;
    if (this.#timeouts > 0) return firstPushAt + this.#backedOffMs(rtoMs);
    return Math.min(lastPushAt + peerAckDelayMs, firstPushAt + peerMaxAckDelayMs) + rtoMs;
  }

  /** The retransmission timeout (RTO) of a message that the peer acknowledges immediately. */
  get rtoMs(): number {
    return this.roundTrip.upperMs + this.timing.rtoMarginMs;
  }

  /**
   * Compares the incarnation in a message with the peer's known one; returns whether it changed.
   *
   * A change means a restart, or a message of a previous incarnation that was delayed. In both
   * cases the node requests a digest, and the running incarnation replies.
   */
  observeIncarnation(incarnation: string): boolean {
    if (this.#peerIncarnation === incarnation) return false;
    const isFirst = this.#peerIncarnation === undefined;
    this.#peerIncarnation = incarnation;
    if (isFirst) return false;
    this.#lastDigestSequence = -1;
    // Replies to requests that went to the previous incarnation do not count for this one.
    this.#requests = [];
    this.receiver.reset();
    this.sender.reset();
    return true;
  }

  /**
   * Returns whether a message was meant for this incarnation. Undefined means that the sender knows
   * none.
   */
  isOwnIncarnation(incarnation: string | undefined): boolean {
    return incarnation === this.#incarnation;
  }

  /** Returns whether a digest replies to an outstanding request. */
  isReply({ peer, request }: DigestMessage): boolean {
    return this.isOwnIncarnation(peer) &&
      this.#requests.some(({ sequence }) => sequence === request);
  }

  /**
   * Returns whether a message with this sequence number, from the peer's known incarnation, is
   * newer than its last digest.
   */
  isNewer(incarnation: string, sequence: number): boolean {
    return (this.#peerIncarnation ?? incarnation) === incarnation &&
      sequence > this.#lastDigestSequence;
  }

  /** Processes an acknowledgement for this incarnation, which the peer delayed by `delayMs`. */
  acknowledge(position: number, delayMs: number, now: number): void {
    const newest = this.sender.acknowledge(position);
    if (newest === false) return;
    this.#peerReplied();
    if (newest.sentAt !== undefined) this.roundTrip.add(now - newest.sentAt - delayMs);
  }

  /** Processes the peer's digest. */
  receiveDigest(message: DigestMessage, now: number): void {
    const { digest, to, peer, seq } = message;
    this.#lastDigestSequence = Math.max(this.#lastDigestSequence, seq);
    this.sender.receiveDigest(digest);
    if (this.isOwnIncarnation(peer)) this.#peerReplied();
    if (this.isReply(message)) {
      const request = this.#requests.find(({ sequence }) => sequence === message.request);
      this.roundTrip.add(now - (request?.sentAt ?? now));
      this.#requests = [];
      this.#hasReplied = true;
    }
    this.sendEntries = true;
    if (this.#log.covers(digest)) this.receiver.skipTo(to);
  }

  /** Returns the next delta: pending entries, as many as fit. Requires pending entries. */
  nextDelta(now: number): Delta {
    const ackNow = this.#timeouts > 0 ? { ack_now: true } : {};
    return { type: "delta", ...this.header(now), ...this.sender.take(now), ...ackNow };
  }

  /** Returns a delta without entries, which only acknowledges. */
  acknowledgement(now: number): Delta {
    // Entries that a lazy link only advertised are not a gap in the deltas.
    const from = this.#isLazy ? 0 : this.sender.from;
    return { type: "delta", ...this.header(now), from, to: from, runs: [] };
  }

  /**
   * Returns the fields that deltas and IHAVEs share. The message that contains them is an
   * acknowledgement.
   */
  header(now: number) {
    const peer = this.#peerIncarnation === undefined ? {} : { peer: this.#peerIncarnation };
    const delay = Math.round(now - this.receiver.receivedAt);
    this.receiver.ackSent();
    return { inc: this.#incarnation, ...peer, ack: this.receiver.received, delay };
  }

  /** Notes that a digest request with this sequence number was sent. */
  digestRequested(sequence: number, now: number): void {
    this.#requests.push({ sequence, sentAt: now });
    if (this.#requests.length > MAX_OUTSTANDING_REQUESTS) this.#requests.shift();
  }

  /** Notes a timeout. The last of `maxTimeouts` consecutive ones opens the circuit. */
  timedOut(): void {
    this.#timeouts++;
    this.sender.rewind();
    if (this.#timeouts >= this.timing.maxTimeouts) this.#isOpen = true;
  }

  /** Makes the link lazy: the peer gets IHAVEs. */
  makeLazy(): void {
    this.#isLazy = true;
  }

  /**
   * Makes the link eager: the peer gets deltas immediately, including entries that were only
   * advertised.
   */
  makeEager(): void {
    if (!this.#isLazy) return;
    this.#isLazy = false;
    this.sender.rewind();
  }

  get #lastRequestAt(): number {
    return this.#requests.at(-1)?.sentAt ?? -Infinity;
  }

  #peerReplied(): void {
    this.#timeouts = 0;
    this.#isOpen = false;
  }

  #backedOffMs(rtoMs: number): number {
    return Math.max(rtoMs, Math.min(this.timing.maxRtoMs, rtoMs * 2 ** this.#timeouts));
  }
}
