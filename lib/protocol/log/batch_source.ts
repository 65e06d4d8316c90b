/**
 * What a {@link BatchBroadcast} replicates, and when what it brings counts.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";

/** When a batch counts: as soon as it is there, or when all nodes have it. */
export type Acks = "one" | "all";

/** What is replicated: it says its news, and takes those of others. */
export interface BatchSource {
  /** Whether something has happened since the last cut. */
  readonly hasNews: boolean;
  /** The news since the last cut. */
  cut(): Json;
  /** Lets this node say something of its own: it knows what a former life of it has said. */
  open(): void;
  /** Takes a writer's news. One's own come back here when acks are `all`, or from a former life. */
  apply(writer: number, batch: Json): void;
  /** All that has been applied, of all writers. */
  snapshot(): Json;
  /** Takes what another node's source had applied; of each writer, one is ahead of the other. */
  restore(snapshot: Json): void;
}
