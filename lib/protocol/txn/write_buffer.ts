/**
 * The writes of an uncommitted transaction: the last value of each key.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import { canonicalKey, type Write } from "./transaction.ts";

/** The writes of one transaction. */
export class WriteBuffer {
  readonly #writes = new Map<string, Write>();

  /** Returns the value written to a key; `otherwise` when the transaction has not written it. */
  readOr(key: Json, otherwise: Json): Json {
    const write = this.#writes.get(canonicalKey(key));
    return write === undefined ? otherwise : write[1];
  }

  /** Adds a write. */
  write(key: Json, value: Json): void {
    this.#writes.set(canonicalKey(key), [key, value]);
  }

  /** The last write to each key. */
  get writes(): Iterable<Write> {
    return this.#writes.values();
  }
}
