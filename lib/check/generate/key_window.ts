/**
 * The keys that a run uses at a time: a few, some far more often than others, each given up after
 * so many writes and replaced by a new one (as Jepsen's generators of transactions have it).
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";

/** A moving window of keys 0, 1, 2, … */
export class KeyWindow {
  readonly #keys: number[];
  readonly #writes = new Map<number, number>();
  readonly #maxWritesPerKey: number;
  #next: number;

  /** `size` keys at a time, each written `writesPerKey` times at most. */
  constructor(size: number, maxWritesPerKey: number) {
    this.#keys = Array.from({ length: size }, (_, key) => key);
    this.#next = size;
    this.#maxWritesPerKey = maxWritesPerKey;
  }

  /** A key to read, exponentially distributed over the window. */
  pick(random: Random): number {
    return this.#keys[this.#pickIndex(random)] as number;
  }

  /** A key to write, and the how-manieth write of it this is (from 1). */
  pickForWrite(random: Random): [key: number, write: number] {
    const place = this.#pickIndex(random);
    const key = this.#keys[place] as number;
    const write = (this.#writes.get(key) ?? 0) + 1;
    this.#writes.set(key, write);
    if (write === this.#maxWritesPerKey) {
      this.#keys[place] = this.#next++;
      this.#writes.delete(key);
    }
    return [key, write];
  }

  #pickIndex(random: Random): number {
    const size = this.#keys.length;
    return Math.min(size - 1, Math.floor(Math.log2(1 + random.next() * (2 ** size - 1))));
  }
}
