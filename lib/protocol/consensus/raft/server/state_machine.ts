/**
 * What a cluster replicates.
 *
 * @module
 */

import type { Json } from "../../../../base/mod.ts";

/**
 * A deterministic state machine. Equal commands in equal order give equal states and results on all
 * members: no clock, no random numbers, nothing of the node. None of its methods may throw.
 */
export interface StateMachine {
  /** Executes a command and returns its result. */
  apply(command: Json): Json;
  /** Returns what a query reads; changes nothing. */
  query(query: Json): Json;
  /** Returns the whole state, as a value that later commands do not change. */
  snapshot(): Json;
  /** Replaces the state by one that `snapshot` returned, on this member or another one. */
  restore(snapshot: Json): void;
}
