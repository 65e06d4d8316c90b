/**
 * Chunks: how the strategy `lin-kv` stores a key's log. Each chunk is a value of the store that is
 * only ever replaced by a longer one, by compare-and-set. Chunk c holds the messages from offset
 * c × size on. A full chunk, with `size` messages, never changes again.
 *
 * A chunk also records, for each incarnation of a node, the number and position of the last batch
 * that it appended. A node whose compare-and-set has an unknown outcome finds its batch there.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { type Json, schema } from "../../node/mod.ts";
import type { Infer } from "../../wire/mod.ts";
import { validated } from "./validated.ts";

const chunkSchema = schema.object({
  messages: schema.array(schema.json),
  batches: schema.record(schema.tuple(schema.natural, schema.natural)),
});

/** A chunk as the store holds it. */
export type Chunk = Infer<typeof chunkSchema>;

/** A batch of messages, named by its writer's incarnation and its number. */
export interface ChunkBatch {
  readonly incarnation: string;
  readonly number: number;
  readonly messages: readonly Json[];
}

/** A chunk without messages. */
export const EMPTY_CHUNK: Chunk = { messages: [], batches: {} };

/** Parses a chunk; undefined stands for a missing value. Throws a TypeError for a malformed one. */
export function parseChunk(value: Json | undefined): Chunk {
  return value === undefined ? EMPTY_CHUNK : validated(chunkSchema, value, "the chunk");
}

/** Returns the chunk with a batch appended. */
export function withBatch(chunk: Chunk, { incarnation, number, messages }: ChunkBatch): Chunk {
  invariant((chunk.batches[incarnation]?.[0] ?? 0) < number, "batch numbers increase");
  const position: [number, number] = [number, chunk.messages.length];
  return {
    messages: [...chunk.messages, ...messages],
    batches: { ...chunk.batches, [incarnation]: position },
  };
}

/** Returns the index of a batch's first message in the chunk; undefined if it is not there. */
export function indexOfBatch(
  chunk: Chunk,
  { incarnation, number }: ChunkBatch,
): number | undefined {
  const last = chunk.batches[incarnation];
  return last?.[0] === number ? last[1] : undefined;
}
