/**
 * What two nodes say to each other on a {@link Link}, as far as it follows from what is said:
 * taking news and acknowledgements, noticing gaps and new lives, exchanging digests.
 *
 * Values are taken from any message, in any order; order matters to positions only. A question is
 * answered by a digest that names it, and is repeated until it is.
 *
 * @module
 */

import type { Body } from "../../wire/mod.ts";
import { Link, type LinkTiming } from "./link.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import { contentOf, type Delta, type DigestMessage, type IHave, type Probe } from "./messages.ts";
import { PeerRoundTrip } from "./peer_round_trip.ts";
import { type EntryRun, originOf, ValueLog } from "./value_log.ts";

/** The types of messages that make a link of whoever sends one. */
const LINK_MESSAGE_TYPES: ReadonlySet<string> = new Set(["delta", "ihave", "digest", "probe"]);

/** News from a peer, and what they were to us. */
export interface ReceivedDelta {
  readonly delta: Delta;
  /** How many entries were new. */
  readonly added: number;
  /** Those runs of which no value was. */
  readonly duplicates: readonly EntryRun[];
  /** Whether they follow what the peer had told before, so that it did not repeat itself. */
  readonly isNext: boolean;
}

/** The links of a node, and what is said on them. */
export abstract class LinkProtocol {
  protected readonly self: LocalNode;
  protected readonly log: ValueLog;
  protected readonly links = new Map<string, Link>();
  readonly #peers: ReadonlySet<string>;
  readonly #roundTrips = new Map<string, PeerRoundTrip>();
  #lastSequence = 0;

  constructor(self: LocalNode) {
    this.self = self;
    this.log = new ValueLog(originOf(self.id, self.incarnation));
    this.#peers = new Set(self.nodes.filter((node) => node !== self.id));
  }

  /** When a link acknowledges and repeats. */
  protected abstract timing(peer: string): LinkTiming;
  /** How long to wait for an offered value to come by another way. */
  protected abstract ihaveTimeoutMs(link: Link): number;

  /** Hears of any message from a peer with a link. */
  protected onMessage(_link: Link, _now: number, _out: Outbox): void {}
  /** Hears of news. */
  protected onDelta(_link: Link, _received: ReceivedDelta, _now: number, _out: Outbox): void {}
  /** Hears of an offer. */
  protected onIHave(_link: Link, _ihave: IHave): void {}
  /** Hears that a link's circuit closed. */
  protected onCircuitClosed(_link: Link, _now: number, _out: Outbox): void {}
  /** Whether messages on a link with this peer are wanted. */
  protected acceptsLink(_peer: string): boolean {
    return true;
  }
  /** Hears of a peer that is not welcome, whose values have been taken all the same. */
  protected onRefusedPeer(_peer: string, _now: number, _out: Outbox): void {}
  /** Takes a message of another type than those of links. */
  protected receiveOther(_peer: string, _body: Body, _now: number, _out: Outbox): void {}

  /** Takes a message. */
  protected handleMessage(peer: string, body: Body, now: number, out: Outbox): void {
    if (!LINK_MESSAGE_TYPES.has(body.type)) return this.receiveOther(peer, body, now, out);
    if (!this.acceptsLink(peer)) {
      if (body.type === "delta") this.log.merge(contentOf<Delta>(body).runs, peer, now);
      return this.onRefusedPeer(peer, now, out);
    }
    const link = this.link(peer);
    const wasOpen = link.isOpen;
    if (body.type === "delta") this.#receiveDelta(link, contentOf<Delta>(body), now, out);
    else if (body.type === "ihave") this.#receiveIHave(link, contentOf<IHave>(body), now, out);
    else if (body.type === "digest") {
      this.#receiveDigest(link, contentOf<DigestMessage>(body), now, out);
    } else {
      this.#observeIncarnations(link, contentOf<Probe>(body), out);
      this.requestDigest(link, now, out);
    }
    if (wasOpen && !link.isOpen) {
      out.sometimes("the circuit to a peer closed");
      link.pushNow = true;
      this.onCircuitClosed(link, now, out);
    }
    // Who speaks can also answer: it is to count from now whether he does.
    if (link.isDigestOverdue(now)) this.requestDigest(link, now, out);
    this.onMessage(link, now, out);
  }

  /** Whether this is the id of another node. */
  protected isPeer(id: string): boolean {
    return this.#peers.has(id);
  }

  /** Makes a link, or gives the one there is. */
  protected link(peer: string): Link {
    let link = this.links.get(peer);
    if (link === undefined) {
      const { incarnation } = this.self;
      link = new Link(peer, this.log, incarnation, this.timing(peer), this.roundTrip(peer));
      this.links.set(peer, link);
    }
    return link;
  }

