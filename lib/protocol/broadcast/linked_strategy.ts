/**
 * The common part of all strategies that lose no values: a log, links to other nodes, and the
 * actions at the links' deadlines. A strategy decides which nodes are linked, when entries are
 * sent, and whether as deltas or IHAVEs. It cannot cause losses.
 *
 * Why no value is lost: while a link is behind, it has a deadline for a push, a retransmission, a
 * digest request or a probe, and the peer's reply brings it forward. When messages arrive again,
 * every value of one node therefore reaches all nodes of the connected graph of links.
 *
 * Invariant: after each event no deadline is in the past. `runStrategy` asserts it.
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
 * A new peer gets at most this many values without a request. If more are pending, the node first
 * requests the peer's digest.
 */
const MAX_UNREQUESTED_VALUES = 64;
/** One probe is enough to detect a heal: the first reply triggers probes to all other suspects. */
const PROBES_PER_ROUND = 1;
/**
 * A node waits this long after its start for messages from its peers. Then it requests the digests
 * of the peers that sent none: it may have restarted in an idle cluster.
 */
const INITIAL_SYNC_DELAY_MS = 600;

/**
 * All suspects are probed together at most once in this time, so that late replies to one round of
 * probes do not start another round.
 */
const MIN_PROBE_ALL_INTERVAL_MS = 100;

/** The common part of all strategies with links. */
export abstract class LinkedStrategy extends LinkProtocol implements Strategy {
  readonly #prober: Prober;
  #initialSyncAt = Infinity;
  /** The time when all suspects were last probed together. */
  #lastProbeAllAt = -Infinity;

  constructor(self: LocalNode, probe: ProbeOptions) {
    super(self);
    this.#prober = new Prober(probe, self.random);
  }

  /** Returns when to push the pending entries of a link. */
  protected abstract pushDeadline(link: Link): number;
  /** The next deadline of the strategy itself, besides those of its links. */
  protected get ownDeadline(): number {
    return Infinity;
  }
  /** Performs the strategy's own actions whose deadlines have passed. */
  protected runOwnActions(_now: number, _out: Outbox): void {}
  /** Called when the log has grown. */
  protected onNewEntries(_now: number, _out: Outbox): void {}
  /** Called when a link's circuit opens. */
  protected onCircuitOpened(_link: Link, _now: number, _out: Outbox): void {}
  /** Requests advertised entries that did not arrive by another link in time. */
  protected fetchAdvertised(link: Link, now: number, out: Outbox): void {
    this.requestDigest(link, now, out);
  }
  /** Returns additional fields for a delta. */
  protected deltaFields(_link: Link, _now: number): object {
    return {};
  }
  /** Returns additional fields for an IHAVE. */
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

  /** Returns the suspected peers that the node wants to reach. */
  protected suspects(): string[] {
    const suspects: string[] = [];
    for (const { peer, isOpen, isBehind } of this.links.values()) {
      if (isOpen && isBehind) suspects.push(peer);
    }
    return suspects;
  }

  /** Returns how many suspects to probe at a time. */
  protected probesPerRound(_now: number): number {
    return PROBES_PER_ROUND;
  }

  /**
   * Probes all suspects. A peer has replied after a fault, and the same fault may have isolated the
   * others.
   */
  protected probeAllSuspects(now: number, out: Outbox): void {
    if (now - this.#lastProbeAllAt < MIN_PROBE_ALL_INTERVAL_MS) return;
    this.#lastProbeAllAt = now;
    for (const peer of this.suspects()) this.sendProbe(peer, out);
  }

  protected override onCircuitClosed(_link: Link, now: number, out: Outbox): void {
    this.probeAllSuspects(now, out);
  }

  /** Performs all actions whose deadlines have passed. */
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

  /** Probes the next suspects. */
  protected probeNextSuspects(now: number, out: Outbox): void {
    const count = this.probesPerRound(now);
    for (const peer of this.#prober.nextPeers(this.suspects(), count, now)) {
      this.sendProbe(peer, out);
    }
  }

  /** Sends or advertises all pending entries of a link. */
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

  /** Sends an acknowledgement without entries. */
  protected acknowledge(link: Link, now: number, out: Outbox): void {
    out.send(link.peer, { ...link.acknowledgement(now), ...this.deltaFields(link, now) });
  }

  /**
   * Requests the digests of peers that have sent no message yet. A peer with an outstanding request
   * or unacknowledged entries replies anyway, and a request would delay further entries to it.
   */
  #syncNewLinks(now: number, out: Outbox): void {
    this.#initialSyncAt = Infinity;
    for (const link of this.links.values()) {
      const awaitsReply = link.awaitsDigest || link.sender.hasUnacknowledged;
      if (link.peerIncarnation === undefined && !awaitsReply) this.requestDigest(link, now, out);
    }
  }

  /**
   * Checks the pending advertisement: its entries have arrived by another link, or are requested
   * now.
   */
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
