/**
 * The entries of one key that may be shown, in the order of their offsets.
 *
 * Two arrays, one of offsets and one of messages, so an entry takes 16 bytes beside its message (8
 * for each array's slot; up to half as much again while an array has grown ahead of its content). A
 * poll finds its place by binary search. With a limit, only the last entries are kept: the first
 * ones are let go one by one, and their slots given back when they are half of all.
 *
 * Invariant: offsets strictly increase, and an entry is never put before one that is there.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";

/** A message and its offset, as polls return it. */
export type Entry = [offset: number, message: Json];

/** A log of one key. */
export class EntryLog {
  readonly #most: number;
  #offsets: number[] = [];
  #messages: Json[] = [];
  /** So many of the first slots are empty. */
  #dropped = 0;

  /** Keeps the last `most` entries; all of them when it is Infinity. */
  constructor(most = Infinity) {
    this.#most = most;
  }

  /** How many entries are kept. */
  get size(): number {
    return this.#offsets.length - this.#dropped;
  }

  /** One more than the last offset; 0 while there is no entry. */
  get end(): number {
    return (this.#offsets.at(-1) ?? -1) + 1;
  }

  /** Adds an entry behind all others. Throws a RangeError when its offset does not lie there. */
  append(offset: number, message: Json): void {
    if (offset < this.end) {
      throw new RangeError(`an entry at ${offset} cannot follow one at ${this.end - 1}`);
    }
    this.#offsets.push(offset);
    this.#messages.push(message);
    if (this.size > this.#most) this.#dropFirst();
  }

  /** At most so many entries, beginning with the first that is at this offset or behind it. */
  from(offset: number, most: number): Entry[] {
    const first = this.#placeOf(offset);
    const last = Math.min(this.#offsets.length, first + most);
    const entries: Entry[] = [];
    for (let place = first; place < last; place++) {
      entries.push([this.#offsets[place] as number, this.#messages[place] as Json]);
    }
    return entries;
  }

  /** The place of the first entry that is kept and not before this offset. */
  #placeOf(offset: number): number {
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
