/**
 * States that only grow, and that return what changed as a delta.
 *
 * A state-based CRDT is a join semilattice: joining is commutative, associative and idempotent.
 * Replicas that have joined the same states are therefore equal, in whatever order and however
 * often they joined them. A delta is a small state that holds only what changed (Almeida, Shoker
 * and Baquero, "Delta state replicated data types", 2018, section 4).
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";

/** The state of a replica. */
export interface DeltaState {
  /** The number of changes so far, local ones and joined ones. */
  readonly version: number;
  /**
   * Returns the changes after a version, in the form that {@link DeltaState.join} takes. `receiver`
   * is the incarnation of the neighbour that the delta is for. The delta may omit what came from
   * that incarnation, except in a delta of everything (after version 0).
   */
  deltaSince(version: number, receiver: string): Json;
  /** Joins a delta from the incarnation `sender`. Throws a TypeError for a malformed delta. */
  join(delta: Json, sender: string): void;
}
