/**
 * Random transactions over a moving window of keys, as Elle makes them: what the two transactional
 * workloads and kafka ask for.
 *
 * A transaction is 1 to `maxLength` micro-operations, each a read or a write with equal chance. At
 * any time `keyCount` keys are in use, the i-th of them twice as likely as the one before it. Each
 * key is written 1, 2, 3, … up to `maxWritesPerKey`; the next attempt to write it replaces it by a
 * fresh key and is drawn again. So values are unique per key, some keys see many transactions
 * and some few, and no list grows without bound.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { TestOptions } from "./options.ts";

/** A read of a key, or the write of a value to one. */
export type Access =
  | { readonly kind: "read"; readonly key: number }
  | { readonly kind: "write"; readonly key: number; readonly value: number };

/** How many keys are in use at a time when the options do not say (Elle's). */
export const DEFAULT_KEY_COUNT = 10;

/** A source of random transactions. */
export class Transactions {
  readonly #random: Random;
  readonly #maxLength: number;
  readonly #maxWritesPerKey: number;
  readonly #keys: number[];
  readonly #writes = new Map<number, number>();
  #nextKey: number;

  /** `maxLength` bounds a transaction's micro-operations; 1 makes single reads and writes. */
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

  /** The next transaction. */
  next(): Access[] {
    const length = 1 + this.#random.integer(this.#maxLength);
    return Array.from({ length }, () => this.#access());
  }

  #access(): Access {
    for (;;) {
      const writes = this.#random.chance(1 / 2);
      const place = this.#place();
      const key = this.#keys[place] as number;
      if (!writes) return { kind: "read", key };
      const value = (this.#writes.get(key) ?? 0) + 1;
      if (value <= this.#maxWritesPerKey) {
        this.#writes.set(key, value);
        return { kind: "write", key, value };
      }
      this.#writes.delete(key);
      this.#keys[place] = this.#nextKey++;
    }
  }

  /** A place in the window; place i with probability 2^i ÷ (2^n − 1). */
  #place(): number {
    const count = this.#keys.length;
    const least = 2 ** -count;
    const place = count + Math.floor(Math.log2(least + this.#random.next() * (1 - least)));
    return Math.max(0, Math.min(count - 1, place));
  }
}
