/**
 * Numbers the values of keys: every (key, value) that occurs becomes a dense integer.
 *
 * @module
 */

import { equalityKey } from "./transactions.ts";

/** A growing table of the values of each key. */
export class ValueTable {
  /** Of each number: the value. */
  readonly value: unknown[] = [];
  /** Of each number: the number of the key. */
  readonly key: number[] = [];
  readonly #ids: readonly Map<unknown, number>[];

  /** A table for so many keys, which are numbers from 0. */
  constructor(keyCount: number) {
    this.#ids = Array.from({ length: keyCount }, () => new Map<unknown, number>());
  }

  /** How many values there are. */
  get count(): number {
    return this.value.length;
  }

  /** The number of a value of a key; a new one if it was never seen. */
  idOf(key: number, value: unknown): number {
    const numbers = this.#ids[key] as Map<unknown, number>;
    const identity = equalityKey(value);
    const known = numbers.get(identity);
    if (known !== undefined) return known;
    const number = this.value.length;
    numbers.set(identity, number);
    this.value.push(value);
    this.key.push(key);
    return number;
  }
}
