/**
 * Plumtree: news flow along a tree that grows by itself, and offers along all other links repair it
 * (Leitão, Pereira, Rodrigues: "Epidemic Broadcast Trees", SRDS 2007).
 *
 * Nodes are linked in a ring with chords. At first every link is eager: it carries news at once. A
 * node that is told what it knew has the other prune that link, and what is left is a tree of the
 * quickest ways from where the value came from: n − 1 messages a value. Only the values of one
 * node, the lowest that talks, are judged like this, and a node never prunes the link that brought
 * it the first of them: else the trees of values that are under way at the same time would prune
 * each other's branches away. The other links are lazy: every so often they carry an offer, the
 * digest of what there is. A node that is offered what does not come by the tree within the time
 * that `graftHops` hops take asks for it and makes that link eager again (graft), so a tree that a
 * fault has torn mends itself.
 *
 * Offers are made every `lazyInterval`, and whenever no news came for `quiet`. So few values are dear:
 * 25 nodes take 14 messages an operation at 100 operations a second and 40 at 10.
 *
 * What differs from the paper: offers name a digest rather than single messages, and links
 * acknowledge, since the network here loses messages where the paper's TCP connections do not.
 *
 * @module
 */

import type { Link, LinkTiming } from "./link.ts";
import type { HeardNews } from "./conversation.ts";
import { LinkedMachine } from "./linked_machine.ts";
import type { Identity, Outbox } from "./machine.ts";
import type { ProbePace } from "./prober.ts";
import { nodeOf } from "./value_log.ts";

/** The pace of Plumtree, in milliseconds. */
export interface PlumtreePace {
  /** Between two offers on a lazy link. */
  readonly lazyInterval: number;
  /** How long after the last news the last offer is made. */
  readonly quiet: number;
  /**
   * How many hops what was offered may still need to come along the tree, before a link is grafted.
   */
  readonly graftHops: number;
  readonly timing: LinkTiming;
  readonly probe: ProbePace;
}

/**
 * A root that says nothing for so long gives way to the next that does. With 25 nodes and 100
 * operations a second 1,000 to 20,000 make no difference; with 10 a second and 1,000 the root changes
 * so often that values take up to 1.5 s, where with 5,000 they take 0.5 s.
 */
const SILENT_AFTER_MS = 5000;

/** The strategy `plumtree`. */
export class Plumtree extends LinkedMachine {
  readonly #pace: PlumtreePace;
  readonly #neighbours: readonly string[];
  /**
   * By whom the root's values come. It is kept while it lives, even if now and then another is
   * quicker.
   */
  #source: string | undefined;
  /** Who was the first to bring the last of them. */
  #quickest: string | undefined;
  #lastLearned = -Infinity;
  /** Whose values shape the tree, and when the last one came. */
  #root: { readonly node: string; readonly at: number };

  constructor(self: Identity, neighbours: readonly string[], pace: PlumtreePace) {
    super(self, pace.probe);
    this.#pace = pace;
    this.#neighbours = neighbours;
    this.#root = { node: self.nodes[0] as string, at: 0 };
  }

  override start(now: number, out: Outbox): void {
    super.start(now, out);
    for (const peer of this.#neighbours) this.link(peer);
  }

  protected override timing(_peer: string): LinkTiming {
    return this.#pace.timing;
  }

  protected override pushDue(link: Link): number {
    if (!link.lazy) return link.out.pendingSince;
    const regular = Math.max(link.out.pendingSince, link.out.lastPush) + this.#pace.lazyInterval;
    return Math.min(regular, this.#lastLearned + this.#pace.quiet);
  }

  /** As long as what was offered may still take, by all that is known of latencies. */
  protected override grace(link: Link): number {
    const { graftHops, timing } = this.#pace;
    const { least, upper } = link.roundTrip;
    // After a fault the samples are still of it, but for the quickest.
    return graftHops * Math.min(upper, 2 * least + timing.slack) / 2 + timing.slack;
  }

  protected override learned(now: number): void {
    this.#lastLearned = now;
  }

  protected override heardNews(link: Link, heard: HeardNews, now: number, out: Outbox): void {
    const { news, useless, next } = heard;
    // Towards the root a link stays eager, whatever came back along it once.
    if (news.prune === true && link.peer !== this.#source && this.#hasOther(link)) link.makeLazy();
    for (const [origin] of news.runs) this.#noteTalk(nodeOf(origin), now);
    const fromRoot = news.runs.filter(([origin]) => nodeOf(origin) === this.#root.node);
    if (fromRoot.length === 0 || !next) return;
    if (fromRoot.some((run) => !useless.includes(run))) {
      this.#source ??= link.peer;
      this.#quickest = link.peer;
      link.makeEager();
    } else if (link.peer !== this.#source) {
      this.#prune(link.peer, now, out);
    } else if (this.#quickest !== this.#source) {
      this.#prune(this.#quickest, now, out);
    }
  }

  /** Whether there is another branch: without any, all that is said would wait for offers. */
  #hasOther(link: Link): boolean {
    return [...this.links.values()].some((other) => other !== link && !other.lazy && !other.open);
  }

  #prune(peer: string | undefined, now: number, out: Outbox): void {
    const link = this.links.get(peer ?? "");
    if (link !== undefined) out.send(link.peer, { ...link.acknowledgement(now), prune: true });
  }

  /** The root of the tree is the lowest node that talks. */
  #noteTalk(node: string, now: number): void {
    const { node: root, at } = this.#root;
    const comesBefore = this.self.nodes.indexOf(node) <= this.self.nodes.indexOf(root);
    if (comesBefore || now - at > SILENT_AFTER_MS) this.#root = { node, at: now };
  }

  protected override takeUp(link: Link, now: number, out: Outbox): void {
    out.sometimes("a link was grafted");
    this.#graft(link, now, out);
  }

  /** A branch is gone: until the tree has found its new shape, all links are to be eager. */
  protected override lost(link: Link, now: number, out: Outbox): void {
    if (link.peer === this.#source) this.#source = undefined;
    if (link.lazy) return;
    for (const other of this.links.values()) {
      if (other.lazy && !other.open) this.#graft(other, now, out);
    }
  }

  protected override restored(link: Link, now: number, out: Outbox): void {
    super.restored(link, now, out);
    if (link.lazy) this.#graft(link, now, out);
  }

  #graft(link: Link, now: number, out: Outbox): void {
    link.makeEager();
    this.ask(link, now, out, { graft: true });
  }
}
