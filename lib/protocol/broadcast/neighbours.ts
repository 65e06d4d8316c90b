/**
 * Entries travel from neighbour to neighbour, acknowledged on each link. The strategies `retry`
 * (immediately, on the suggested topology), `batch` (at intervals, on the suggested topology) and
 * `tree` (immediately, on a tree that the nodes compute) are configurations of this class.
 *
 * A value crosses every link once, and twice if it reaches both ends from other neighbours at about
 * the same time. With e links and w values per second, that makes from w·e to 2·w·e messages per
 * second if sent immediately, w·(n − 1) on a tree, and at most 2·e/T with batches every T. Each hop
 * takes one latency, and up to T with batches.
 *
 * A partitioned link delays the values that only it can deliver: those of a whole branch on a tree,
 * hardly any on a grid. Values are not rerouted; `hub` and `plumtree` do that.
 *
 * @module
 */

import type { Link, LinkTiming } from "./link.ts";
import { LinkedStrategy } from "./linked_strategy.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import type { ProbeOptions } from "./prober.ts";

/** The options of {@link Neighbours}. */
export interface NeighboursOptions {
  /** Milliseconds between two pushes to a neighbour; 0 to push immediately. */
  readonly intervalMs: number;
  readonly timing: LinkTiming;
  readonly probe: ProbeOptions;
}

/** The neighbours of a node. */
export interface NeighboursTopology {
  /** The neighbours at the start. */
  readonly initial: readonly string[];
  /** Whether the topology that the workload suggests replaces them. */
  readonly followsSuggestion: boolean;
}

/** The strategies `retry`, `batch` and `tree`. */
export class Neighbours extends LinkedStrategy {
  readonly #options: NeighboursOptions;
  readonly #topology: NeighboursTopology;

  constructor(self: LocalNode, topology: NeighboursTopology, options: NeighboursOptions) {
    super(self, options.probe);
    this.#options = options;
    this.#topology = topology;
  }

  override start(now: number, out: Outbox): void {
    super.start(now, out);
    for (const peer of this.#topology.initial) this.link(peer);
  }

  override topology(neighbours: readonly string[], now: number, out: Outbox): void {
    if (!this.#topology.followsSuggestion) return;
    const present = neighbours.filter((peer) => this.isPeer(peer));
    for (const peer of [...this.links.keys()]) {
      if (!present.includes(peer)) this.links.delete(peer);
    }
    for (const peer of present) this.link(peer);
    this.runDueActions(now, out);
  }

  protected override timing(_peer: string): LinkTiming {
    return this.#options.timing;
  }

  protected override pushDeadline(link: Link): number {
    return Math.max(link.sender.pendingSince, link.sender.lastPushAt + this.#options.intervalMs);
  }
}
