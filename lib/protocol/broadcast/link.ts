/**
 * One end of a link between two nodes: what each has of the other's log, and when to say something
 * again.
 *
 * News acknowledge by position, so that one number acknowledges everything so far. Where positions
 * say nothing (first contact, a peer that lost its memory) the two exchange digests. An answer that
 * does not come is counted as missed, what was not acknowledged is sent again with back-off, and
 * after `attempts` misses the circuit opens: the peer gets probes only, until it gives a sign.
 *
 * Invariant: a link that is not `behind` needs no message, and one that is goes on until it is not.
 * So whatever the network drops, doubles or reorders is made up for.
 *
 * @module
 */

import { LogReceiver } from "./log_receiver.ts";
import type { Delta, DigestMessage } from "./messages.ts";
import { LogSender } from "./log_sender.ts";
import { PeerRoundTrip } from "./peer_round_trip.ts";
import type { ValueLog } from "./value_log.ts";

/** When a link acknowledges and repeats. All in milliseconds but `attempts`. */
export interface LinkTiming {
  /** We acknowledge news when none came for so long and nothing else went to the peer… */
  readonly ackDelayMs: number;
  /** …or after so long although more keep coming. Offers are acknowledged after so long. */
  readonly maxAckDelayMs: number;
  /** How the peer does. */
  readonly peerAckDelayMs: number;
  readonly peerMaxAckDelayMs: number;
  /** What a busy machine may add to a round trip. */
  readonly rtoMarginMs: number;
  /** Back-off ends here. */
  readonly maxRtoMs: number;
  /** After so many tries without an answer the circuit opens. */
  readonly maxTimeouts: number;
}

/** An answer to an older question, asked again so often since, is no answer. */
const MAX_OUTSTANDING_REQUESTS = 32;

/** One end of a link. */
export class Link {
  readonly peer: string;
  readonly timing: LinkTiming;
  readonly roundTrip: PeerRoundTrip;
  readonly sender: LogSender;
  readonly receiver = new LogReceiver();
  /** What is pending goes out at once. */
  pushNow = false;
  /** The peer said what it lacks, so that it gets news even if the link is lazy. */
  sendEntries = false;
  readonly #log: ValueLog;
  readonly #incarnation: string;
  #peerIncarnation: string | undefined;
  #isLazy = false;
  #isOpen = false;
  #timeouts = 0;
  #hasReplied = false;
  /** What was asked and not yet answered, oldest first; one answer answers all. */
  #requests: { readonly sequence: number; readonly sentAt: number }[] = [];
  /** The number of the peer's last digest. */
  #lastDigestSequence = -1;

  /** `me` is our incarnation. The link begins with both logs empty, as far as it knows. */
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

  /** Whether the peer gets offers rather than news. */
  get isLazy(): boolean {
    return this.#isLazy;
  }

  /** Whether the circuit is open: the peer did not answer `attempts` times. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether we wait for the peer's digest. */
  get awaitsDigest(): boolean {
    return this.#requests.length > 0;
  }

  /** Whether we asked so long ago that an answer, if all goes well now, would be here. */
  isDigestOverdue(now: number): boolean {
    return this.awaitsDigest &&
      now - this.#lastRequestAt > this.roundTrip.minMs + this.timing.rtoMarginMs;
  }

  /** Whether there is any reason to reach the peer. */
  get isBehind(): boolean {
    return this.awaitsDigest || this.sender.hasUnacknowledged || this.sender.needsDigest ||
      this.sender.hasPending;
  }

  /**
   * Whether something may be pushed. While the peer owes an answer that it has missed to give
   * before, there is no point in telling it more.
   */
  get canPush(): boolean {
    const inDoubt = this.#timeouts > 0 && this.sender.hasUnacknowledged;
    return !this.#isOpen && !this.awaitsDigest && !inDoubt && this.sender.hasPending;
  }

  /** Whether the peer has answered a question of ours. */
  get hasReplied(): boolean {
    return this.#hasReplied;
  }

