/**
 * The delta of a {@link BatchBroadcast}: what one message carries.
 *
 * @module
 */

import { type Json, schema } from "../../node/mod.ts";
import { validated } from "./validated.ts";

/** A writer's batch; `batch` is undefined where only the number matters. */
export interface NumberedBatch {
  readonly writer: number;
  readonly number: number;
  readonly batch: Json | undefined;
}

/** A delta. Nodes are indices; a vector has one number for each writer. */
export interface BatchDelta {
  /** The sender. */
  readonly from: number;
  /** The last batch of each writer that the sender has received. */
  readonly received: readonly number[];
  /** The last batch of each writer that all nodes have received. */
  readonly stable: readonly number[] | undefined;
  readonly batches: readonly NumberedBatch[];
  /** For a receiver without state: what was applied, and the last batch of each writer in it. */
  readonly snapshot: { readonly applied: readonly number[]; readonly state: Json } | undefined;
}

const vector = schema.array(schema.natural);
const deltaSchema = schema.object({
  from: schema.natural,
  received: vector,
  stable: schema.optional(vector),
  batches: schema.array(schema.tuple(schema.natural, schema.natural, schema.json)),
  snapshot: schema.optional(schema.object({ applied: vector, state: schema.json })),
});

/** Parses a delta between `count` nodes. Throws a TypeError for a malformed one. */
export function parseBatchDelta(delta: Json, count: number): BatchDelta {
  const { from, received, stable, batches, snapshot } = validated(deltaSchema, delta, "the delta");
  const vectors = [received, stable ?? received, snapshot?.applied ?? received];
  if (vectors.some(({ length }) => length !== count)) {
    throw new TypeError(`a delta between ${count} nodes must have ${count} numbers in each vector`);
  }
  const unknown = [from, ...batches.map(([writer]) => writer)].find((index) => index >= count);
  if (unknown !== undefined) {
    throw new TypeError(`a delta must name nodes from 0 to ${count - 1}, got ${unknown}`);
  }
  return {
    from,
    received,
    stable,
    snapshot,
    batches: batches.map(([writer, number, batch]) => ({ writer, number, batch })),
  };
}
