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

import { Incoming } from "./incoming.ts";
import type { DigestMessage, News } from "./messages.ts";
import { Outgoing } from "./outgoing.ts";
import { RoundTrip } from "./round_trip.ts";
import type { ValueLog } from "./value_log.ts";

/** When a link acknowledges and repeats. All in milliseconds but `attempts`. */
export interface LinkTiming {
  /** We acknowledge news when none came for so long and nothing else went to the peer… */
  readonly ackQuiet: number;
  /** …or after so long although more keep coming. Offers are acknowledged after so long. */
  readonly ackLongest: number;
  /** How the peer does. */
  readonly peerQuiet: number;
  readonly peerLongest: number;
  /** What a busy machine may add to a round trip. */
  readonly slack: number;
  /** Back-off ends here. */
  readonly retryMost: number;
  /** After so many tries without an answer the circuit opens. */
  readonly attempts: number;
}

/** An answer to an older question, asked again so often since, is no answer. */
const MOST_QUESTIONS = 32;

/** One end of a link. */
export class Link {
  readonly peer: string;
  readonly timing: LinkTiming;
  readonly roundTrip: RoundTrip;
  readonly out: Outgoing;
  readonly in = new Incoming();
  /** What is pending goes out at once. */
  urgent = false;
  /** The peer said what it lacks, so that it gets news even if the link is lazy. */
  asked = false;
  readonly #log: ValueLog;
  readonly #me: string;
  #you: string | undefined;
  #lazy = false;
  #open = false;
  #misses = 0;
  #proven = false;
  /** What was asked and not yet answered, oldest first; one answer answers all. */
  #questions: { readonly number: number; readonly at: number }[] = [];
  /** The number of the peer's last digest. */
  #digestNumber = -1;

  /** `me` is our incarnation. The link begins with both logs empty, as far as it knows. */
  constructor(
    peer: string,
    log: ValueLog,
    me: string,
    timing: LinkTiming,
    roundTrip = new RoundTrip(),
  ) {
    this.peer = peer;
    this.roundTrip = roundTrip;
    this.timing = timing;
    this.out = new Outgoing(peer, log);
    this.#log = log;
    this.#me = me;
  }

  /** The peer's incarnation; undefined before first contact. */
  get you(): string | undefined {
    return this.#you;
  }

  /** Whether the peer gets offers rather than news. */
  get lazy(): boolean {
    return this.#lazy;
  }

  /** Whether the circuit is open: the peer did not answer `attempts` times. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether we wait for the peer's digest. */
  get asking(): boolean {
    return this.#questions.length > 0;
  }

  /** Whether we asked so long ago that an answer, if all goes well now, would be here. */
  isAnswerOverdue(now: number): boolean {
    return this.asking && now - this.#lastAsked > this.roundTrip.least + this.timing.slack;
  }

  /** Whether there is any reason to reach the peer. */
  get behind(): boolean {
    return this.asking || this.out.unacknowledged || this.out.lost || this.out.pending;
  }

  /**
   * Whether something may be pushed. While the peer owes an answer that it has missed to give
   * before, there is no point in telling it more.
   */
  get ready(): boolean {
    const inDoubt = this.#misses > 0 && this.out.unacknowledged;
    return !this.#open && !this.asking && !inDoubt && this.out.pending;
  }

  /** Whether the peer has answered a question of ours. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Whether the peer has said nothing about what it knows. */
  get unmet(): boolean {
    return !this.out.begun && this.#digestNumber < 0;
  }

  /** When to acknowledge if nothing else goes to the peer before. */
  get ackDue(): number {
    return this.in.ackDue(this.timing.ackQuiet, this.timing.ackLongest);
  }

