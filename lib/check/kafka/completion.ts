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

/**
 * A message and its offset; undefined if the offset is unknown. Most entries are those of the
 * history itself, since each message occurs in a poll of each process.
 */
export type Entry = readonly [offset: Offset | undefined, message: unknown];

/** The entries of one key that an operation sent or polled. */
export interface KeyEntries {
  readonly key: string;
  /** The number of the key: 0, 1, 2, … in the order of the keys' first occurrence. */
  readonly id: number;
  readonly entries: readonly Entry[];
  /** The highest known offset; undefined if no offset is known. */
  readonly highest: Offset | undefined;
}

/** Distinct keys with their entries, in the order in which they were sent or polled. */
export type EntriesByKey = readonly KeyEntries[];

/** A completed client operation. */
export interface Completion {
  readonly operation: Operation;
  readonly invocation: Operation | undefined;
  /** The entries it sent; if its type is `info` or `fail`, those it tried to send. */
  readonly sent: EntriesByKey;
  /** The entries it polled. A key listed without entries maps to an empty list. */
  readonly polled: EntriesByKey;
}

const NO_ENTRIES: EntriesByKey = [];

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
  /** One string for each key: equal keys are then identical, which comparisons decide fastest. */
  readonly #keys = new Map<string, { readonly key: string; readonly id: number }>();

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
    const microOperations = Array.isArray(value) ? value : [];
    return {
      operation,
      invocation,
      sent: f === "send" || f === "txn" ? this.#sent(microOperations) : NO_ENTRIES,
      polled: f === "poll" || f === "txn" ? this.#polled(microOperations) : NO_ENTRIES,
    };
  }

  #sent(microOperations: readonly unknown[]): EntriesByKey {
    if (microOperations.length === 1) return this.#onlySend(microOperations[0]);
    const sent = new Map<string, Entry[]>();
    for (const microOperation of microOperations) {
      if (!Array.isArray(microOperation) || microOperation[0] !== "send") continue;
      append(sent, keyName(microOperation[1]), this.#sentEntry(microOperation[2]));
    }
    return Array.from(sent, ([key, entries]) => this.#keyEntries(key, entries));
  }

  #onlySend(microOperation: unknown): EntriesByKey {
    if (!Array.isArray(microOperation) || microOperation[0] !== "send") return NO_ENTRIES;
    return [this.#keyEntries(keyName(microOperation[1]), [this.#sentEntry(microOperation[2])])];
  }

  #sentEntry(argument: unknown): Entry {
    return Array.isArray(argument) ? this.#entry(argument) : [undefined, this.#intern(argument)];
  }

  #polled(microOperations: readonly unknown[]): EntriesByKey {
    if (microOperations.length === 1) return this.#onlyPoll(microOperations[0]);
    const polled = new Map<string, readonly Entry[]>();
    for (const microOperation of microOperations) {
      for (const { key, entries } of this.#onlyPoll(microOperation)) {
        polled.set(key, [...polled.get(key) ?? [], ...entries]);
      }
    }
    return Array.from(polled, ([key, entries]) => this.#keyEntries(key, entries));
  }

  #onlyPoll(microOperation: unknown): EntriesByKey {
    if (!Array.isArray(microOperation) || microOperation[0] !== "poll") return NO_ENTRIES;
    const logs: unknown = microOperation[1];
    if (!isJsonObject(logs)) return NO_ENTRIES;
    return Object.entries(logs).map(([key, list]) => this.#log(key, list));
  }

  /** Reads the polled entries of a key. Takes those of the history themselves if it can. */
  #log(name: string, list: unknown): KeyEntries {
    if (!Array.isArray(list)) return this.#keyEntries(name, []);
    return list.every(isPlainEntry)
      ? this.#keyEntries(name, list)
      : this.#keyEntries(name, list.filter(Array.isArray).map((entry) => this.#entry(entry)));
  }

  #keyEntries(name: string, entries: readonly Entry[]): KeyEntries {
    let known = this.#keys.get(name);
    if (known === undefined) this.#keys.set(name, known = { key: name, id: this.#keys.size });
    const { key, id } = known;
    let highest: Offset | undefined;
    for (const entry of entries) {
      const offset = entry[0];
      if (offset === undefined) continue;
      if (highest === undefined || offset > highest) highest = offset;
    }
    return { key, id, entries, highest };
  }

  #entry([offset, message]: readonly unknown[]): Entry {
    return [isOffset(offset) ? offset : undefined, this.#intern(message)];
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

/** Whether a value of a history can be an entry as it is. */
function isPlainEntry(entry: unknown): entry is Entry {
  if (!Array.isArray(entry) || !isOffset(entry[0])) return false;
  const message: unknown = entry[1];
  return typeof message !== "object" || message === null;
}

function isOffset(value: unknown): value is Offset {
  return typeof value === "number" || typeof value === "bigint";
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
