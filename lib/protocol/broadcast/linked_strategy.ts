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
import { LinkProtocol } from "./link_protocol.ts";
import type { Advertisement } from "./log_receiver.ts";
import type { Link } from "./link.ts";
import type { LocalNode, Outbox, Strategy } from "./strategy.ts";
import { type ProbeOptions, Prober } from "./prober.ts";

/**
 * To a peer never met so many values are sent unasked; with more, it is asked first what it lacks.
 */
const MAX_UNREQUESTED_VALUES = 64;
/** One is enough to notice that a fault is over; all others are asked as soon as it answers. */
const PROBES_PER_ROUND = 1;
/**
 * So many milliseconds after its start a node asks those that have not spoken to it: it may be back
 * after a crash, in a cluster that has gone quiet. At the beginning of a test others speak first.
 */
const INITIAL_SYNC_DELAY_MS = 600;

/** Who answers late, when all have been asked for one who answered, is no reason to ask all again. */
const MIN_PROBE_ALL_INTERVAL_MS = 100;

/** The part that all strategies with links share. */
export abstract class LinkedStrategy extends LinkProtocol implements Strategy {
  readonly #prober: Prober;
  #initialSyncAt = Infinity;
  /** When all suspects were last probed together. */
  #lastProbeAllAt = -Infinity;

  constructor(self: LocalNode, probe: ProbeOptions) {
    super(self);
    this.#prober = new Prober(probe, self.random);
  }

  /** When to push what is pending on a link. */
  protected abstract pushDeadline(link: Link): number;
  /** What is due beside the links… */
  protected get ownDeadline(): number {
    return Infinity;
  }
  /** …and does it, if it is. */
  protected runOwnActions(_now: number, _out: Outbox): void {}
  /** Hears that the log has grown. */
  protected onNewEntries(_now: number, _out: Outbox): void {}
  /** Hears that a link's circuit opened. */
  protected onCircuitOpened(_link: Link, _now: number, _out: Outbox): void {}
  /** An offer was not made good by other ways in time. */
  protected fetchAdvertised(link: Link, now: number, out: Outbox): void {
    this.requestDigest(link, now, out);
  }
  /** Fields to add to news. */
  protected deltaFields(_link: Link, _now: number): object {
    return {};
  }
  /** Fields to add to an offer. */
  protected ihaveFields(): object {
    return {};
  }
  protected override ihaveTimeoutMs(_link: Link): number {
    return 0;
  }

  get values(): readonly Json[] {
    return this.log.values;
  }

