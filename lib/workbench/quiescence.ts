/**
 * The quiescence: the time between healing the faults and the final operations, in which the nodes
 * converge.
 *
 * @module
 */

/** The quiescence when no fault is active any more, as in Maelstrom. */
export const QUIESCENCE_MS = 10_000;

/**
 * The quiescence for each node when a fault persists. Some nodes then receive updates through other
 * nodes only, often by anti-entropy, which first has to find out which links work.
 */
const QUIESCENCE_PER_NODE_MS = 10_000;
const MIN_QUIESCENCE_UNDER_FAULTS_MS = 40_000;

/** Returns the quiescence of a cluster with that many nodes when these faults are still active. */
export function quiescenceMsUnder(activeFaults: readonly string[], nodeCount: number): number {
  if (activeFaults.length === 0) return QUIESCENCE_MS;
  return Math.max(MIN_QUIESCENCE_UNDER_FAULTS_MS, nodeCount * QUIESCENCE_PER_NODE_MS);
}
