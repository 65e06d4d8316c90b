/**
 * Parses the operations of a history of sends and polls, once for all checks.
 *
 * An operation's value is a list of micro-operations: `["send", key, message]`, completed as
 * `["send", key, [offset, message]]`, and `["poll"]`, completed as
 * `["poll", {key: [[offset, message], …]}]`. Messages are arbitrary JSON values. Equal messages are
 * interned here as one object, so that a `Map` or a `Set` can use them as keys.
 *
 * @module
 */

import { canonicalJson, isJsonObject } from "../../base/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";

/** An offset in a log. Integers beyond 2⁵³ are `bigint`; both types can be compared with `<`. */
export type Offset = number | bigint;

/** A message and its offset; undefined if the offset is unknown. */
export interface Entry {
  readonly offset: Offset | undefined;
  readonly message: unknown;
}

/** Entries by key, in the order in which they were sent or polled. */
export type EntriesByKey = ReadonlyMap<string, readonly Entry[]>;

/** A completed client operation. */
export interface Completion {
  readonly operation: Operation;
  readonly invocation: Operation | undefined;
  /** The entries it sent; if its type is `info` or `fail`, those it tried to send. */
  readonly sent: EntriesByKey;
  /** The entries it polled. A key listed without entries maps to an empty list. */
  readonly polled: EntriesByKey;
}

const NO_ENTRIES: EntriesByKey = new Map();

/**
 * Returns the completions of a history in its order. Operations without a completion follow as
 * `info`, because their outcome is indeterminate.
 */
export function readCompletions(history: History): Completion[] {
  const reader = new CompletionReader();
  for (const operation of history) if (isClientOperation(operation)) reader.add(operation);
  return reader.finish();
}

class CompletionReader {
  readonly #completions: Completion[] = [];
  readonly #open = new Map<number | string, Operation>();
  readonly #messages = new Map<string, unknown>();

  add(operation: Operation): void {
    const { process } = operation;
    if (operation.type === "invoke") {
      this.#open.set(process, operation);
      return;
    }
    this.#completions.push(this.#read(operation, this.#open.get(process)));
    this.#open.delete(process);
  }

  finish(): Completion[] {
    for (const invocation of this.#open.values()) {
      this.#completions.push(this.#read({ ...invocation, type: "info" }, invocation));
    }
    return this.#completions;
  }

  #read(operation: Operation, invocation: Operation | undefined): Completion {
    const { f, value } = operation;
    const microOperations = Array.isArray(value) ? value.filter(Array.isArray) : [];
    return {
      operation,
      invocation,
      sent: f === "send" || f === "txn" ? this.#sent(microOperations) : NO_ENTRIES,
      polled: f === "poll" || f === "txn" ? this.#polled(microOperations) : NO_ENTRIES,
    };
  }

  #sent(microOperations: readonly unknown[][]): EntriesByKey {
    const sent = new Map<string, Entry[]>();
    for (const [name, key, argument] of microOperations) {
      if (name !== "send") continue;
      const entry = Array.isArray(argument)
        ? this.#entry(argument)
        : { offset: undefined, message: this.#intern(argument) };
      append(sent, keyName(key), entry);
    }
    return sent;
  }

  #polled(microOperations: readonly unknown[][]): EntriesByKey {
    const polled = new Map<string, Entry[]>();
    for (const [name, logs] of microOperations) {
      if (name !== "poll" || !isJsonObject(logs)) continue;
      for (const [key, entries] of Object.entries(logs)) {
        if (!polled.has(key)) polled.set(key, []);
        if (!Array.isArray(entries)) continue;
        for (const entry of entries) {
          if (Array.isArray(entry)) append(polled, key, this.#entry(entry));
        }
      }
    }
    return polled;
  }

  #entry([offset, message]: readonly unknown[]): Entry {
    const known = typeof offset === "number" || typeof offset === "bigint";
    return { offset: known ? offset : undefined, message: this.#intern(message) };
  }

  #intern(message: unknown): unknown {
    if (typeof message !== "object" || message === null) return message;
    const text = canonicalJson(message);
    const known = this.#messages.get(text);
    if (known !== undefined) return known;
    this.#messages.set(text, message);
    return message;
  }
}

/** Returns a key as a string. Keys are strings on the wire; other tools' histories have numbers. */
export function keyName(key: unknown): string {
  return typeof key === "string" ? key : canonicalJson(key);
}

/** Appends an item to the list of a key. */
export function append<K, V>(lists: Map<K, V[]>, key: K, item: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
