/**
 * A node's client of the chunks in lin-kv.
 *
 * A full chunk never changes, so it is read once and cached. Concurrent reads of a chunk share one
 * call. Chunks fill in order, so the last one is found by doubling steps and a binary search.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Node } from "../../node/mod.ts";
import { type Chunk, EMPTY_CHUNK, parseChunk } from "./chunk.ts";

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
