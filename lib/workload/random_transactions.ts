/**
 * Random transactions over a moving window of keys, as Elle generates them. The two transactional
 * workloads and kafka use them.
 *
 * A transaction has 1 to `maxLength` micro-operations, each a read or a write with equal chance.
 * `keyCount` keys are active at a time; each is twice as likely as the previous one. The writes to a
 * key have the values 1, 2, 3, … up to `maxWritesPerKey`. The next write to the key replaces the key
 * by a fresh one, and the micro-operation is drawn again. So values are unique per key, some keys
 * are contended, others are not, and no list grows without bound.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { TestOptions } from "./options.ts";

/** A micro-operation: a read of a key, or the write of a value to a key. */
export type Access =
  | { readonly kind: "read"; readonly key: number }
  | { readonly kind: "write"; readonly key: number; readonly value: number };

/** Elle's default for the number of active keys. */
const DEFAULT_KEY_COUNT = 10;

/** A source of random transactions. */
export class RandomTransactions {
  readonly #random: Random;
  readonly #maxLength: number;
  readonly #maxWritesPerKey: number;
  /** The active keys. */
  readonly #keys: number[];
  /** The number of writes to each active key. */
  readonly #writes = new Map<number, number>();
  #nextKey: number;

  /** `maxLength` is the maximum number of micro-operations in a transaction, from 1. */
  constructor(
    options: Pick<TestOptions, "keyCount" | "maxWritesPerKey">,
    maxLength: number,
    random: Random,
  ) {
    this.#random = random;
    this.#maxLength = maxLength;
    this.#maxWritesPerKey = options.maxWritesPerKey;
    const count = options.keyCount ?? DEFAULT_KEY_COUNT;
    this.#keys = Array.from({ length: count }, (_, key) => key);
    this.#nextKey = count;
  }

  /** Draws a transaction. */
  next(): Access[] {
    const length = 1 + this.#random.integer(this.#maxLength);
    return Array.from({ length }, () => this.#access());
  }

  #access(): Access {
    for (;;) {
      const writes = this.#random.chance(1 / 2);
      const index = this.#keyIndex();
      const key = this.#keys[index] as number;
      if (!writes) return { kind: "read", key };
      const value = (this.#writes.get(key) ?? 0) + 1;
      if (value <= this.#maxWritesPerKey) {
        this.#writes.set(key, value);
        return { kind: "write", key, value };
      }
      this.#writes.delete(key);
      this.#keys[index] = this.#nextKey++;
    }
  }

  /** Draws the index of an active key; of n keys, index i has probability 2^i ÷ (2^n − 1). */
  #keyIndex(): number {
    const count = this.#keys.length;
    const min = 2 ** -count;
    const index = count + Math.floor(Math.log2(min + this.#random.next() * (1 - min)));
    return Math.max(0, Math.min(count - 1, index));
  }
}
