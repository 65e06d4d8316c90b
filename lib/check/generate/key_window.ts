/**
 * A window of active keys, as in Jepsen's transaction generators: few keys are active at a time,
 * with an exponential distribution of accesses. A key is replaced after a maximum number of writes.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";

/** A sliding window of the keys 0, 1, 2, … */
export class KeyWindow {
  readonly #keys: number[];
  readonly #writes = new Map<number, number>();
  readonly #maxWritesPerKey: number;
  #next: number;

  /** `size` is the number of active keys. */
  constructor(size: number, maxWritesPerKey: number) {
    this.#keys = Array.from({ length: size }, (_, key) => key);
    this.#next = size;
    this.#maxWritesPerKey = maxWritesPerKey;
  }

  /** Picks a key to read, exponentially distributed over the window. */
  pick(random: Random): number {
    return this.#keys[this.#pickIndex(random)] as number;
  }

  /** Picks a key to write; returns it and the number of its writes so far, this one included. */
  pickForWrite(random: Random): [key: number, write: number] {
    const index = this.#pickIndex(random);
    const key = this.#keys[index] as number;
    const write = (this.#writes.get(key) ?? 0) + 1;
    this.#writes.set(key, write);
    if (write === this.#maxWritesPerKey) {
      this.#keys[index] = this.#next++;
      this.#writes.delete(key);
    }
    return [key, write];
  }

  #pickIndex(random: Random): number {
    const size = this.#keys.length;
    return Math.min(size - 1, Math.floor(Math.log2(1 + random.next() * (2 ** size - 1))));
  }
}
