/**
 * Hub election: each node's hub is the node of lowest rank that replies to it; a node that finds
 * none is a hub itself. Ranks order nodes by id; "lower" and "higher" refer to them.
 *
 * This is a leader election in the manner of the bully algorithm (Garcia-Molina 1982), but it does
 * not need agreement: there may be several hubs. At first the lowest node is the hub of all. When a
 * node's circuit to its hub opens, it sends `election` messages to lower nodes. It requests a
 * digest from the lowest node that answers, and the digest makes that node its hub. If none answers
 * in time, the node becomes a hub. It then probes the higher nodes, which may not have detected the
 * failure, and continues to send `election` messages.
 *
 * A hub's rank is lower than those of its leaves, so the links from nodes to their hubs never form
 * a cycle. One-way partitions do not change this, because a node adopts a hub only after a reply.
 * When a node receives a message from a node below its hub, it moves there as soon as that node has
 * replied to a digest request. Soon after a heal, one hub is left.
 *
 * A rival is a lower node that treats this node as its leaf although this node has a hub. When a
 * rival sends entries, the node first makes sure that its hub is alive, and then unsubscribes from
 * the rival. Few entries are therefore sent twice, even if many nodes look for a hub at the same
 * time.
 *
 * The election affects how fast values spread, not whether they do: a hub sends to each of its
 * leaves until all entries are acknowledged or the leaf unsubscribes. Limitation: a node that
 * reaches two hubs does not connect them if they cannot reach each other.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Body } from "../../wire/mod.ts";
import type { Link } from "./link.ts";
import { LinkedStrategy } from "./linked_strategy.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import { contentOf, type Unsubscribe } from "./messages.ts";
import type { ProbeOptions } from "./prober.ts";

/**
 * How long a node without a hub looks for one before it becomes a hub itself. The time allows about
 * four rounds of messages, which reach every lower node.
 */
const ELECTION_TIMEOUT_MS = 1500;
const MIN_ELECTION_PROBES = 2;
const MAX_ELECTION_PROBES = 16;
/** Answers to messages that were sent together arrive within about this time of each other. */
const CANDIDATE_WAIT_MS = 20;

/** The common part of `hub` and `mesh`. */
export abstract class HubElection extends LinkedStrategy {
  readonly #order: readonly string[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #rank: number;
  #hub: string | undefined;
  /** The time when a node without a hub becomes a hub; `Infinity` if it has done so. */
  #announceAt = Infinity;
  /** The lowest node below the hub that answered, and the time to request its digest. */
  #candidate: string | undefined;
  #candidateDeadline = Infinity;
  /** The time of the last message from the hub. */
  #lastFromHubAt = -Infinity;
  /** Lower nodes that treat this node as their leaf, although it has another hub. */
  readonly #rivals = new Set<string>();
  /** The time of the last `unsubscribe` message to each lower node. */
  readonly #unsubscribedAt = new Map<string, number>();

  constructor(self: LocalNode, probe: ProbeOptions) {
    super(self, probe);
    this.#order = [...self.nodes].sort(compareIds);
    this.#ranks = new Map(this.#order.map((node, rank) => [node, rank]));
    this.#rank = this.#rankOf(self.id);
  }

  /** The node that this node sends its entries to; undefined if this node is a hub. */
  get hub(): string | undefined {
    return this.#hub;
  }

  /** The links to nodes that treat this node as their hub. */
  protected get leaves(): Link[] {
    return [...this.links.values()].filter(({ peer }) => !this.hasLowerRank(peer));
  }

  protected hasLowerRank(peer: string): boolean {
    return this.#rankOf(peer) < this.#rank;
  }

