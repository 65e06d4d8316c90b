/**
 * Which batches a neighbour may lack: those that came after the version up to which it has
 * everything. What all neighbours have is forgotten, so a neighbour from before that, which has lost
 * its memory, needs a snapshot instead.
 *
 * Invariant: versions only grow, and all batches of a later version than `start` are here.
 *
 * @module
 */

import type { NumberedBatch } from "./batch_delta.ts";

interface JournalItem extends NumberedBatch {
  readonly version: number;
}

/** Batches in the order in which neighbours are told of them. */
export class BatchJournal {
  readonly #items: JournalItem[] = [];
  #version = 0;
  /** A neighbour that has not even this version needs a snapshot. */
  #start = 0;

  /** How many changes there were. */
  get version(): number {
    return this.#version;
  }

  /** Notes something to tell: a batch, or something that is told with every message. */
  record(batch?: NumberedBatch): void {
    this.#version++;
    if (batch !== undefined) this.#items.push({ ...batch, version: this.#version });
  }

  /** The batches after a version; undefined if not all of them are here any more. */
  since(version: number): NumberedBatch[] | undefined {
    if (version < this.#start) return undefined;
    return this.#items.filter((item) => item.version > version);
  }

  /** Forgets the batches up to a version, which all neighbours have, and returns them. */
  forget(version: number): NumberedBatch[] {
    const end = this.#items.findIndex((item) => item.version > version);
    const forgotten = this.#items.splice(0, end < 0 ? this.#items.length : end);
    this.#start = Math.max(this.#start, forgotten.at(-1)?.version ?? 0);
    return forgotten;
  }

  /** From now on a neighbour that knows nothing needs a snapshot, and has to notice. */
  noteSpoken(): void {
    this.#version = Math.max(this.#version, 1);
    this.#start = Math.max(this.#start, 1);
  }

  /** Has all neighbours be sent a snapshot. */
  requireSnapshot(): void {
    this.#start = ++this.#version;
  }
}
