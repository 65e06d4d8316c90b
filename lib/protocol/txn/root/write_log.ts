/**
 * The database as a log: all writes in the order in which they took effect, and the current values.
 *
 * Invariant: the log is append-only, so its length identifies a state, which is the same on every
 * node.
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import type { Json } from "../../../node/mod.ts";
import {
  canonicalKey,
  isRead,
  type MicroOperation,
  type Transaction,
  type Write,
} from "../transaction.ts";

/**
 * Returns a key's new value after a write. It must not mutate the current one (undefined: none).
 */
export type ApplyWrite = (current: Json | undefined, value: Json) => Json;

/** All writes and all values. */
export class WriteLog {
  readonly #apply: ApplyWrite;
  readonly #writes: Write[] = [];
  readonly #values = new Map<string, Json>();

  constructor(apply: ApplyWrite) {
    this.#apply = apply;
  }

  /** The number of writes. */
  get length(): number {
    return this.#writes.length;
  }

  /** Returns the writes from index `start` to index `end`, excluding `end`. */
  slice(start: number, end: number): readonly Write[] {
    invariant(0 <= start && start <= end && end <= this.length, "a slice is a part of the log");
    return this.#writes.slice(start, end);
  }

  /** Returns the value of a key; undefined when it has none. */
  read(key: Json): Json | undefined {
    return this.#values.get(canonicalKey(key));
  }

  /** Appends writes. */
  append(writes: readonly Write[]): void {
    const before = this.length;
    for (const write of writes) {
      const canonical = canonicalKey(write[0]);
      this.#writes.push(write);
      this.#values.set(canonical, this.#apply(this.#values.get(canonical), write[1]));
    }
    invariant(this.length === before + writes.length, "the log only grows");
  }

  /** Returns the log as it was when it had `length` writes. */
  prefix(length: number): WriteLog {
    invariant(length <= this.length, "a prefix is at most as long as the log");
    const prefix = new WriteLog(this.#apply);
    prefix.append(this.#writes.slice(0, length));
    return prefix;
  }

  /** Returns a workspace on the current state. */
  workspace(): Workspace {
    return new Workspace(this, this.#apply);
  }
}

/** Runs transactions serially against a log, and buffers their writes instead of appending them. */
export class Workspace {
  /** The buffered writes, in order. */
  readonly writes: Write[] = [];
  readonly #log: WriteLog;
  readonly #apply: ApplyWrite;
  readonly #changed = new Map<string, Json>();

  constructor(log: WriteLog, apply: ApplyWrite) {
    this.#log = log;
    this.#apply = apply;
  }

  /** Runs the next transaction and returns it with its reads filled in. */
  run(transaction: Transaction): MicroOperation[] {
    return transaction.map((operation): MicroOperation => {
      const [f, key, value] = operation;
      const canonical = canonicalKey(key);
      const current = this.#changed.has(canonical)
        ? this.#changed.get(canonical)
        : this.#log.read(key);
      if (isRead(operation)) return [f, key, current ?? null];
      this.writes.push([key, value]);
      this.#changed.set(canonical, this.#apply(current, value));
      return operation;
    });
  }
}
