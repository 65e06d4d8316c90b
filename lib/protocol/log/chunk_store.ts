/**
 * Chunks: how the strategy `lin-kv` stores a key's log. Each chunk is a value of the store that is
 * only ever replaced by a longer one, by compare-and-set. Chunk c holds the messages from offset
 * c × size on. A full chunk, with `size` messages, never changes again. It is read once and cached.
 *
 * A chunk also records, for each incarnation of a node, the number and position of the last batch
 * that it appended. A node whose compare-and-set has an unknown outcome finds its batch there.
 *
 * Concurrent reads of a chunk share one call. Chunks fill in order, so the last one is found by
 * doubling steps and a binary search.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { type Json, type Node, schema } from "../../node/mod.ts";
import type { Infer } from "../../wire/mod.ts";

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
const EMPTY_CHUNK: Chunk = { messages: [], batches: {} };

/** Parses a chunk; undefined stands for a missing value. Throws a TypeError for a malformed one. */
function parseChunk(value: Json | undefined): Chunk {
  return value === undefined ? EMPTY_CHUNK : schema.parse(chunkSchema, value, "the chunk");
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

/** A chunk and its number. */
export interface NumberedChunk {
  readonly number: number;
  readonly chunk: Chunk;
}

/** How long one call waits for the store. Appends are then retried, polls fail. */
const CALL_TIMEOUT_MS = 1500;

/** Chunks by key and number. */
export class ChunkStore {
  readonly #node: Node;
  /** The number of messages in a full chunk. */
  readonly size: number;
  readonly #full = new Map<string, Chunk>();
  readonly #reads = new Map<string, Promise<Chunk>>();
  /** By key, the number of leading chunks that are certainly full. */
  readonly #fullCount = new Map<string, number>();

  /** `size` is the number of messages in a full chunk, at least 1. */
  constructor(node: Node, size: number) {
    this.#node = node;
    this.size = size;
  }

  /** Whether a chunk is full. */
  isFull({ messages }: Chunk): boolean {
    return messages.length >= this.size;
  }

  /** Reads a chunk. The result may be as old as one call to the store. */
  read(key: string, number: number): Promise<Chunk> {
    const name = nameOf(key, number);
    const full = this.#full.get(name);
    if (full !== undefined) return Promise.resolve(full);
    let read = this.#reads.get(name);
    if (read === undefined) {
      read = this.readLatest(key, number).finally(() => this.#reads.delete(name));
      this.#reads.set(name, read);
    }
    return read;
  }

  /** Reads a chunk from the store, as it is at the time of the call or later. */
  async readLatest(key: string, number: number): Promise<Chunk> {
    const name = nameOf(key, number);
    const options = { timeoutMs: CALL_TIMEOUT_MS };
    const found = await this.#node.kv.lin.readOr(name, null, options);
    const chunk = found === null ? EMPTY_CHUNK : parseChunk(found);
    if (this.isFull(chunk)) this.#full.set(name, chunk);
    return chunk;
  }

  /**
   * Replaces a chunk by compare-and-set. Rejects with error 22 or 20 when the store holds another one.
   */
  async replace(key: string, { number, chunk }: NumberedChunk, next: Chunk): Promise<void> {
    invariant(next.messages.length > chunk.messages.length, "a chunk only grows");
    invariant(next.messages.length <= this.size, "a chunk holds at most its size");
    const name = nameOf(key, number);
    const options = { timeoutMs: CALL_TIMEOUT_MS };
    if (chunk.messages.length === 0) await this.#node.kv.lin.create(name, next, options);
    else await this.#node.kv.lin.cas(name, chunk, next, options);
    if (this.isFull(next)) this.#full.set(name, next);
  }

  /** Finds the last chunk of a key: the first one that is not full. */
  async tail(key: string): Promise<NumberedChunk> {
    let full = this.#fullCount.get(key) ?? 0;
    let step = 1;
    let last = { number: full, chunk: await this.read(key, full) };
    while (this.isFull(last.chunk)) {
      full = last.number + 1;
      last = { number: full + step - 1, chunk: await this.read(key, full + step - 1) };
      step *= 2;
    }
    // All chunks before `full` are full, and `last` is not: the first one that is not lies between.
    while (full < last.number) {
      const middle = Math.floor((full + last.number) / 2);
      const chunk = await this.read(key, middle);
      if (this.isFull(chunk)) full = middle + 1;
      else last = { number: middle, chunk };
    }
    this.#fullCount.set(key, full);
    return last;
  }
}

function nameOf(key: string, number: number): string {
  return `log/${key}/${number}`;
}
