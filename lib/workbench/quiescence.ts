/**
 * The quiescence: the time between healing the faults and the final operations, in which the nodes
 * converge.
 *
 * @module
 */

/** The quiescence when no fault is active any more, as in Maelstrom. */
export const QUIESCENCE_MS = 10_000;

/**
 * The quiescence when a fault persists. Some nodes then receive updates through other nodes only,
 * often by anti-entropy, which takes several seconds a hop.
 */
export const QUIESCENCE_UNDER_FAULTS_MS = 40_000;

/** Returns the quiescence when these faults are still active. */
export function quiescenceMsUnder(activeFaults: readonly string[]): number {
  return activeFaults.length > 0 ? QUIESCENCE_UNDER_FAULTS_MS : QUIESCENCE_MS;
}
