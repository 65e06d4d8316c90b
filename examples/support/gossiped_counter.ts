/**
 * A state-based G-counter: each node increments its own count, and a merge takes the maximum of
 * each node's counts (Shapiro et al. 2011, section 3.1.1). Counts only grow, so a merge may be
 * repeated, and merges may happen in any order.
 *
 * @module
 */

/** The count of each node. */
export type Counts = Record<string, number>;

/** One replica of the counter. */
export class GossipedCounter {
  readonly #counts = new Map<string, number>();

  /** Increases a node's count. */
  add(node: string, delta: number): void {
    this.#counts.set(node, (this.#counts.get(node) ?? 0) + delta);
  }

  /** Merges the counts of another replica. */
  merge(counts: Counts): void {
    for (const [node, count] of Object.entries(counts)) {
      this.#counts.set(node, Math.max(count, this.#counts.get(node) ?? 0));
    }
  }

  /** This replica's counts, for gossip. */
  get counts(): Counts {
    return Object.fromEntries(this.#counts);
  }

  /** The counter's value: the sum of all counts. */
  get value(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
