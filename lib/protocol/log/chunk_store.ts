/**
 * The chunks of all keys in lin-kv, as one node sees them.
 *
 * A chunk that is full never changes, so it is read once and kept. Reads of one chunk at the same
 * time are one read. The last chunk of a long log is found in steps that double (chunks fill one
 * after the other), not by walking along it.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { type Chunk, EMPTY_CHUNK, toChunk } from "./chunk.ts";

/** A chunk and its number. */
export interface PlacedChunk {
  readonly number: number;
  readonly chunk: Chunk;
}

/** One call to the store: a request that must be answered within 3.5 s has time for two. */
const CALL_TIMEOUT_MS = 1500;

/** Chunks by key and number. */
export class ChunkStore {
  readonly #node: Node;
  /** So many messages make a chunk full. */
  readonly size: number;
  readonly #full = new Map<string, Chunk>();
  readonly #reads = new Map<string, Promise<Chunk>>();
  /** Of each key, how many of its first chunks are known to be full. */
  readonly #fullCount = new Map<string, number>();

  constructor(node: Node, size: number) {
    this.#node = node;
    this.size = size;
  }

  /** Whether there is no room in a chunk. */
  isFull({ messages }: Chunk): boolean {
    return messages.length >= this.size;
  }

  /** A chunk as it was when the call was made, or up to one call to the store before. */
  read(key: string, number: number): Promise<Chunk> {
    const name = nameOf(key, number);
    const full = this.#full.get(name);
    if (full !== undefined) return Promise.resolve(full);
    let read = this.#reads.get(name);
    if (read === undefined) {
      read = this.readAnew(key, number).finally(() => this.#reads.delete(name));
      this.#reads.set(name, read);
    }
    return read;
  }

  /** A chunk as it is when the call is made, or later. */
  async readAnew(key: string, number: number): Promise<Chunk> {
    const name = nameOf(key, number);
    const options = { timeoutMs: CALL_TIMEOUT_MS };
    const found = await this.#node.kv.lin.readOr(name, null, options);
    const chunk = found === null ? EMPTY_CHUNK : toChunk(found);
    if (this.isFull(chunk)) this.#full.set(name, chunk);
    return chunk;
  }

  /** Replaces a chunk by another. Throws error 22 or 20 when it is not what the store has. */
  async replace(key: string, { number, chunk }: PlacedChunk, next: Chunk): Promise<void> {
    const name = nameOf(key, number);
    const options = { timeoutMs: CALL_TIMEOUT_MS };
    if (chunk.messages.length === 0) await this.#node.kv.lin.create(name, next, options);
    else await this.#node.kv.lin.cas(name, chunk, next, options);
    if (this.isFull(next)) this.#full.set(name, next);
  }

  /** The first chunk of a key that has room, which is its last. */
  async tail(key: string): Promise<PlacedChunk> {
    let full = this.#fullCount.get(key) ?? 0;
    let step = 1;
    let last = { number: full, chunk: await this.read(key, full) };
    while (this.isFull(last.chunk)) {
      full = last.number + 1;
      last = { number: full + step - 1, chunk: await this.read(key, full + step - 1) };
      step *= 2;
    }
    // It is `last`, or lies between the chunks that are known to be full and it.
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
