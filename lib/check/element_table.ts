/**
 * Interns JSON values: each distinct value gets a small number, so that arrays can be indexed by
 * it.
 *
 * The same elements occur in thousands of reads. A small non-negative integer, as in Maelstrom's
 * workloads, costs one array access; another atom costs a map look-up; an object or an array also
 * costs its canonical text.
 *
 * @module
 */

import { canonicalJson } from "../base/mod.ts";

const MAX_DENSE_INTEGERS = 1 << 20;

/** A table that numbers values 0, 1, 2, … in the order of their first occurrence. */
export class ElementTable {
  readonly #values: unknown[] = [];
  readonly #atoms = new Map<unknown, number>();
  readonly #compounds = new Map<string, number>();
  /** At index i: the number of the integer i, plus one; 0 if i has not been interned. */
  #dense = new Int32Array(1024);

  /** The number of distinct values. */
  get size(): number {
    return this.#values.length;
  }

  /** Returns the value with this number. */
  value(number: number): unknown {
    return this.#values[number];
  }

  /** Returns the number of a value; assigns the next number to a new value. */
  intern(value: unknown): number {
    if (
      typeof value === "number" && value >= 0 && value < MAX_DENSE_INTEGERS && (value | 0) === value
    ) {
      return this.#denseNumber(value);
    }
    const compound = typeof value === "object" && value !== null;
    return compound
      ? this.#mapped(this.#compounds, canonicalJson(value), value)
      : this.#mapped(this.#atoms, value, value);
  }

  #denseNumber(value: number): number {
    if (value >= this.#dense.length) {
      const grown = new Int32Array(Math.max(2 * this.#dense.length, value + 1));
      grown.set(this.#dense);
      this.#dense = grown;
    }
    const known = this.#dense[value] as number;
    if (known !== 0) return known - 1;
    this.#values.push(value);
    this.#dense[value] = this.#values.length;
    return this.#values.length - 1;
  }

  #mapped<K>(numbers: Map<K, number>, key: K, value: unknown): number {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, this.#values.length);
    this.#values.push(value);
    return this.#values.length - 1;
  }
}
