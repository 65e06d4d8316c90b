/**
 * What the strategies that lose nothing have in common: a log, links to some of the other nodes,
 * and the doing of what is due on each. A strategy says who is linked with whom, when news go out,
 * and whether as news or as offers; it cannot make them get lost.
 *
 * Why nothing is lost: as long as a link is behind, something is due on it (a push, a repetition, a
 * question, a probe), and the peer's answer brings it forward. So once messages pass again,
 * whatever one node of a connected set of links knows gets to all of them.
 *
 * Invariant: after each event nothing is due in the past.
 *
 * @module
 */

import type { Json } from "../../base/mod.ts";
import type { Body } from "../../wire/mod.ts";
import { Conversation } from "./conversation.ts";
import type { PendingOffer } from "./incoming.ts";
import type { Link } from "./link.ts";
import type { Identity, Machine, Outbox } from "./machine.ts";
import { type ProbePace, Prober } from "./prober.ts";

/**
 * To a peer never met so many values are sent unasked; with more, it is asked first what it lacks.
 */
const MOST_UNASKED = 64;
/** One is enough to notice that a fault is over; all others are asked as soon as it answers. */
const PROBED_AT_ONCE = 1;
/**
 * So many milliseconds after its start a node asks those that have not spoken to it: it may be back
 * after a crash, in a cluster that has gone quiet. At the beginning of a test others speak first.
 */
const GREET_AFTER_MS = 600;

/** Who answers late, when all have been asked for one who answered, is no reason to ask all again. */
const PROBE_ALL_MS = 100;

/** The part that all strategies with links share. */
export abstract class LinkedMachine extends Conversation implements Machine {
  readonly #prober: Prober;
  #greetAt = Infinity;
  /** When all suspects were last probed together. */
  #probedAll = -Infinity;

  constructor(self: Identity, pace: ProbePace) {
    super(self);
    this.#prober = new Prober(pace, self.random);
  }

  /** When to push what is pending on a link. */
  protected abstract pushDue(link: Link): number;
  /** What is due beside the links… */
  protected get ownDue(): number {
    return Infinity;
  }
  /** …and does it, if it is. */
  protected act(_now: number, _out: Outbox): void {}
  /** Hears that the log has grown. */
  protected learned(_now: number, _out: Outbox): void {}
  /** Hears that a link's circuit opened. */
  protected lost(_link: Link, _now: number, _out: Outbox): void {}
  /** An offer was not made good by other ways in time. */
  protected takeUp(link: Link, now: number, out: Outbox): void {
    this.ask(link, now, out);
  }
  /** Fields to add to news. */
  protected newsFields(_link: Link, _now: number): object {
    return {};
  }
  /** Fields to add to an offer. */
  protected offerFields(): object {
    return {};
  }
  protected override grace(_link: Link): number {
    return 0;
  }

  get values(): readonly Json[] {
    return this.log.values;
  }