  override start(now: number, out: Outbox): void {
    super.start(now, out);
    if (this.#rank > 0) this.link(this.#hub = this.#order[0] as string);
    else for (const peer of this.#order.slice(1)) this.link(peer);
  }

  protected override get ownDeadline(): number {
    return Math.min(this.#announceAt, this.#candidateDeadline);
  }

  protected override runOwnActions(now: number, out: Outbox): void {
    if (this.#candidateDeadline <= now) this.#requestCandidate(now, out);
    if (this.#announceAt <= now) this.#becomeHub(out);
  }

  protected override onMessage(link: Link, now: number, out: Outbox): void {
    const { peer } = link;
    if (!this.hasLowerRank(peer)) return;
    const isSound = link.hasReplied && !link.isOpen && !link.awaitsDigest;
    if (peer === this.#hub) {
      this.#lastFromHubAt = now;
      if (isSound) this.#unsubscribeFromRivals(now, out);
    } else if (isSound) this.#adoptHub(peer, now, out);
    else if (!link.awaitsDigest) this.requestDigest(link, now, out);
  }

  protected override acceptsLink(peer: string): boolean {
    const hub = this.#hub;
    if (hub === undefined || peer === hub || !this.hasLowerRank(peer)) return true;
    return this.#rankOf(peer) < this.#rankOf(hub);
  }

  /**
   * The sender may be a rival because it cannot reach this node's hub: check whether this node can.
   */
  protected override onRefusedPeer(peer: string, now: number, out: Outbox): void {
    this.#rivals.add(peer);
    const hub = this.link(this.#hub as string);
    if (hub.awaitsDigest) return;
    const isHubAlive = hub.hasReplied && now - this.#lastFromHubAt <= hub.rtoMs;
    if (isHubAlive) this.#unsubscribeFromRivals(now, out);
    else this.requestDigest(hub, now, out);
  }

  protected override receiveOther(peer: string, body: Body, now: number, out: Outbox): void {
    if (body.type === "election") return this.#answerElection(peer, body, now, out);
    if (body.type === "answer") return this.#addCandidate(peer, now);
    if (body.type !== "unsubscribe" || this.hasLowerRank(peer)) return;
    const link = this.links.get(peer);
    if (link === undefined) return;
    const { inc, seq } = contentOf<Unsubscribe>(body);
    const isCurrent = link.peerIncarnation === undefined || link.peerIncarnation === inc;
    // A message of another incarnation does not concern this one, so the link stays. The change
    // leads to a digest request, and the peer unsubscribes again. A message that is older than the
    // peer's last digest is obsolete: the peer has returned since.
    if (!isCurrent) link.observeIncarnation(inc);
    else if (link.isNewer(inc, seq)) this.links.delete(peer);
  }

  protected override onCircuitOpened(link: Link, now: number, out: Outbox): void {
    if (link.peer !== this.#hub) {
      if (this.hasLowerRank(link.peer)) this.links.delete(link.peer);
      return;
    }
    out.sometimes("a node lost its hub");
    this.#hub = undefined;
    this.#rivals.clear();
    this.links.delete(link.peer);
    if (this.#rank === 1) return this.#becomeHub(out);
    this.#announceAt = now + ELECTION_TIMEOUT_MS;
    this.probeNextSuspects(now, out);
  }

  /**
   * Returns the possible hubs, lowest first, if this node has none, and the leaves that do not
   * reply.
   */
  protected override suspects(): string[] {
    const candidates = this.#hub === undefined ? this.#order.slice(0, this.#rank) : [];
    const leaves = this.leaves.filter(({ isOpen, isBehind }) => isOpen && isBehind);
    return [...candidates, ...leaves.map(({ peer }) => peer)];
  }

  /**
   * While it looks for a hub, a node sends to few nodes at first, since one answer suffices, and
   * then to more and more.
   */
  protected override probesPerRound(now: number): number {
    if (this.#hub !== undefined || this.#announceAt === Infinity) return super.probesPerRound(now);
    const elapsedFraction = 1 - (this.#announceAt - now) / ELECTION_TIMEOUT_MS;
    const probes = MIN_ELECTION_PROBES + Math.floor(elapsedFraction * this.#rank);
    return Math.min(MAX_ELECTION_PROBES, probes);
  }

  /**
   * Answers a node without a hub. If it was a leaf of this node, the link between them was
   * partitioned, and this node resumes it.
   */
  #answerElection(peer: string, body: Body, now: number, out: Outbox): void {
    if (this.links.has(peer)) this.handleMessage(peer, { ...body, type: "probe" }, now, out);
    else out.send(peer, { type: "answer" });
  }

  /** Considers a lower node that answered. Other answers may follow soon. */
  #addCandidate(peer: string, now: number): void {
    const rank = this.#rankOf(peer);
    if (rank >= this.#rankOf(this.#candidate ?? this.#hub ?? this.self.id)) return;
    if (this.#candidate === undefined) this.#candidateDeadline = now + CANDIDATE_WAIT_MS;
    this.#candidate = peer;
  }

  /** Requests the digest of the lowest node that answered, to make it the hub. */
  #requestCandidate(now: number, out: Outbox): void {
    const candidate = this.#candidate as string;
    this.#candidate = undefined;
    this.#candidateDeadline = Infinity;
    if (candidate !== this.#hub && this.acceptsLink(candidate)) {
      this.requestDigest(this.link(candidate), now, out);
    }
  }

  protected override sendProbe(peer: string, out: Outbox): void {
    if (this.#hub !== undefined || !this.hasLowerRank(peer)) return super.sendProbe(peer, out);
    out.send(peer, { type: "election", inc: this.self.incarnation });
  }

  #adoptHub(hub: string, now: number, out: Outbox): void {
    invariant(this.hasLowerRank(hub), "a node's hub has a lower rank than the node");
    const hadHub = this.#hub !== undefined;
    this.#hub = hub;
    this.#lastFromHubAt = now;
    this.#announceAt = Infinity;
    this.#unsubscribeFromRivals(now, out);
    if (hadHub) return;
    out.sometimes("a node found a new hub");
    this.probeAllSuspects(now, out);
  }

  /** Unsubscribes from lower nodes other than the hub. */
  #unsubscribeFromRivals(now: number, out: Outbox): void {
    const rank = this.#rankOf(this.#hub as string);
    for (const { peer, isOpen, awaitsDigest } of [...this.links.values()]) {
      if (peer === this.#hub || !this.hasLowerRank(peer)) continue;
      // A node below the hub becomes the hub when it replies.
      if (awaitsDigest && this.#rankOf(peer) < rank) continue;
      if (!isOpen) this.#rivals.add(peer);
      this.links.delete(peer);
    }
    const inc = this.self.incarnation;
    for (const peer of this.#rivals) {
      // Entries that were in flight when the message was sent need no second message.
      const elapsedMs = now - (this.#unsubscribedAt.get(peer) ?? -Infinity);
      if (elapsedMs <= this.#hubRtoMs) continue;
      this.#unsubscribedAt.set(peer, now);
      out.send(peer, { type: "unsubscribe", inc, seq: this.nextSequence() });
    }
    this.#rivals.clear();
  }

  /**
   * Becomes a hub, and probes the higher nodes, which may not have detected yet that they need one.
   */
  #becomeHub(out: Outbox): void {
    this.#announceAt = Infinity;
    out.sometimes("a node took over as hub");
    for (const peer of this.#order.slice(this.#rank + 1)) {
      const link = this.links.get(peer);
      if (link === undefined || link.isOpen) this.sendProbe(peer, out);
    }
  }

  /** The retransmission timeout of the link to the hub. */
  get #hubRtoMs(): number {
    return this.link(this.#hub as string).rtoMs;
  }

  #rankOf(peer: string): number {
    return this.#ranks.get(peer) as number;
  }
}

/** Ranks ids by length first, so that `n2` comes before `n10`. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
