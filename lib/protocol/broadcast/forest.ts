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

import type { Body } from "../../wire/mod.ts";
import type { Link } from "./link.ts";
import { LinkedMachine } from "./linked_machine.ts";
import type { Identity, Outbox } from "./machine.ts";
import { contentOf, type Leave } from "./messages.ts";
import type { ProbePace } from "./prober.ts";

/**
 * How long a node without a parent looks for one before it invites others: about four rounds, in
 * which it asks every lower node.
 */
const SEEK_MS = 1500;
const LEAST_SOUGHT = 2;
const MOST_PROBED_AT_ONCE = 16;
/** Who is asked at the same time answers about the same time: within so many milliseconds. */
const CHOOSE_MS = 20;

/** The part that `hub` and `mesh` share. */
export abstract class Forest extends LinkedMachine {
  readonly #order: readonly string[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #rank: number;
  #parent: string | undefined;
  /** Without a parent: when to invite others, unless done. */
  #inviteAt = Infinity;
  /** The lowest node that is there, of those below the parent, and when to ask it. */
  #candidate: string | undefined;
  #chooseAt = Infinity;
  /** When the parent was last heard of. */
  #heardParent = -Infinity;
  /** Lower nodes that take this one for their child, although it has a parent. */
  readonly #claimants = new Set<string>();
  /** When each lower node was last told to leave this one. */
  readonly #leftAt = new Map<string, number>();

  constructor(self: Identity, probe: ProbePace) {
    super(self, probe);
    this.#order = [...self.nodes].sort(byLengthThenText);
    this.#ranks = new Map(this.#order.map((node, rank) => [node, rank]));
    this.#rank = this.#rankOf(self.id);
  }

  /** The node that this one tells its news; undefined for a hub. */
  get parent(): string | undefined {
    return this.#parent;
  }

  /** The links to nodes that take this one for their hub. */
  protected get children(): Link[] {
    return [...this.links.values()].filter(({ peer }) => !this.isLower(peer));
  }

  protected isLower(peer: string): boolean {
    return this.#rankOf(peer) < this.#rank;
  }