  /** Whether the peer has said nothing about what it knows. */
  get isNew(): boolean {
    return !this.sender.hasAcknowledged && this.#lastDigestSequence < 0;
  }

  /** When to acknowledge if nothing else goes to the peer before. */
  get ackDeadline(): number {
    return this.receiver.ackDeadline(this.timing.ackDelayMs, this.timing.maxAckDelayMs);
  }

  /** When to count an answer as missed. */
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

  /** How long an answer may take that is given at once. */
  get rtoMs(): number {
    return this.roundTrip.upperMs + this.timing.rtoMarginMs;
  }

  /**
   * Looks at which life of the peer a message is from; returns whether it is another than we knew.
   * That may be a new one or, in a message that was held up, an old one: who is told so asks the
   * peer, and the answer comes from the one it lives.
   */
  observeIncarnation(incarnation: string): boolean {
    if (this.#peerIncarnation === incarnation) return false;
    const isFirst = this.#peerIncarnation === undefined;
    this.#peerIncarnation = incarnation;
    if (isFirst) return false;
    this.#lastDigestSequence = -1;
    // An answer to what the other life was asked says nothing of this one.
    this.#requests = [];
    this.receiver.reset();
    this.sender.reset();
    return true;
  }

  /** Whether a message was meant for this life of ours; one may also not know. */
  isOwnIncarnation(incarnation: string | undefined): boolean {
    return incarnation === this.#incarnation;
  }

  /** Whether a digest answers what we asked last. */
  isReply({ peer, request }: DigestMessage): boolean {
    return this.isOwnIncarnation(peer) &&
      this.#requests.some(({ sequence }) => sequence === request);
  }

  /** Whether the peer, in this life as far as we know, said what has this number after its last digest. */
  isNewer(incarnation: string, sequence: number): boolean {
    return (this.#peerIncarnation ?? incarnation) === incarnation &&
      sequence > this.#lastDigestSequence;
  }

  /** Takes an acknowledgement that was meant for us, which the peer held so long. */
  acknowledge(position: number, delayMs: number, now: number): void {
    const newest = this.sender.acknowledge(position);
    if (newest === false) return;
    this.#peerReplied();
    if (newest.sentAt !== undefined) this.roundTrip.add(now - newest.sentAt - delayMs);
  }

  /** Takes the peer's digest. */
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

  /**
   * Composes the next news: what is pending, as far as one message holds. Ask only if something is.
   */
  nextDelta(now: number): Delta {
    const ackNow = this.#timeouts > 0 ? { ack_now: true } : {};
    return { type: "delta", ...this.header(now), ...this.sender.take(now), ...ackNow };
  }

  /** Composes news that hold nothing but an acknowledgement. */
  acknowledgement(now: number): Delta {
    // What was only offered is no gap in what was told.
    const from = this.#isLazy ? 0 : this.sender.from;
    return { type: "delta", ...this.header(now), from, to: from, runs: [] };
  }

  /** What news and offers say beside; an acknowledgement is then no longer owed. */
  header(now: number) {
    const peer = this.#peerIncarnation === undefined ? {} : { peer: this.#peerIncarnation };
    const delay = Math.round(now - this.receiver.receivedAt);
    this.receiver.ackSent();
    return { inc: this.#incarnation, ...peer, ack: this.receiver.received, delay };
  }

  /** Notes that the peer is asked for its digest, by a question of this number. */
  digestRequested(sequence: number, now: number): void {
    this.#requests.push({ sequence, sentAt: now });
    if (this.#requests.length > MAX_OUTSTANDING_REQUESTS) this.#requests.shift();
  }

  /** Notes that an answer is missing. Opens the circuit in the end. */
  timedOut(): void {
    this.#timeouts++;
    this.sender.rewind();
    if (this.#timeouts >= this.timing.maxTimeouts) this.#isOpen = true;
  }

  /** From now on the peer gets offers. */
  makeLazy(): void {
    this.#isLazy = true;
  }

  /** From now on the peer gets news as they come, those included that it was only offered. */
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
