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
import type { Identity, Outbox } from "./machine.ts";
import { contentOf, type DigestMessage, type News, type Offer, type Probe } from "./messages.ts";
import { RoundTrip } from "./round_trip.ts";
import { originOf, type Run, ValueLog } from "./value_log.ts";

/** The types of messages that make a link of whoever sends one. */
const ON_LINKS: ReadonlySet<string> = new Set(["news", "offer", "digest", "probe"]);

/** News from a peer, and what they were to us. */
export interface HeardNews {
  readonly news: News;
  /** How many entries were new. */
  readonly added: number;
  /** Those runs of which no value was. */
  readonly useless: readonly Run[];
  /** Whether they follow what the peer had told before, so that it did not repeat itself. */
  readonly next: boolean;
}

/** The links of a node, and what is said on them. */
export abstract class Conversation {
  protected readonly self: Identity;
  protected readonly log: ValueLog;
  protected readonly links = new Map<string, Link>();
  readonly #peers: ReadonlySet<string>;
  readonly #roundTrips = new Map<string, RoundTrip>();
  #numbered = 0;

  constructor(self: Identity) {
    this.self = self;
    this.log = new ValueLog(originOf(self.id, self.incarnation));
    this.#peers = new Set(self.nodes.filter((node) => node !== self.id));
  }

  /** When a link acknowledges and repeats. */
  protected abstract timing(peer: string): LinkTiming;
  /** How long to wait for an offered value to come by another way. */
  protected abstract grace(link: Link): number;

  /** Hears of any message from a peer with a link. */
  protected heard(_link: Link, _now: number, _out: Outbox): void {}
  /** Hears of news. */
  protected heardNews(_link: Link, _heard: HeardNews, _now: number, _out: Outbox): void {}
  /** Hears of an offer. */
  protected heardOffer(_link: Link, _offer: Offer): void {}
  /** Hears that a link's circuit closed. */
  protected restored(_link: Link, _now: number, _out: Outbox): void {}
  /** Whether messages on a link with this peer are wanted. */
  protected isWelcome(_peer: string): boolean {
    return true;
  }
  /** Hears of a peer that is not welcome, whose values have been taken all the same. */
  protected turnAway(_peer: string, _now: number, _out: Outbox): void {}
  /** Takes a message of another type than those of links. */
  protected receiveOther(_peer: string, _body: Body, _now: number, _out: Outbox): void {}

  /** Takes a message. */
  protected listen(peer: string, body: Body, now: number, out: Outbox): void {
    if (!ON_LINKS.has(body.type)) return this.receiveOther(peer, body, now, out);
    if (!this.isWelcome(peer)) {
      if (body.type === "news") this.log.merge(contentOf<News>(body).runs, peer, now);
      return this.turnAway(peer, now, out);
    }
    const link = this.link(peer);
    const wasOpen = link.open;
    if (body.type === "news") this.#takeNews(link, contentOf<News>(body), now, out);
    else if (body.type === "offer") this.#takeOffer(link, contentOf<Offer>(body), now, out);
    else if (body.type === "digest") {
      this.#takeDigest(link, contentOf<DigestMessage>(body), now, out);
    } else {
      this.#meet(link, contentOf<Probe>(body), out);
      this.ask(link, now, out);
    }
    if (wasOpen && !link.open) {
      out.sometimes("a circuit closed");
      link.urgent = true;
      this.restored(link, now, out);
    }
    // Who speaks can also answer: it is to count from now whether he does.
    if (link.isAnswerOverdue(now)) this.ask(link, now, out);
    this.heard(link, now, out);
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
  protected roundTrip(peer: string): RoundTrip {
    let roundTrip = this.#roundTrips.get(peer);
    if (roundTrip === undefined) this.#roundTrips.set(peer, roundTrip = new RoundTrip());
    return roundTrip;
  }

  /** Asks a peer for its digest, and tells ours. */
  protected ask(link: Link, now: number, out: Outbox, more: object = {}): void {
    const number = this.nextNumber();
    link.ask(number, now);
    this.#sendDigest(link, number, out, more);
  }

  /** Asks whether a peer is there. */
  protected probe(peer: string, out: Outbox): void {
    out.send(peer, { type: "probe", me: this.self.incarnation });
  }

  /** Numbers what a peer has to tell the order of. */
  protected nextNumber(): number {
    return ++this.#numbered;
  }

  #takeNews(link: Link, news: News, now: number, out: Outbox): void {
    const useless = news.runs.filter((run) => this.log.hasAll(run));
    const added = this.log.merge(news.runs, link.peer, now);
    if (!this.#takeHeader(link, news, now, out)) return;
    if (news.again === true) {
      link.out.rewind();
      link.urgent = link.asked = true;
    }
    const next = link.in.isNext(news.from);
    if (!link.in.advance(news.from, news.to, now)) this.complain(link, now, out);
    if (news.hurry === true) link.in.hurry();
    this.heardNews(link, { news, added, useless, next }, now, out);
  }

  #takeOffer(link: Link, offer: Offer, now: number, out: Outbox): void {
    if (!this.#takeHeader(link, offer, now, out)) return;
    const { digest, at } = offer;
    if (this.log.covers(digest)) link.in.catchUp(at, now);
    else link.in.offer({ digest, at, due: now + this.grace(link) });
    this.heardOffer(link, offer);
  }

  #takeDigest(link: Link, message: DigestMessage, now: number, out: Outbox): void {
    const doubtful = this.#meet(link, message, out) && !link.isAnswer(message);
    link.takeDigest(message, now);
    link.urgent = true;
    if (message.graft === true) link.makeEager();
    if (message.answers === undefined) {
      this.#sendDigest(link, this.nextNumber(), out, { answers: message.number });
    }
    if (doubtful && !link.asking) this.ask(link, now, out);
  }

  /**
   * Takes what a message says about lives and acknowledgements; returns whether its positions
   * count.
   */
  #takeHeader(link: Link, header: News | Offer, now: number, out: Outbox): boolean {
    if (this.#meet(link, header, out) && !link.asking) this.ask(link, now, out);
    if (link.isForMe(header.you)) link.acknowledge(header.ack, header.held, now);
    else if (header.you !== undefined) return false;
    return true;
  }

  /**
   * Looks at whose lives a message speaks of; returns whether one of them is another than was
   * known.
   */
  #meet(link: Link, { me, you }: { me: string; you?: string | undefined }, out: Outbox): boolean {
    const other = link.meet(me);
    const forAnother = you !== undefined && !link.isForMe(you);
    if (other || forAnother) out.sometimes("a node was met in a new life");
    return other || forAnother;
  }

  /** Some of the peer's news did not come: asks for them, once for each round trip. */
  protected complain(link: Link, now: number, out: Outbox): void {
    if (!link.in.complains(now, link.patience)) return;
    out.sometimes("a gap was noticed");
    if (link.in.received === 0) return this.ask(link, now, out);
    out.send(link.peer, { ...link.acknowledgement(now), again: true });
  }

  #sendDigest(link: Link, number: number, out: Outbox, more: object): void {
    const me = this.self.incarnation;
    const digest = this.log.digest();
    const at = this.log.namedLength;
    out.send(link.peer, { type: "digest", me, you: link.you, digest, at, number, ...more });
  }
}