  override start(now: number, out: Outbox): void {
    super.start(now, out);
    if (this.#rank > 0) this.link(this.#parent = this.#order[0] as string);
    else for (const peer of this.#order.slice(1)) this.link(peer);
  }

  protected override get ownDue(): number {
    return Math.min(this.#inviteAt, this.#chooseAt);
  }

  protected override act(now: number, out: Outbox): void {
    if (this.#chooseAt <= now) this.#choose(now, out);
    if (this.#inviteAt <= now) this.#invite(out);
  }

  protected override heard(link: Link, now: number, out: Outbox): void {
    const { peer } = link;
    if (!this.isLower(peer)) return;
    const sound = link.proven && !link.open && !link.asking;
    if (peer === this.#parent) {
      this.#heardParent = now;
      if (sound) this.#leaveOthers(now, out);
    } else if (sound) this.#adopt(peer, now, out);
    else if (!link.asking) this.ask(link, now, out);
  }

  protected override isWelcome(peer: string): boolean {
    const parent = this.#parent;
    if (parent === undefined || peer === parent || !this.isLower(peer)) return true;
    return this.#rankOf(peer) < this.#rankOf(parent);
  }

  /** It takes us for its child, perhaps because it cannot reach our parent. But we can? */
  protected override turnAway(peer: string, now: number, out: Outbox): void {
    this.#claimants.add(peer);
    const parent = this.link(this.#parent as string);
    if (parent.asking) return;
    if (parent.proven && now - this.#heardParent <= parent.patience) this.#leaveOthers(now, out);
    else this.ask(parent, now, out);
  }

  protected override receiveOther(peer: string, body: Body, now: number, out: Outbox): void {
    if (body.type === "seek") return this.#answerSeeker(peer, body, now, out);
    if (body.type === "here") return this.#consider(peer, now);
    if (body.type !== "leave" || this.isLower(peer)) return;
    const link = this.links.get(peer);
    if (link === undefined) return;
    const { me, number } = contentOf<Leave>(body);
    // One of another life tells of that life only: it is asked, and says it again.
    if (link.you !== undefined && link.you !== me) link.meet(me);
    // One that was overtaken by a question is of the past: the peer has come back since.
    else if (link.isLater(me, number)) this.links.delete(peer);
  }

  protected override lost(link: Link, now: number, out: Outbox): void {
    if (link.peer !== this.#parent) {
      if (this.isLower(link.peer)) this.links.delete(link.peer);
      return;
    }
    out.sometimes("a hub was given up");
    this.#parent = undefined;
    this.#claimants.clear();
    this.links.delete(link.peer);
    if (this.#rank === 1) return this.#invite(out);
    this.#inviteAt = now + SEEK_MS;
    this.probeSome(now, out);
  }

  /**
   * Nodes that could be the parent, lowest first, while there is none; and children that do not
   * answer.
   */
  protected override suspects(): string[] {
    const lower = this.#parent === undefined ? this.#order.slice(0, this.#rank) : [];
    const silent = this.children.filter(({ open, behind }) => open && behind);
    return [...lower, ...silent.map(({ peer }) => peer)];
  }

  /** Who looks for a parent asks few at first, since one may do, and then ever more. */
  protected override probedAtOnce(now: number): number {
    if (this.#parent !== undefined || this.#inviteAt === Infinity) return super.probedAtOnce(now);
    const part = 1 - (this.#inviteAt - now) / SEEK_MS;
    return Math.min(MOST_PROBED_AT_ONCE, LEAST_SOUGHT + Math.floor(part * this.#rank));
  }

  /** A node looks for a parent. If it was our child, it was cut off from us, and we want it back. */
  #answerSeeker(peer: string, body: Body, now: number, out: Outbox): void {
    if (this.links.has(peer)) this.listen(peer, { ...body, type: "probe" }, now, out);
    else out.send(peer, { type: "here" });
  }

  /** A lower node is there: others may be about to say so, too. */
  #consider(peer: string, now: number): void {
    const rank = this.#rankOf(peer);
    if (rank >= this.#rankOf(this.#candidate ?? this.#parent ?? this.self.id)) return;
    if (this.#candidate === undefined) this.#chooseAt = now + CHOOSE_MS;
    this.#candidate = peer;
  }

  /** Asks the lowest of those that are there to be the parent. */
  #choose(now: number, out: Outbox): void {
    const candidate = this.#candidate as string;
    this.#candidate = undefined;
    this.#chooseAt = Infinity;
    if (candidate !== this.#parent && this.isWelcome(candidate)) {
      this.ask(this.link(candidate), now, out);
    }
  }

  protected override probe(peer: string, out: Outbox): void {
    if (this.#parent !== undefined || !this.isLower(peer)) return super.probe(peer, out);
    out.send(peer, { type: "seek", me: this.self.incarnation });
  }

  #adopt(parent: string, now: number, out: Outbox): void {
    const orphaned = this.#parent === undefined;
    this.#parent = parent;
    this.#heardParent = now;
    this.#inviteAt = Infinity;
    this.#leaveOthers(now, out);
    if (!orphaned) return;
    out.sometimes("a new hub was found");
    this.probeSuspects(now, out);
  }

  /** Tells lower nodes that are not the parent to send no more. */
  #leaveOthers(now: number, out: Outbox): void {
    const rank = this.#rankOf(this.#parent as string);
    for (const { peer, open, asking } of [...this.links.values()]) {
      if (peer === this.#parent || !this.isLower(peer)) continue;
      // One that is lower still has only to answer to be the parent.
      if (asking && this.#rankOf(peer) < rank) continue;
      if (!open) this.#claimants.add(peer);
      this.links.delete(peer);
    }
    const me = this.self.incarnation;
    for (const peer of this.#claimants) {
      // What was under way when it was told needs no second word.
      const again = now - (this.#leftAt.get(peer) ?? -Infinity) <= this.#patience;
      if (again) continue;
      this.#leftAt.set(peer, now);
      out.send(peer, { type: "leave", me, number: this.nextNumber() });
    }
    this.#claimants.clear();
  }

  /** Becomes a hub: those above may not have noticed yet that they need one. */
  #invite(out: Outbox): void {
    this.#inviteAt = Infinity;
    out.sometimes("a node took over as hub");
    for (const peer of this.#order.slice(this.#rank + 1)) {
      const link = this.links.get(peer);
      if (link === undefined || link.open) this.probe(peer, out);
    }
  }

  /** How long an answer of the parent's may take. */
  get #patience(): number {
    return this.link(this.#parent as string).patience;
  }

  #rankOf(peer: string): number {
    return this.#ranks.get(peer) as number;
  }
}

function byLengthThenText(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
