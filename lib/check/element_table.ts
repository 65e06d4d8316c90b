/**
 * Gives every distinct JSON value a small number, so that sets of them are arrays of bits.
 *
 * Checkers meet the same elements in thousands of reads. Small whole numbers, the elements that
 * Maelstrom's workloads use, take one array access; other atoms a map; the rest their canonical text.
 *
 * @module
 */

import { canonicalJson } from "../base/mod.ts";

const MAX_DENSE_INTEGERS = 1 << 20;

/** Numbers values 0, 1, 2, … in the order in which they are first seen. */
export class ElementTable {
  readonly #values: unknown[] = [];
  readonly #atoms = new Map<unknown, number>();
  readonly #compounds = new Map<string, number>();
  /** The number of the integer i, plus one; 0 where it has none. */
  #dense = new Int32Array(1024);

  /** How many distinct values it has seen. */
  get size(): number {
    return this.#values.length;
  }

  /** The value with this number. */
  value(number: number): unknown {
    return this.#values[number];
  }

  /** The number of a value, a new one if it was never seen. */
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
