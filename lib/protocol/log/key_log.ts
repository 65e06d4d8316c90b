/**
 * The entries of one key that polls may return, in order of offset.
 *
 * Offsets and messages are in two arrays, which cost 16 bytes for an entry beside its message. A poll
 * finds its first entry by binary search. With a retention limit only the last entries are kept:
 * older slots are emptied one at a time, and removed when they are more than half of all.
 *
 * Invariant: offsets strictly increase. An entry is never inserted before another one.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Json } from "../../node/mod.ts";

/** An offset and its message, as polls return them. */
export type Entry = [offset: number, message: Json];

/** The log of one key. */
export class KeyLog {
  readonly #maxEntries: number;
  #offsets: number[] = [];
  #messages: Json[] = [];
  /** The number of emptied slots at the start of both arrays. */
  #dropped = 0;

  /** Keeps the last `maxEntries` entries; all entries by default. */
  constructor(maxEntries = Infinity) {
    this.#maxEntries = maxEntries;
  }

  /** The number of entries that are kept. */
  get size(): number {
    return this.#offsets.length - this.#dropped;
  }

  /** One more than the last offset; 0 before the first entry. */
  get endOffset(): number {
    return (this.#offsets.at(-1) ?? -1) + 1;
  }

  /** Appends an entry. Its offset must be at least {@link KeyLog.endOffset}. */
  append(offset: number, message: Json): void {
    invariant(offset >= this.endOffset, "offsets of a log strictly increase");
    this.#offsets.push(offset);
    this.#messages.push(message);
    if (this.size > this.#maxEntries) this.#dropFirst();
    invariant(this.size <= this.#maxEntries, "a log keeps at most its retention limit");
  }

  /** Returns at most `maxEntries` entries, from the first one at or after an offset. */
  read(offset: number, maxEntries: number): Entry[] {
    const first = this.#indexOf(offset);
    const end = Math.min(this.#offsets.length, first + maxEntries);
    const entries: Entry[] = [];
    for (let index = first; index < end; index++) {
      entries.push([this.#offsets[index] as number, this.#messages[index] as Json]);
    }
    return entries;
  }

  /** Returns the index of the first kept entry at or after an offset. */
  #indexOf(offset: number): number {
    let low = this.#dropped;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #dropFirst(): void {
    this.#messages[this.#dropped++] = null;
    if (2 * this.#dropped <= this.#offsets.length) return;
    this.#offsets = this.#offsets.slice(this.#dropped);
    this.#messages = this.#messages.slice(this.#dropped);
    this.#dropped = 0;
  }
}