  get due(): number {
    let due = Math.min(this.ownDue, this.#prober.due, this.#greetAt);
    for (const link of this.links.values()) {
      due = Math.min(due, link.ackDue, link.retryDue, link.in.offered?.due ?? Infinity);
      due = Math.min(due, link.in.complaintDue);
      if (link.ready) due = Math.min(due, this.pushDue(link));
    }
    return due;
  }

  start(now: number, _out: Outbox): void {
    if (this.self.nodes.length > 1) this.#greetAt = now + GREET_AFTER_MS;
  }

  topology(_neighbours: readonly string[], _now: number, _out: Outbox): void {}

  broadcast(value: Json, now: number, out: Outbox): void {
    if (this.log.append(value, now)) this.learned(now, out);
    this.settle(now, out);
  }

  receive(peer: string, body: Body, now: number, out: Outbox): void {
    if (!this.isPeer(peer)) return;
    const before = this.log.length;
    this.listen(peer, body, now, out);
    if (this.log.length > before) this.learned(now, out);
    this.settle(now, out);
  }

  wake(now: number, out: Outbox): void {
    this.settle(now, out);
  }

  /** Those that do not answer and that the strategy wants to reach. */
  protected suspects(): string[] {
    const suspects: string[] = [];
    for (const { peer, open, behind } of this.links.values()) {
      if (open && behind) suspects.push(peer);
    }
    return suspects;
  }

  /** How many suspects to probe at a time. */
  protected probedAtOnce(_now: number): number {
    return PROBED_AT_ONCE;
  }

  /**
   * Someone answered whom a fault had cut off: it may have cut off others, so they are asked too.
   */
  protected probeSuspects(now: number, out: Outbox): void {
    if (now - this.#probedAll < PROBE_ALL_MS) return;
    this.#probedAll = now;
    for (const peer of this.suspects()) this.probe(peer, out);
  }

  protected override restored(_link: Link, now: number, out: Outbox): void {
    this.probeSuspects(now, out);
  }

  /** Does all that is due. */
  protected settle(now: number, out: Outbox): void {
    if (this.#greetAt <= now) this.#greet(now, out);
    this.act(now, out);
    for (const link of this.links.values()) {
      if (link.retryDue <= now) this.#miss(link, now, out);
      while ((link.in.offered?.due ?? Infinity) <= now) this.#redeem(link, now, out);
      if (link.in.complaintDue <= now) this.complain(link, now, out);
      if (!link.ready) link.urgent = false;
      else if (link.urgent || this.pushDue(link) <= now) this.push(link, now, out);
      if (link.ackDue <= now) this.acknowledge(link, now, out);
    }
    const suspects = this.suspects();
    this.#prober.review(suspects.length > 0, now);
    if (this.#prober.due <= now) this.probeSome(now, out);
  }

  /** Probes as many of the suspects as are to be probed at a time. */
  protected probeSome(now: number, out: Outbox): void {
    const count = this.probedAtOnce(now);
    for (const peer of this.#prober.take(this.suspects(), count, now)) this.probe(peer, out);
  }

  /** Sends all that is pending on a link, or offers it. */
  protected push(link: Link, now: number, out: Outbox): void {
    link.urgent = false;
    if (link.unmet && link.out.hasMoreThan(MOST_UNASKED)) {
      this.ask(link, now, out);
    } else if (link.lazy && !link.asked) {
      const at = link.out.offer(now);
      const offer = { digest: this.log.digest(), at, ...this.offerFields() };
      out.send(link.peer, { type: "offer", ...link.header(now), ...offer });
    } else {
      link.asked = false;
      while (link.out.pending) {
        out.send(link.peer, { ...link.news(now), ...this.newsFields(link, now) });
      }
    }
  }

  /** Sends nothing but an acknowledgement. */
  protected acknowledge(link: Link, now: number, out: Outbox): void {
    out.send(link.peer, { ...link.acknowledgement(now), ...this.newsFields(link, now) });
  }

  /**
   * Asks those that have not spoken yet what there is to know. Who has been told something answers
   * anyway, and would only be told less until he has answered a question.
   */
  #greet(now: number, out: Outbox): void {
    this.#greetAt = Infinity;
    for (const link of this.links.values()) {
      const isToAnswer = link.asking || link.out.unacknowledged;
      if (link.you === undefined && !isToAnswer) this.ask(link, now, out);
    }
  }

  /** Looks again at an offer: by now its values have come by other ways, or they are asked for. */
  #redeem(link: Link, now: number, out: Outbox): void {
    const { digest, at } = link.in.offered as PendingOffer;
    if (this.log.covers(digest)) {
      link.in.settleOffer();
      return link.in.catchUp(at, now);
    }
    link.in.dropOffers();
    out.sometimes("an offer was taken up");
    this.takeUp(link, now, out);
  }

  #miss(link: Link, now: number, out: Outbox): void {
    link.miss();
    if (link.open) {
      out.sometimes("a circuit opened");
      this.lost(link, now, out);
      this.#prober.suspect(now);
    } else if (link.asking) {
      this.ask(link, now, out);
    } else {
      out.sometimes("news were repeated");
      link.urgent = true;
    }
  }
}
