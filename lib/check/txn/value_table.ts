/**
 * Interns the values of keys: each distinct (key, value) pair gets a dense integer as its id.
 *
 * @module
 */

import { equalityKey } from "./transactions.ts";

/** A table of interned (key, value) pairs. */
export class ValueTable {
  /** Per id: the value. */
  readonly value: unknown[] = [];
  /** Per id: the key. */
  readonly key: number[] = [];
  readonly #ids: readonly Map<unknown, number>[];

  /** Creates an empty table for the keys 0 to `keyCount - 1`. */
  constructor(keyCount: number) {
    this.#ids = Array.from({ length: keyCount }, () => new Map<unknown, number>());
  }

  /** The number of ids assigned. */
  get count(): number {
    return this.value.length;
  }

  /** Returns the id of a value of a key; assigns the next id when the pair is new. */
  idOf(key: number, value: unknown): number {
    const ids = this.#ids[key] as Map<unknown, number>;
    const mapKey = equalityKey(value);
    const assigned = ids.get(mapKey);
    if (assigned !== undefined) return assigned;
    const id = this.value.length;
    ids.set(mapKey, id);
    this.value.push(value);
    this.key.push(key);
    return id;
  }
}
