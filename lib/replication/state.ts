/**
 * What the replication engine replicates.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";

/** What a sender knows about a receiver when it composes a delta for it. */
export interface Receiver {
  /** The receiver's incarnation, as `node.incarnation`; changes that came from it are left out. */
  readonly source: string;
  /** The receiver's last {@link ReplicatedState.summary}; it counts for changes before `summaryEnd`. */
  readonly summary: Json | undefined;
  readonly summaryEnd: number;
}

/**
 * A replica's state, with a log of its changes. A *position* is the number of changes before a point
 * of that log. Positions are this replica's own: two replicas make the same changes in other orders.
 *
 * Merging must be commutative, associative and idempotent (a join semilattice), so that replicas that
 * have merged the same deltas are equal (Almeida, Shoker, Baquero: "Delta state replicated data
 * types", 2018, section 4).
 */
export interface ReplicatedState {
  /** The position after the last change. It only grows. */
  readonly version: number;
  /**
   * Whether a delta may only be merged when everything before it has been, as causal consistency
   * requires. The engine drops others.
   */
  readonly isOrdered: boolean;
  /** Returns the first position from `from` on with a change that a receiver needs, or `version`. */
  firstFor(from: number, receiver: Receiver): number;
  /** Returns when a change was made or merged, in milliseconds of the engine's clock. */
  changedAt(position: number): number;
  /** Returns the changes from a position on that a receiver needs, and the position that they end at. */
  delta(from: number, receiver: Receiver): { readonly delta: Json; readonly to: number };
  /**
   * Merges a delta that came from an incarnation. Throws a TypeError for a malformed one, and then
   * merges nothing of it.
   */
  merge(delta: Json, source: string, now: number): void;
  /** Returns a digest of this state, by which another replica finds out what this one lacks. */
  summary(): Json;
  /** Returns the position up to which {@link ReplicatedState.summary} includes every change. */
  readonly summaryVersion: number;
  /** Returns whether this state includes everything that a summary includes. */
  includes(summary: Json): boolean;
  /** Returns the first position with a change that a summary does not include. */
  firstBeyond(summary: Json): number;
}