  /** What a round trip to a peer takes, which outlives a link. */
  protected roundTrip(peer: string): PeerRoundTrip {
    let roundTrip = this.#roundTrips.get(peer);
    if (roundTrip === undefined) this.#roundTrips.set(peer, roundTrip = new PeerRoundTrip());
    return roundTrip;
  }

  /** Asks a peer for its digest, and tells ours. */
  protected requestDigest(link: Link, now: number, out: Outbox, extraFields: object = {}): void {
    const sequence = this.nextSequence();
    link.digestRequested(sequence, now);
    this.#sendDigest(link, sequence, out, extraFields);
  }

  /** Asks whether a peer is there. */
  protected sendProbe(peer: string, out: Outbox): void {
    out.send(peer, { type: "probe", inc: this.self.incarnation });
  }

  /** Numbers what a peer has to tell the order of. */
  protected nextSequence(): number {
    return ++this.#lastSequence;
  }

  #receiveDelta(link: Link, delta: Delta, now: number, out: Outbox): void {
    const duplicates = delta.runs.filter((run) => this.log.hasAll(run));
    const added = this.log.merge(delta.runs, link.peer, now);
    if (!this.#receiveHeader(link, delta, now, out)) return;
    if (delta.nack === true) {
      link.sender.rewind();
      link.pushNow = link.sendEntries = true;
    }
    const isNext = link.receiver.follows(delta.from);
    if (!link.receiver.advance(delta.from, delta.to, now)) this.sendNack(link, now, out);
    if (delta.ack_now === true) link.receiver.ackImmediately();
    this.onDelta(link, { delta, added, duplicates, isNext }, now, out);
  }

  #receiveIHave(link: Link, ihave: IHave, now: number, out: Outbox): void {
    if (!this.#receiveHeader(link, ihave, now, out)) return;
    const { digest, to } = ihave;
    if (this.log.covers(digest)) link.receiver.catchUp(to, now);
    else link.receiver.advertise({ digest, to, deadline: now + this.ihaveTimeoutMs(link) });
    this.onIHave(link, ihave);
  }

  #receiveDigest(link: Link, message: DigestMessage, now: number, out: Outbox): void {
    const isStale = this.#observeIncarnations(link, message, out) && !link.isReply(message);
    link.receiveDigest(message, now);
    link.pushNow = true;
    if (message.graft === true) link.makeEager();
    if (message.request === undefined) {
      this.#sendDigest(link, this.nextSequence(), out, { request: message.seq });
    }
    if (isStale && !link.awaitsDigest) this.requestDigest(link, now, out);
  }

  /**
   * Takes what a message says about lives and acknowledgements; returns whether its positions
   * count.
   */
  #receiveHeader(link: Link, header: Delta | IHave, now: number, out: Outbox): boolean {
    if (this.#observeIncarnations(link, header, out) && !link.awaitsDigest) {
      this.requestDigest(link, now, out);
    }
    if (link.isOwnIncarnation(header.peer)) link.acknowledge(header.ack, header.delay, now);
    else if (header.peer !== undefined) return false;
    return true;
  }

  /**
   * Looks at whose lives a message speaks of; returns whether one of them is another than was
   * known.
   */
  #observeIncarnations(
    link: Link,
    { inc, peer }: { inc: string; peer?: string | undefined },
    out: Outbox,
  ): boolean {
    const isPeerChanged = link.observeIncarnation(inc);
    const isForPrevious = peer !== undefined && !link.isOwnIncarnation(peer);
    const isChanged = isPeerChanged || isForPrevious;
    if (isChanged) out.sometimes("a peer was met in a new incarnation");
    return isChanged;
  }

  /** Some of the peer's news did not come: asks for them, once for each round trip. */
  protected sendNack(link: Link, now: number, out: Outbox): void {
    if (!link.receiver.takeNack(now, link.rtoMs)) return;
    out.sometimes("a delta was missed");
    if (link.receiver.received === 0) return this.requestDigest(link, now, out);
    out.send(link.peer, { ...link.acknowledgement(now), nack: true });
  }

  #sendDigest(link: Link, sequence: number, out: Outbox, extraFields: object): void {
    out.send(link.peer, {
      type: "digest",
      inc: this.self.incarnation,
      peer: link.peerIncarnation,
      digest: this.log.digest(),
      to: this.log.coveredLength,
      seq: sequence,
      ...extraFields,
    });
  }
}
