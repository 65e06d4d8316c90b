/**
 * The batches of a {@link BatchLog}: what they are made from, and how a message carries them.
 *
 * @module
 */

import { invariant, type Json } from "../../base/mod.ts";
import { schema } from "../../node/mod.ts";
import type { Schema } from "../../wire/mod.ts";

/** Replicated state: it produces the contents of this node's batches, and applies all writers'. */
export interface BatchSource {
  readonly contentSchema: Schema<unknown>;
  readonly snapshotSchema: Schema<unknown>;
  /** Whether there are updates that no batch contains yet. */
  readonly hasUpdates: boolean;
  /**
   * Allows this node to produce batches. It assigns nothing that is less than `gap` after what it
   * has applied: an earlier incarnation may have assigned that.
   */
  start(gap: number): void;
  /** Returns the updates since the last batch. */
  seal(): Json;
  /**
   * Applies the content of a writer's batch; nodes are indices. A node applies a batch of its own
   * only with acks `all`, or when an earlier incarnation sealed it.
   */
  apply(writer: number, content: Json): void;
  /** Returns all that was applied, of all writers. */
  snapshot(): Json;
  /** Joins a peer's snapshot. For each writer, one of the two states contains the other. */
  restore(snapshot: Json): void;
}

/** Numbers of batches by origin: that many, from the first one on. */
export type Counts = { readonly [origin: string]: number };

const counts = schema.record(schema.natural);
const batchSchema = <C extends Schema<unknown>>(content: C) =>
  schema.object({
    /** Undefined for none. */
    content: schema.optional(content),
    /** The batches of the writer's node that all nodes have, where that has changed. */
    stable: schema.optional(counts),
    /** The batches of the writer's earlier incarnations: there are no others. */
    past: schema.optional(counts),
    /** What the writer has, after it has seen a new incarnation. */
    has: schema.optional(counts),
  });

/** A batch. */
export interface Batch {
  readonly content?: Json | undefined;
  readonly stable?: Counts | undefined;
  readonly past?: Counts | undefined;
  readonly has?: Counts | undefined;
}

/** What a message carries. */
export interface Delta {
  /** Consecutive batches of an origin: the origin, the number of the first one, the batches. */
  readonly runs: [origin: string, first: number, batches: Batch[]][];
  readonly snapshot?: Snapshot | undefined;
}

/** Returns batches as a delta has them, those of each origin in their order. */
export function toRuns(
  items: readonly {
    readonly origin: { readonly name: string; batchAt(number: number): Batch };
    readonly number: number;
  }[],
): Delta["runs"] {
  const runs = new Map<string, Delta["runs"][0]>();
  for (const { origin, number } of items) {
    const run = runs.get(origin.name) ?? [origin.name, number, []];
    runs.set(origin.name, run);
    invariant(number === run[1] + run[2].length, "a delta has consecutive batches of an origin");
    run[2].push(origin.batchAt(number));
  }
  return [...runs.values()];
}

/** What a peer wants beside this node's batches. */
export interface Wanted {
  /** The peer itself, for its past, and those that it cannot reach, also in the near future. */
  readonly nodes: readonly string[];
  /** Whether it wants the batches of all nodes. */
  readonly isComplete: boolean;
}

/** What a node has applied. */
export interface Snapshot {
  readonly origins: {
    readonly [origin: string]: {
      readonly applied: number;
      readonly limit?: number | undefined;
      readonly has?: Counts | undefined;
    };
  };
  readonly state: Json;
}

/** Returns the schema of a delta. */
export function deltaSchema({ contentSchema, snapshotSchema }: BatchSource): Schema<Delta> {
  const batches = schema.array(batchSchema(contentSchema));
  return schema.object({
    runs: schema.array(schema.tuple(schema.string, schema.natural, batches)),
    snapshot: schema.optional(schema.object({
      origins: schema.record(schema.object({
        applied: schema.natural,
        limit: schema.optional(schema.natural),
        has: schema.optional(counts),
      })),
      state: snapshotSchema,
    })),
  }) as Schema<unknown> as Schema<Delta>;
}
