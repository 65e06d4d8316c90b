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
import type { ReceivedDelta } from "./link_protocol.ts";
import { LinkedStrategy } from "./linked_strategy.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import type { ProbeOptions } from "./prober.ts";
import { nodeOf } from "./value_log.ts";

/** The pace of Plumtree, in milliseconds. */
export interface PlumtreeOptions {
  /** Between two offers on a lazy link. */
  readonly lazyIntervalMs: number;
  /** How long after the last news the last offer is made. */
  readonly idleDelayMs: number;
  /**
   * How many hops what was offered may still need to come along the tree, before a link is grafted.
   */
  readonly graftHops: number;
  readonly timing: LinkTiming;
  readonly probe: ProbeOptions;
}

/**
 * A root that says nothing for so long gives way to the next that does. With 25 nodes and 100
 * operations a second 1,000 to 20,000 make no difference; with 10 a second and 1,000 the root changes
 * so often that values take up to 1.5 s, where with 5,000 they take 0.5 s.
 */
const ROOT_TIMEOUT_MS = 5000;

/** The strategy `plumtree`. */
export class Plumtree extends LinkedStrategy {
  readonly #options: PlumtreeOptions;
  readonly #neighbours: readonly string[];
  /**
   * By whom the root's values come. It is kept while it lives, even if now and then another is
   * quicker.
   */
  #parent: string | undefined;
  /** Who was the first to bring the last of them. */
  #fastest: string | undefined;
  #lastEntryAt = -Infinity;
  /** Whose values shape the tree, and when the last one came. */
  #root: { readonly node: string; readonly at: number };

  constructor(self: LocalNode, neighbours: readonly string[], options: PlumtreeOptions) {
    super(self, options.probe);
    this.#options = options;
    this.#neighbours = neighbours;
    this.#root = { node: self.nodes[0] as string, at: 0 };
  }

  override start(now: number, out: Outbox): void {
    super.start(now, out);
    for (const peer of this.#neighbours) this.link(peer);
  }

  protected override timing(_peer: string): LinkTiming {
    return this.#options.timing;
  }

  protected override pushDeadline(link: Link): number {
    if (!link.isLazy) return link.sender.pendingSince;
    const { lazyIntervalMs, idleDelayMs } = this.#options;
    const regular = Math.max(link.sender.pendingSince, link.sender.lastPushAt) + lazyIntervalMs;
    return Math.min(regular, this.#lastEntryAt + idleDelayMs);
  }

  /** As long as what was offered may still take, by all that is known of latencies. */
  protected override ihaveTimeoutMs(link: Link): number {
    const { graftHops, timing } = this.#options;
    const { minMs, upperMs } = link.roundTrip;
    // After a fault the samples are still of it, but for the quickest.
    return graftHops * Math.min(upperMs, 2 * minMs + timing.rtoMarginMs) / 2 + timing.rtoMarginMs;
  }

  protected override onNewEntries(now: number): void {
    this.#lastEntryAt = now;
  }

  protected override onDelta(
    link: Link,
    { delta, duplicates, isNext }: ReceivedDelta,
    now: number,
    out: Outbox,
  ): void {
    // Towards the root a link stays eager, whatever came back along it once.
    const canPrune = link.peer !== this.#parent && this.#hasOtherEagerLink(link);
    if (delta.prune === true && canPrune) link.makeLazy();
    for (const [origin] of delta.runs) this.#updateRoot(nodeOf(origin), now);
    const fromRoot = delta.runs.filter(([origin]) => nodeOf(origin) === this.#root.node);
    if (fromRoot.length === 0 || !isNext) return;
    if (fromRoot.some((run) => !duplicates.includes(run))) {
      this.#parent ??= link.peer;
      this.#fastest = link.peer;
      link.makeEager();
    } else if (link.peer !== this.#parent) {
      this.#prune(link.peer, now, out);
    } else if (this.#fastest !== this.#parent) {
      this.#prune(this.#fastest, now, out);
    }
  }

  /** Whether there is another branch: without any, all that is said would wait for offers. */
  #hasOtherEagerLink(link: Link): boolean {
    return [...this.links.values()].some((other) =>
      other !== link && !other.isLazy && !other.isOpen
    );
  }

  #prune(peer: string | undefined, now: number, out: Outbox): void {
    const link = this.links.get(peer ?? "");
    if (link !== undefined) out.send(link.peer, { ...link.acknowledgement(now), prune: true });
  }

  /** The root of the tree is the lowest node that talks. */
  #updateRoot(node: string, now: number): void {
    const { node: root, at } = this.#root;
    const comesBefore = this.self.nodes.indexOf(node) <= this.self.nodes.indexOf(root);
    if (comesBefore || now - at > ROOT_TIMEOUT_MS) this.#root = { node, at: now };
  }

  protected override fetchAdvertised(link: Link, now: number, out: Outbox): void {
    out.sometimes("a link was grafted");
    this.#graft(link, now, out);
  }

  /** A branch is gone: until the tree has found its new shape, all links are to be eager. */
  protected override onCircuitOpened(link: Link, now: number, out: Outbox): void {
    if (link.peer === this.#parent) this.#parent = undefined;
    if (link.isLazy) return;
    for (const other of this.links.values()) {
      if (other.isLazy && !other.isOpen) this.#graft(other, now, out);
    }
  }

  protected override onCircuitClosed(link: Link, now: number, out: Outbox): void {
    super.onCircuitClosed(link, now, out);
    if (link.isLazy) this.#graft(link, now, out);
  }

  #graft(link: Link, now: number, out: Outbox): void {
    link.makeEager();
    this.requestDigest(link, now, out, { graft: true });
  }
}
