/**
 * Plumtree: entries travel along a spanning tree that emerges from their first arrivals, and IHAVEs
 * on all other links repair it (Leitão, Pereira, Rodrigues: "Epidemic Broadcast Trees", SRDS 2007).
 *
 * Nodes are linked in a ring with chords. At first every link is eager: it carries entries
 * immediately (eager push). A node that receives only entries that it has prunes the link (PRUNE).
 * What remains is a tree of the fastest paths from the origin, which takes n − 1 messages per
 * value. Only values of one node, the root, count for this: the lowest node that sends values. A
 * node never prunes the link that first delivered the root's values. Otherwise the trees of
 * concurrent values would prune each other's branches.
 *
 * The pruned links are lazy: they carry IHAVEs, with a digest of the sender's log (lazy push). If
 * advertised entries do not arrive along the tree within the time of `graftHops` hops, the node
 * requests them and makes the link eager again (GRAFT). A tree that a fault has broken is repaired
 * in this way.
 *
 * IHAVEs are sent every `lazyIntervalMs`, and whenever no entry arrived for `idleDelayMs`. At low
 * rates they cost more than the values.
 *
 * Differences from the paper: an IHAVE contains a digest instead of message ids. Links acknowledge,
 * because this network loses messages, unlike the paper's TCP connections.
 *
 * @module
 */

import type { Link, LinkTiming } from "./link.ts";
import type { ReceivedDelta } from "./link_protocol.ts";
import { LinkedStrategy } from "./linked_strategy.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import type { ProbeOptions } from "./prober.ts";
import { nodeOf } from "./value_log.ts";

/** The options of {@link Plumtree}. */
export interface PlumtreeOptions {
  /** Milliseconds between two IHAVEs on a lazy link. */
  readonly lazyIntervalMs: number;
  /** Milliseconds from the last new entry to the last IHAVE. */
  readonly idleDelayMs: number;
  /**
   * The number of hops that advertised entries may still need along the tree, before a link is
   * grafted.
   */
  readonly graftHops: number;
  readonly timing: LinkTiming;
  readonly probe: ProbeOptions;
}

/**
 * A root that sends no values for this time is replaced by the next node that does. With a short
 * timeout and a low rate the root changes often, which delays values; at high rates the timeout
 * hardly matters.
 */
const ROOT_TIMEOUT_MS = 5000;

/** The strategy `plumtree`. */
export class Plumtree extends LinkedStrategy {
  readonly #options: PlumtreeOptions;
  readonly #neighbours: readonly string[];
  /**
   * The neighbour that delivers the root's values. It stays the parent while its circuit is closed,
   * even if another neighbour is sometimes faster.
   */
  #parent: string | undefined;
  /** The neighbour that delivered the last of these values first. */
  #fastest: string | undefined;
  #lastEntryAt = -Infinity;
  /** The node whose values shape the tree, and the time when the last one arrived. */
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

  /** Returns how long advertised entries may take along the tree, by the measured round trips. */
  protected override ihaveTimeoutMs(link: Link): number {
    const { graftHops, timing } = this.#options;
    const { minMs, upperMs } = link.roundTrip;
    // After a fault, only the shortest sample is free of its effects.
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
    // The link to the parent stays eager, even if a retransmission arrived on it.
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

  /** Returns whether there is another eager link. Without one, entries would wait for IHAVEs. */
  #hasOtherEagerLink(link: Link): boolean {
    return [...this.links.values()].some((other) =>
      other !== link && !other.isLazy && !other.isOpen
    );
  }

  #prune(peer: string | undefined, now: number, out: Outbox): void {
    const link = this.links.get(peer ?? "");
    if (link !== undefined) out.send(link.peer, { ...link.acknowledgement(now), prune: true });
  }

  /** Makes the lowest node that sends values the root. */
  #updateRoot(node: string, now: number): void {
    const { node: root, at } = this.#root;
    const comesBefore = this.self.nodes.indexOf(node) <= this.self.nodes.indexOf(root);
    if (comesBefore || now - at > ROOT_TIMEOUT_MS) this.#root = { node, at: now };
  }

  protected override fetchAdvertised(link: Link, now: number, out: Outbox): void {
    out.sometimes("a link was grafted");
    this.#graft(link, now, out);
  }

  /** A branch failed: all links become eager until a new tree has emerged. */
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
