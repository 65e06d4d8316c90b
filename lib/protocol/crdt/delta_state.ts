/**
 * State that only grows, and can say what it gained.
 *
 * A state-based CRDT is a join semilattice: joining is commutative, associative and idempotent, so
 * that replicas which have joined the same things are equal, however they got them. A delta is a
 * small state that holds just what changed (Almeida, Shoker and Baquero, "Delta state replicated data
 * types", 2018, section 4).
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";

/** A replica's state. Its version grows with every change, be it made here or joined. */
export interface DeltaState {
  /** How many changes there were. */
  readonly version: number;
  /**
   * What changed after a version, in a form that {@link DeltaState.join} takes. It is for a life of
   * a neighbour, and what came from that life may be left out, unless everything is asked for (from
   * version 0).
   */
  deltaSince(version: number, life: string): Json;
  /** Joins a delta that came from a life of a neighbour. Throws a TypeError when it is none. */
  join(delta: Json, life: string): void;
}