  /** When to count an answer as missed. */
  get retryDue(): number {
    if (this.#open) return Infinity;
    const { peerQuiet, peerLongest } = this.timing;
    const { firstPush, lastPush, unacknowledged } = this.out;
    const answer = this.patience;
    if (this.asking) return this.#lastAsked + this.#backedOff(answer);
    if (!unacknowledged) return Infinity;
    if (this.#lazy) return firstPush + peerLongest + answer;
    if (this.#misses > 0) return firstPush + this.#backedOff(answer);
    return Math.min(lastPush + peerQuiet, firstPush + peerLongest) + answer;
  }

  /** How long an answer may take that is given at once. */
  get patience(): number {
    return this.roundTrip.upper + this.timing.slack;
  }

  /**
   * Looks at which life of the peer a message is from; returns whether it is another than we knew.
   * That may be a new one or, in a message that was held up, an old one: who is told so asks the
   * peer, and the answer comes from the one it lives.
   */
  meet(me: string): boolean {
    if (this.#you === me) return false;
    const first = this.#you === undefined;
    this.#you = me;
    if (first) return false;
    this.#digestNumber = -1;
    // An answer to what the other life was asked says nothing of this one.
    this.#questions = [];
    this.in.forget();
    this.out.forget();
    return true;
  }

  /** Whether a message was meant for this life of ours; one may also not know. */
  isForMe(you: string | undefined): boolean {
    return you === this.#me;
  }

  /** Whether a digest answers what we asked last. */
  isAnswer({ you, answers }: DigestMessage): boolean {
    return this.isForMe(you) && this.#questions.some(({ number }) => number === answers);
  }

  /** Whether the peer, in this life as far as we know, said what has this number after its last digest. */
  isLater(me: string, number: number): boolean {
    return (this.#you ?? me) === me && number > this.#digestNumber;
  }

  /** Takes an acknowledgement that was meant for us, which the peer held so long. */
  acknowledge(position: number, held: number, now: number): void {
    const news = this.out.acknowledge(position);
    if (news === false) return;
    this.#answered();
    if (news.sentAt !== undefined) this.roundTrip.sample(now - news.sentAt - held);
  }

  /** Takes the peer's digest. */
  takeDigest(message: DigestMessage, now: number): void {
    const { digest, at, you, number, answers } = message;
    this.#digestNumber = Math.max(this.#digestNumber, number);
    this.out.takeDigest(digest);
    if (this.isForMe(you)) this.#answered();
    if (this.isAnswer(message)) {
      const question = this.#questions.find(({ number }) => number === answers);
      this.roundTrip.sample(now - (question?.at ?? now));
      this.#questions = [];
      this.#proven = true;
    }
    this.asked = true;
    if (this.#log.covers(digest)) this.in.cover(at);
  }

  /**
   * Composes the next news: what is pending, as far as one message holds. Ask only if something is.
   */
  news(now: number): News {
    const hurry = this.#misses > 0 ? { hurry: true } : {};
    return { type: "news", ...this.header(now), ...this.out.take(now), ...hurry };
  }

  /** Composes news that hold nothing but an acknowledgement. */
  acknowledgement(now: number): News {
    // What was only offered is no gap in what was told.
    const from = this.#lazy ? 0 : this.out.from;
    return { type: "news", ...this.header(now), from, to: from, runs: [] };
  }

  /** What news and offers say beside; an acknowledgement is then no longer owed. */
  header(now: number) {
    const you = this.#you === undefined ? {} : { you: this.#you };
    const held = Math.round(now - this.in.receivedAt);
    this.in.acknowledged();
    return { me: this.#me, ...you, ack: this.in.received, held };
  }

  /** Notes that the peer is asked for its digest, by a question of this number. */
  ask(number: number, now: number): void {
    this.#questions.push({ number, at: now });
    if (this.#questions.length > MOST_QUESTIONS) this.#questions.shift();
  }

  /** Notes that an answer is missing. Opens the circuit in the end. */
  miss(): void {
    this.#misses++;
    this.out.rewind();
    if (this.#misses >= this.timing.attempts) this.#open = true;
  }

  /** From now on the peer gets offers. */
  makeLazy(): void {
    this.#lazy = true;
  }

  /** From now on the peer gets news as they come, those included that it was only offered. */
  makeEager(): void {
    if (!this.#lazy) return;
    this.#lazy = false;
    this.out.rewind();
  }

  get #lastAsked(): number {
    return this.#questions.at(-1)?.at ?? -Infinity;
  }

  #answered(): void {
    this.#misses = 0;
    this.#open = false;
  }

  #backedOff(wait: number): number {
    return Math.max(wait, Math.min(this.timing.retryMost, wait * 2 ** this.#misses));
  }
}
