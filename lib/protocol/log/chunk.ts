/**
 * How the strategy `lin-kv` keeps a key's log in the store: chunk after chunk, each a value that is
 * only ever replaced by a longer one, by compare-and-set. Chunk c holds the messages at the offsets
 * from c × size on; once it has `size` of them it never changes again.
 *
 * Beside its messages a chunk says, for each life of a node, the number of the last batch that it
 * appended and where. So a node that does not know whether a compare-and-set of its own has
 * happened can look.
 *
 * @module
 */

import { type Json, schema } from "../../node/mod.ts";
import type { Infer } from "../../wire/mod.ts";
import { readShape } from "./read_shape.ts";

const chunkShape = schema.object({
  messages: schema.array(schema.json),
  batches: schema.record(schema.tuple(schema.natural, schema.natural)),
});

/** A chunk. */
export type Chunk = Infer<typeof chunkShape>;

/** A batch of messages: which one it is of which node's life. */
export interface ChunkBatch {
  readonly life: string;
  readonly number: number;
  readonly messages: readonly Json[];
}

/** The chunk that no message is in. */
export const EMPTY_CHUNK: Chunk = { messages: [], batches: {} };

/** Reads a chunk as the store has it; undefined stands for one that is not there. */
export function toChunk(value: Json | undefined): Chunk {
  return value === undefined ? EMPTY_CHUNK : readShape(chunkShape, value);
}

/** The chunk with a batch behind what is there. */
export function withBatch(chunk: Chunk, { life, number, messages }: ChunkBatch): Chunk {
  const batches = { ...chunk.batches, [life]: [number, chunk.messages.length] as [number, number] };
  return { messages: [...chunk.messages, ...messages], batches };
}

/** The place in the chunk where a batch begins; undefined when it is not in it. */
export function placeOf(chunk: Chunk, { life, number }: ChunkBatch): number | undefined {
  const last = chunk.batches[life];
  return last?.[0] === number ? last[1] : undefined;
}
