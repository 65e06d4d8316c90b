/**
 * Who is whose hub: every node has the lowest node that answers it for its parent, and the node
 * that finds none is a hub.
 *
 * At first that is the lowest of all, for all. A node whose parent does not answer looks for the
 * next lowest node that does and becomes its child; without one it is a hub itself, invites those
 * above it (they may not have noticed), and goes on looking. So there is always a forest in which
 * parents are lower than their children, also under partitions of which only one direction is cut,
 * since what counts is an answer. A node that hears of a lower one than its parent moves there as
 * soon as that one has answered a question, so the forest is flat again soon after a heal.
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
 * How long a node without a parent looks for one before it invites others: about four rounds of
 * probes.
 */
const SEEK_MS = 1500;
const SEEK_ROUNDS = 4;
const MOST_PROBED_AT_ONCE = 16;

/** The part that `hub` and `mesh` share. */
export abstract class Forest extends LinkedMachine {
  readonly #order: readonly string[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #rank: number;
  #parent: string | undefined;
  /** Without a parent: when to invite others, unless done. */
  #inviteAt = Infinity;

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
    return this.#inviteAt;
  }

  protected override act(now: number, out: Outbox): void {
    if (this.#inviteAt <= now) this.#invite(out);
  }

  protected override heard(link: Link, now: number, out: Outbox): void {
    const { peer } = link;
    if (!this.isLower(peer)) return;
    const sound = link.proven && !link.open && !link.asking;
    if (peer === this.#parent) {
      if (sound) this.#leaveOthers(out);
    } else if (this.#parent === undefined || this.#rankOf(peer) < this.#rankOf(this.#parent)) {
      if (sound) this.#adopt(peer, out);
      else if (!link.asking) this.ask(link, now, out);
    } else {
      // Someone takes us for a child of its own: it cannot reach our parent, but can we?
      const parent = this.link(this.#parent);
      if (!parent.asking && !parent.open) this.ask(parent, now, out);
    }
  }

  protected override receiveOther(peer: string, body: Body, _now: number, _out: Outbox): void {
    if (body.type !== "leave" || this.isLower(peer)) return;
    const { me, number } = contentOf<Leave>(body);
    // One that was overtaken by a question is of the past: the peer has come back since.
    if (this.links.get(peer)?.isLater(me, number) === true) this.links.delete(peer);
  }

  protected override lost(link: Link, now: number, out: Outbox): void {
    if (link.peer !== this.#parent) return;
    out.mark("sometimes: a hub was given up");
    this.#parent = undefined;
    this.links.delete(link.peer);
    const candidates = this.#order.slice(0, this.#rank).filter((peer) => peer !== link.peer);
    if (candidates.length === 0) return this.#invite(out);
    this.#inviteAt = now + SEEK_MS;
    for (const peer of candidates.slice(0, this.probedAtOnce)) this.probe(peer, out);
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

  protected override get probedAtOnce(): number {
    if (this.#parent !== undefined) return super.probedAtOnce;
    const round = 1 + Math.ceil(this.#rank / SEEK_ROUNDS);
    return Math.min(MOST_PROBED_AT_ONCE, Math.max(super.probedAtOnce, round));
  }

  #adopt(parent: string, out: Outbox): void {
    const orphaned = this.#parent === undefined;
    this.#parent = parent;
    this.#inviteAt = Infinity;
    this.#leaveOthers(out);
    if (!orphaned) return;
    out.mark("sometimes: a new hub was found");
    this.probeSuspects(out);
  }

  /** Tells lower nodes that are not the parent to send no more. */
  #leaveOthers(out: Outbox): void {
    const me = this.self.incarnation;
    for (const { peer, open } of [...this.links.values()]) {
      if (peer === this.#parent || !this.isLower(peer)) continue;
      if (!open) out.send(peer, { type: "leave", me, number: this.nextNumber() });
      this.links.delete(peer);
    }
  }

  /** Becomes a hub: those above may not have noticed yet that they need one. */
  #invite(out: Outbox): void {
    this.#inviteAt = Infinity;
    out.mark("sometimes: a node took over as hub");
    for (const peer of this.#order.slice(this.#rank + 1)) {
      const link = this.links.get(peer);
      if (link === undefined || link.open) this.probe(peer, out);
    }
  }

  #rankOf(peer: string): number {
    return this.#ranks.get(peer) as number;
  }
}

function byLengthThenText(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
