/**
 * Numbers the values of keys: every (key, value) that occurs becomes a dense integer.
 *
 * @module
 */

import { identityOf } from "./transactions.ts";

/** A growing table of the values of each key. */
export class ValueTable {
  /** Of each number: the value. */
  readonly value: unknown[] = [];
  /** Of each number: the number of the key. */
  readonly key: number[] = [];
  readonly #numbers: readonly Map<unknown, number>[];

  /** A table for so many keys, which are numbers from 0. */
  constructor(keyCount: number) {
    this.#numbers = Array.from({ length: keyCount }, () => new Map<unknown, number>());
  }

  /** How many values there are. */
  get count(): number {
    return this.value.length;
  }

  /** The number of a value of a key; a new one if it was never seen. */
  numberOf(key: number, value: unknown): number {
    const numbers = this.#numbers[key] as Map<unknown, number>;
    const identity = identityOf(value);
    const known = numbers.get(identity);
    if (known !== undefined) return known;
    const number = this.value.length;
    numbers.set(identity, number);
    this.value.push(value);
    this.key.push(key);
    return number;
  }
}
