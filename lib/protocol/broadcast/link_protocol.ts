/**
 * Handles the messages on a {@link Link}: deltas, IHAVEs, acknowledgements, gaps, digests, new
 * incarnations.
 *
 * Entries are accepted from any message in any order; only positions depend on the order. A digest
 * request is retransmitted until a digest names it.
 *
 * @module
 */

import type { Body } from "../../wire/mod.ts";
import { Link, type LinkTiming } from "./link.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import { contentOf, type Delta, type DigestMessage, type IHave, type Probe } from "./messages.ts";
import { PeerRoundTrip } from "./peer_round_trip.ts";
import { type EntryRun, originOf, ValueLog } from "./value_log.ts";

/** The message types that create a link to their sender. */
const LINK_MESSAGE_TYPES: ReadonlySet<string> = new Set(["delta", "ihave", "digest", "probe"]);

/** A delta from a peer, and what was new in it. */
export interface ReceivedDelta {
  readonly delta: Delta;
  /** The number of new entries. */
  readonly added: number;
  /** The runs without any new entry. */
  readonly duplicates: readonly EntryRun[];
  /** Whether the delta follows the peer's last one, so that it is not a retransmission. */
  readonly isNext: boolean;
}

/** Manages the links of a node and handles the messages on them. */
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

  /** Returns the timing of the link to a peer. */
  protected abstract timing(peer: string): LinkTiming;
  /**
   * Returns how long to wait, in milliseconds, for advertised entries to arrive by another link.
   */
  protected abstract ihaveTimeoutMs(link: Link): number;

  /** Called after each message on a link. */
  protected onMessage(_link: Link, _now: number, _out: Outbox): void {}
  /** Called after each delta. */
  protected onDelta(_link: Link, _received: ReceivedDelta, _now: number, _out: Outbox): void {}
  /** Called after each IHAVE. */
  protected onIHave(_link: Link, _ihave: IHave): void {}
  /** Called when a link's circuit closes. */
  protected onCircuitClosed(_link: Link, _now: number, _out: Outbox): void {}
  /** Returns whether this node wants a link to a peer. */
  protected acceptsLink(_peer: string): boolean {
    return true;
  }
  /**
   * Called after a message from a peer to which this node wants no link. Its entries were added.
   */
  protected onRefusedPeer(_peer: string, _now: number, _out: Outbox): void {}
  /** Handles a message that does not belong to a link. */
  protected receiveOther(_peer: string, _body: Body, _now: number, _out: Outbox): void {}

  /** Handles a message. */
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
    // The peer is alive, but its digest is overdue: send the request again, which restarts its
    // timeout.
    if (link.isDigestOverdue(now)) this.requestDigest(link, now, out);
    this.onMessage(link, now, out);
  }

  /** Returns whether this is the id of another node. */
  protected isPeer(id: string): boolean {
    return this.#peers.has(id);
  }

  /** Returns the link to a peer, and creates it if necessary. */
  protected link(peer: string): Link {
    let link = this.links.get(peer);
    if (link === undefined) {
      const { incarnation } = this.self;
      link = new Link(peer, this.log, incarnation, this.timing(peer), this.roundTrip(peer));
      this.links.set(peer, link);
    }
    return link;
  }

  /** Returns the round-trip estimate of a peer, which outlives a link. */
  protected roundTrip(peer: string): PeerRoundTrip {
    let roundTrip = this.#roundTrips.get(peer);
    if (roundTrip === undefined) this.#roundTrips.set(peer, roundTrip = new PeerRoundTrip());
    return roundTrip;
  }

  /** Requests a peer's digest, and sends this node's own with the request. */
  protected requestDigest(link: Link, now: number, out: Outbox, extraFields: object = {}): void {
    const sequence = this.nextSequence();
    link.digestRequested(sequence, now);
    this.#sendDigest(link, sequence, out, extraFields);
  }

  /** Sends a probe to a peer. */
  protected sendProbe(peer: string, out: Outbox): void {
    out.send(peer, { type: "probe", inc: this.self.incarnation });
  }

  /** Returns the sequence number of the next `digest` or `unsubscribe` message. */
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
   * Processes incarnations and the acknowledgement; returns whether the positions in the message
   * are valid for this incarnation.
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
   * Compares the incarnations in a message with the known ones; returns whether one of them
   * differs.
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

  /** Requests missing deltas of the peer, at most once per retransmission timeout. */
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
