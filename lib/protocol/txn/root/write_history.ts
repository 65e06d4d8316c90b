/**
 * A database that is its history: all writes in the one order in which they took effect, and the
 * values that follow from them.
 *
 * Invariant: the history only grows, so its length names a state, on every node the same one.
 *
 * @module
 */

import type { Json } from "../../../node/mod.ts";
import {
  isRead,
  type MicroOperation,
  textOfKey,
  type Transaction,
  type Write,
} from "../transaction.ts";

/** What a write makes of a value (undefined: the key has none). It must not change the old value. */
export type ApplyWrite = (current: Json | undefined, value: Json) => Json;

/** All writes, and all values. */
export class WriteHistory {
  readonly #apply: ApplyWrite;
  readonly #writes: Write[] = [];
  readonly #values = new Map<string, Json>();

  constructor(apply: ApplyWrite) {
    this.#apply = apply;
  }

  /** How many writes there were. */
  get length(): number {
    return this.#writes.length;
  }

  /** The writes from one place in the order up to, and without, another. */
  slice(from: number, to: number): readonly Write[] {
    return this.#writes.slice(from, to);
  }

  /** The value of a key; undefined when it has none. */
  read(key: Json): Json | undefined {
    return this.#values.get(textOfKey(key));
  }

  /** Adds writes at the end. */
  append(writes: readonly Write[]): void {
    for (const write of writes) {
      const text = textOfKey(write[0]);
      this.#writes.push(write);
      this.#values.set(text, this.#apply(this.#values.get(text), write[1]));
    }
  }

  /** The history as it was when it had so many writes. */
  upTo(length: number): WriteHistory {
    const earlier = new WriteHistory(this.#apply);
    earlier.append(this.#writes.slice(0, length));
    return earlier;
  }

  /** Room to try transactions on this state. */
  draft(): Draft {
    return new Draft(this, this.#apply);
  }
}

/** What transactions would do, one after the other, if the history went on with them. */
export class Draft {
  /** Their writes, in order. */
  readonly writes: Write[] = [];
  readonly #history: WriteHistory;
  readonly #apply: ApplyWrite;
  readonly #changed = new Map<string, Json>();

  constructor(history: WriteHistory, apply: ApplyWrite) {
    this.#history = history;
    this.#apply = apply;
  }

  /** Runs the next transaction, and gives it back with its reads made. */
  run(transaction: Transaction): MicroOperation[] {
    return transaction.map((operation): MicroOperation => {
      const [f, key, value] = operation;
      const text = textOfKey(key);
      const current = this.#changed.has(text) ? this.#changed.get(text) : this.#history.read(key);
      if (isRead(operation)) return [f, key, current ?? null];
      this.writes.push([key, value]);
      this.#changed.set(text, this.#apply(current, value));
      return operation;
    });
  }
}
