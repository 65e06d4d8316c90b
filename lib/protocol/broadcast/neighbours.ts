/**
 * News go from neighbour to neighbour, acknowledged on each link: the strategies `retry` (at once,
 * on the suggested topology), `batch` (every so often, on the suggested topology) and `tree` (at
 * once, on a tree of our own) are settings of this machine.
 *
 * A value crosses every link at least once and, where it comes to both ends from elsewhere at about
 * the same time, twice. With e links and w values a second that makes, sent at once, from w·e to
 * 2·w·e messages a second, and w·(n − 1) on a tree; sent every T, at most 2·e/T. It takes a latency
 * (and up to T) for each hop.
 *
 * A link that is cut holds back what it cannot deliver; on a tree that is a whole branch, on a grid
 * hardly anything. Nothing is rerouted: that is the hub's and Plumtree's business.
 *
 * @module
 */

import type { Link, LinkTiming } from "./link.ts";
import { LinkedStrategy } from "./linked_strategy.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import type { ProbeOptions } from "./prober.ts";

/** The pace of {@link Neighbours}. */
export interface NeighboursOptions {
  /** Milliseconds between two pushes to a neighbour; 0 for none. */
  readonly intervalMs: number;
  readonly timing: LinkTiming;
  readonly probe: ProbeOptions;
}

/** Who the neighbours are. */
export interface NeighboursTopology {
  /** Those that a node has by itself. */
  readonly initial: readonly string[];
  /** Whether those that the test suggests take their place. */
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
