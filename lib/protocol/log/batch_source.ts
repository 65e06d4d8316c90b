/**
 * The replicated state behind a {@link BatchBroadcast}.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";

/** When a batch is applied, and so acknowledged: at one node, or once all nodes have received it. */
export type Acks = "one" | "all";

/** Replicated state: it produces this node's batches, and applies the batches of all writers. */
export interface BatchSource {
  /** Whether there are updates that no batch contains yet. */
  readonly hasUpdates: boolean;
  /** Seals a batch: returns the updates since the last one. */
  seal(): Json;
  /**
   * Allows this node to produce batches. It has recovered all batches of its previous incarnations,
   * or has none.
   */
  recovered(): void;
  /**
   * Applies a writer's batch. A node applies a batch of its own only with acks `all`, or when a
   * previous incarnation sealed it.
   */
  apply(writer: number, batch: Json): void;
  /** Returns all that was applied, of all writers. */
  snapshot(): Json;
  /** Joins a peer's snapshot. For each writer, one of the two states contains the other. */
  restore(snapshot: Json): void;
}
