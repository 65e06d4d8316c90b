/**
 * The writes of a transaction that has not been committed: its last value of each key.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import { textOfKey, type Write } from "./transaction.ts";

/** What a transaction wrote so far. */
export class WriteBuffer {
  readonly #writes = new Map<string, Write>();

  /** The value that was written to a key; `otherwise` when none was. */
  readOr(key: Json, otherwise: Json): Json {
    const write = this.#writes.get(textOfKey(key));
    return write === undefined ? otherwise : write[1];
  }

  /** Takes a write. */
  write(key: Json, value: Json): void {
    this.#writes.set(textOfKey(key), [key, value]);
  }

  /** The last write to each key. */
  get writes(): Iterable<Write> {
    return this.#writes.values();
  }
}
