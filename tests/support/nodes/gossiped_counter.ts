/**
 * A counter that only goes up, shared by gossip: each node counts for itself, and the highest count
 * that is known of a node is the true one (a G-Counter; Shapiro et al., "A comprehensive study of
 * Convergent and Commutative Replicated Data Types", 2011, section 3.1.1).
 *
 * @module
 */

/** How far each node has counted. */
export type Counts = Record<string, number>;

/** What one node knows of the counter. */
export class GossipedCounter {
  readonly #counts = new Map<string, number>();

  /** Counts up for a node. */
  add(node: string, delta: number): void {
    this.#counts.set(node, (this.#counts.get(node) ?? 0) + delta);
  }

  /** Takes in what another node knows. */
  merge(counts: Counts): void {
    for (const [node, count] of Object.entries(counts)) {
      this.#counts.set(node, Math.max(count, this.#counts.get(node) ?? 0));
    }
  }

  /** What to tell others. */
  get counts(): Counts {
    return Object.fromEntries(this.#counts);
  }

  /** The sum over all nodes. */
  get value(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
