/**
 * How batches travel: the delta of a {@link BatchBroadcast}.
 *
 * @module
 */

import { type Json, schema } from "../../node/mod.ts";
import { readShape } from "./read_shape.ts";

/** A batch of a writer; undefined where only the number matters. */
export interface NumberedBatch {
  readonly writer: number;
  readonly number: number;
  readonly batch: Json | undefined;
}

/** What one node tells another. */
export interface BatchDelta {
  /** Who says it. */
  readonly from: number;
  /** Up to which batch of each writer it has taken them. */
  readonly received: readonly number[];
  /** Up to which batch of each writer all nodes have them. */
  readonly stable: readonly number[] | undefined;
  readonly batches: readonly NumberedBatch[];
  /** For a node that knows nothing: what was applied, and up to which batch of each writer. */
  readonly snapshot: { readonly applied: readonly number[]; readonly state: Json } | undefined;
}

const numbers = schema.array(schema.natural);
const deltaShape = schema.object({
  from: schema.natural,
  received: numbers,
  stable: schema.optional(numbers),
  batches: schema.array(schema.tuple(schema.natural, schema.natural, schema.json)),
  snapshot: schema.optional(schema.object({ applied: numbers, state: schema.json })),
});

/** Reads a delta between `count` nodes. Throws a TypeError when it is none. */
export function toBatchDelta(delta: Json, count: number): BatchDelta {
  const { from, received, stable, batches, snapshot } = readShape(deltaShape, delta);
  const vectors = [received, stable ?? received, snapshot?.applied ?? received];
  const isRight = vectors.every((vector) => vector.length === count) &&
    [from, ...batches.map(([writer]) => writer)].every((index) => index < count);
  if (!isRight) throw new TypeError(`a delta between ${count} nodes must be about so many`);
  return {
    from,
    received,
    stable,
    snapshot,
    batches: batches.map(([writer, number, batch]) => ({ writer, number, batch })),
  };
}