  get nextDeadline(): number {
    let deadline = Math.min(this.ownDeadline, this.#prober.nextProbeAt, this.#initialSyncAt);
    for (const link of this.links.values()) {
      const { ackDeadline, retransmitDeadline, receiver } = link;
      deadline = Math.min(deadline, ackDeadline, retransmitDeadline, receiver.nackDeadline);
      deadline = Math.min(deadline, receiver.advertised?.deadline ?? Infinity);
      if (link.canPush) deadline = Math.min(deadline, this.pushDeadline(link));
    }
    return deadline;
  }

  start(now: number, _out: Outbox): void {
    if (this.self.nodes.length > 1) this.#initialSyncAt = now + INITIAL_SYNC_DELAY_MS;
  }

  topology(_neighbours: readonly string[], _now: number, _out: Outbox): void {}

  broadcast(value: Json, now: number, out: Outbox): void {
    if (this.log.append(value, now)) this.onNewEntries(now, out);
    this.runDueActions(now, out);
  }

  receive(peer: string, body: Body, now: number, out: Outbox): void {
    if (!this.isPeer(peer)) return;
    const before = this.log.length;
    this.handleMessage(peer, body, now, out);
    if (this.log.length > before) this.onNewEntries(now, out);
    this.runDueActions(now, out);
  }

  tick(now: number, out: Outbox): void {
    this.runDueActions(now, out);
  }

  /** Those that do not answer and that the strategy wants to reach. */
  protected suspects(): string[] {
    const suspects: string[] = [];
    for (const { peer, isOpen, isBehind } of this.links.values()) {
      if (isOpen && isBehind) suspects.push(peer);
    }
    return suspects;
  }

  /** How many suspects to probe at a time. */
  protected probesPerRound(_now: number): number {
    return PROBES_PER_ROUND;
  }

  /**
   * Someone answered whom a fault had cut off: it may have cut off others, so they are asked too.
   */
  protected probeAllSuspects(now: number, out: Outbox): void {
    if (now - this.#lastProbeAllAt < MIN_PROBE_ALL_INTERVAL_MS) return;
    this.#lastProbeAllAt = now;
    for (const peer of this.suspects()) this.sendProbe(peer, out);
  }

  protected override onCircuitClosed(_link: Link, now: number, out: Outbox): void {
    this.probeAllSuspects(now, out);
  }

  /** Does all that is due. */
  protected runDueActions(now: number, out: Outbox): void {
    if (this.#initialSyncAt <= now) this.#syncNewLinks(now, out);
    this.runOwnActions(now, out);
    for (const link of this.links.values()) {
      if (link.retransmitDeadline <= now) this.#handleTimeout(link, now, out);
      while ((link.receiver.advertised?.deadline ?? Infinity) <= now) {
        this.#checkAdvertisement(link, now, out);
      }
      if (link.receiver.nackDeadline <= now) this.sendNack(link, now, out);
      if (!link.canPush) link.pushNow = false;
      else if (link.pushNow || this.pushDeadline(link) <= now) this.push(link, now, out);
      if (link.ackDeadline <= now) this.acknowledge(link, now, out);
    }
    const suspects = this.suspects();
    this.#prober.update(suspects.length > 0, now);
    if (this.#prober.nextProbeAt <= now) this.probeNextSuspects(now, out);
  }

  /** Probes as many of the suspects as are to be probed at a time. */
  protected probeNextSuspects(now: number, out: Outbox): void {
    const count = this.probesPerRound(now);
    for (const peer of this.#prober.nextPeers(this.suspects(), count, now)) {
      this.sendProbe(peer, out);
    }
  }

  /** Sends all that is pending on a link, or offers it. */
  protected push(link: Link, now: number, out: Outbox): void {
    link.pushNow = false;
    if (link.isNew && link.sender.hasMorePendingThan(MAX_UNREQUESTED_VALUES)) {
      this.requestDigest(link, now, out);
    } else if (link.isLazy && !link.sendEntries) {
      const to = link.sender.advertise(now);
      const digest = this.log.digest();
      const content = { digest, to, ...this.ihaveFields() };
      out.send(link.peer, { type: "ihave", ...link.header(now), ...content });
    } else {
      link.sendEntries = false;
      while (link.sender.hasPending) {
        out.send(link.peer, { ...link.nextDelta(now), ...this.deltaFields(link, now) });
      }
    }
  }

  /** Sends nothing but an acknowledgement. */
  protected acknowledge(link: Link, now: number, out: Outbox): void {
    out.send(link.peer, { ...link.acknowledgement(now), ...this.deltaFields(link, now) });
  }

  /**
   * Asks those that have not spoken yet what there is to know. Who has been told something answers
   * anyway, and would only be told less until he has answered a question.
   */
  #syncNewLinks(now: number, out: Outbox): void {
    this.#initialSyncAt = Infinity;
    for (const link of this.links.values()) {
      const awaitsReply = link.awaitsDigest || link.sender.hasUnacknowledged;
      if (link.peerIncarnation === undefined && !awaitsReply) this.requestDigest(link, now, out);
    }
  }

  /** Looks again at an offer: by now its values have come by other ways, or they are asked for. */
  #checkAdvertisement(link: Link, now: number, out: Outbox): void {
    const { digest, to } = link.receiver.advertised as Advertisement;
    if (this.log.covers(digest)) {
      link.receiver.nextAdvertisement();
      return link.receiver.catchUp(to, now);
    }
    link.receiver.dropAdvertisements();
    out.sometimes("advertised entries were requested");
    this.fetchAdvertised(link, now, out);
  }

  #handleTimeout(link: Link, now: number, out: Outbox): void {
    link.timedOut();
    if (link.isOpen) {
      out.sometimes("the circuit to a peer opened");
      this.onCircuitOpened(link, now, out);
      this.#prober.suspect(now);
    } else if (link.awaitsDigest) {
      this.requestDigest(link, now, out);
    } else {
      out.sometimes("entries were retransmitted");
      link.pushNow = true;
    }
  }
}
