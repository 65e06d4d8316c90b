/**
 * Who is whose hub: every node has the lowest node that answers it for its parent, and the node
 * that finds none is a hub.
 *
 * At first that is the lowest of all, for all. A node whose parent does not answer asks several who
 * is there, then the lowest of those to be its parent; without one it is a hub itself, invites those
 * above it (they may not have noticed), and goes on looking. So there is always a forest in which
 * parents are lower than their children, also under partitions of which only one direction is cut,
 * since what counts is an answer. A node that hears of a lower one than its parent moves there as
 * soon as that one has answered a question, so the forest is flat again soon after a heal. One that
 * is told news by a lower node other than its parent makes sure that its parent is there, and then
 * tells the other to leave it: however many look for a parent at once, little is said twice.
 *
 * Which node thinks what of whom decides how quickly news travel, never whether: a node that takes
 * another for its child goes on until all is acknowledged or it is told to leave it. What
 * this does not do: join two hubs that cannot hear each other by way of a node that hears both.
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
 * How long a node without a parent looks for one before it invites others: about four rounds, in
 * which it asks every lower node.
 */
const ELECTION_TIMEOUT_MS = 1500;
const MIN_ELECTION_PROBES = 2;
const MAX_ELECTION_PROBES = 16;
/** Who is asked at the same time answers about the same time: within so many milliseconds. */
const CANDIDATE_WAIT_MS = 20;

/** The part that `hub` and `mesh` share. */
export abstract class HubElection extends LinkedStrategy {
  readonly #order: readonly string[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #rank: number;
  #hub: string | undefined;
  /** Without a parent: when to invite others, unless done. */
  #announceAt = Infinity;
  /** The lowest node that is there, of those below the parent, and when to ask it. */
  #candidate: string | undefined;
  #candidateDeadline = Infinity;
  /** When the parent was last heard of. */
  #lastFromHubAt = -Infinity;
  /** Lower nodes that take this one for their child, although it has a parent. */
  readonly #rivals = new Set<string>();
  /** When each lower node was last told to leave this one. */
  readonly #unsubscribedAt = new Map<string, number>();

  constructor(self: LocalNode, probe: ProbeOptions) {
    super(self, probe);
    this.#order = [...self.nodes].sort(compareIds);
    this.#ranks = new Map(this.#order.map((node, rank) => [node, rank]));
    this.#rank = this.#rankOf(self.id);
  }

  /** The node that this one tells its news; undefined for a hub. */
  get hub(): string | undefined {
    return this.#hub;
  }

  /** The links to nodes that take this one for their hub. */
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

  /** It takes us for its child, perhaps because it cannot reach our parent. But we can? */
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
    // One of another life tells of that life only: it is asked, and says it again.
    if (link.peerIncarnation !== undefined && link.peerIncarnation !== inc) {
      link.observeIncarnation(inc);
    } // One that was overtaken by a question is of the past: the peer has come back since.
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
   * Nodes that could be the parent, lowest first, while there is none; and children that do not
   * answer.
   */
  protected override suspects(): string[] {
    const candidates = this.#hub === undefined ? this.#order.slice(0, this.#rank) : [];
    const leaves = this.leaves.filter(({ isOpen, isBehind }) => isOpen && isBehind);
    return [...candidates, ...leaves.map(({ peer }) => peer)];
  }

  /** Who looks for a parent asks few at first, since one may do, and then ever more. */
  protected override probesPerRound(now: number): number {
    if (this.#hub !== undefined || this.#announceAt === Infinity) return super.probesPerRound(now);
    const elapsedFraction = 1 - (this.#announceAt - now) / ELECTION_TIMEOUT_MS;
    const probes = MIN_ELECTION_PROBES + Math.floor(elapsedFraction * this.#rank);
    return Math.min(MAX_ELECTION_PROBES, probes);
  }

  /** A node looks for a parent. If it was our child, it was cut off from us, and we want it back. */
  #answerElection(peer: string, body: Body, now: number, out: Outbox): void {
    if (this.links.has(peer)) this.handleMessage(peer, { ...body, type: "probe" }, now, out);
    else out.send(peer, { type: "answer" });
  }

  /** A lower node is there: others may be about to say so, too. */
  #addCandidate(peer: string, now: number): void {
    const rank = this.#rankOf(peer);
    if (rank >= this.#rankOf(this.#candidate ?? this.#hub ?? this.self.id)) return;
    if (this.#candidate === undefined) this.#candidateDeadline = now + CANDIDATE_WAIT_MS;
    this.#candidate = peer;
  }

  /** Asks the lowest of those that are there to be the parent. */
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

  /** Tells lower nodes that are not the parent to send no more. */
  #unsubscribeFromRivals(now: number, out: Outbox): void {
    const rank = this.#rankOf(this.#hub as string);
    for (const { peer, isOpen, awaitsDigest } of [...this.links.values()]) {
      if (peer === this.#hub || !this.hasLowerRank(peer)) continue;
      // One that is lower still has only to answer to be the parent.
      if (awaitsDigest && this.#rankOf(peer) < rank) continue;
      if (!isOpen) this.#rivals.add(peer);
      this.links.delete(peer);
    }
    const inc = this.self.incarnation;
    for (const peer of this.#rivals) {
      // What was under way when it was told needs no second word.
      const elapsedMs = now - (this.#unsubscribedAt.get(peer) ?? -Infinity);
      if (elapsedMs <= this.#hubRtoMs) continue;
      this.#unsubscribedAt.set(peer, now);
      out.send(peer, { type: "unsubscribe", inc, seq: this.nextSequence() });
    }
    this.#rivals.clear();
  }

  /** Becomes a hub: those above may not have noticed yet that they need one. */
  #becomeHub(out: Outbox): void {
    this.#announceAt = Infinity;
    out.sometimes("a node took over as hub");
    for (const peer of this.#order.slice(this.#rank + 1)) {
      const link = this.links.get(peer);
      if (link === undefined || link.isOpen) this.sendProbe(peer, out);
    }
  }

  /** How long an answer of the parent's may take. */
  get #hubRtoMs(): number {
    return this.link(this.#hub as string).rtoMs;
  }

  #rankOf(peer: string): number {
    return this.#ranks.get(peer) as number;
  }
}

function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
