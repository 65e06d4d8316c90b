/**
 * The logs of the kafka workload: what every strategy implements, and what it may keep them in.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import {
  contract,
  type ContractHandlers,
  ErrorCode,
  type IncomingRequest,
  type Json,
  RpcError,
} from "../../node/mod.ts";

/** An offset and its message, as polls return them. */
export type Entry = [offset: number, message: Json];

/** Offsets by key. */
export type Offsets = { [key: string]: number };

/** Entries by key. Keys without entries are left out. */
export type PollResult = { [key: string]: Entry[] };

/** A value, or a promise of it. A log that can reply immediately creates no promise. */
export type MaybePromise<T> = T | Promise<T>;

/** What a log uses of a client's request: the time at which it expires, and its signal. */
export type ClientRequest = Pick<IncomingRequest, "deadline" | "signal">;

/**
 * Logs by key. Every method may reject with an `RpcError`, whose code is definite or indefinite. A
 * method that waits ends at the deadline of the client's request.
 */
export interface Log {
  /** Appends a message to a key's log. Returns the message's offset. */
  send(key: string, message: Json, request: ClientRequest): MaybePromise<number>;
  /**
   * Returns each key's entries from an offset on, at most a number of each. The entries of a key are
   * consecutive: no entry between two returned ones is left out.
   */
  poll(offsets: Readonly<Offsets>, request: ClientRequest): MaybePromise<PollResult>;
  /** Raises the committed offset of each key to at least the given one. Never lowers one. */
  commit(offsets: Readonly<Offsets>, request: ClientRequest): MaybePromise<void>;
  /** Returns the committed offsets. Keys without one are left out. */
  committed(keys: readonly string[], request: ClientRequest): MaybePromise<Offsets>;
}

/** Calls `next` with a value: immediately, or once its promise resolves. */
export function chain<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Returns a poll's entries by key; `read` returns those of a key from an offset on. */
export function pollKeys(
  offsets: Readonly<Offsets>,
  read: (key: string, offset: number) => Entry[],
): PollResult {
  const entries = Object.entries(offsets).map(([key, offset]) => [key, read(key, offset)] as const);
  return Object.fromEntries(entries.filter(([, { length }]) => length > 0));
}

/**
 * The entries of one key that polls may return, in order of offset.
 *
 * Offsets and messages are in two arrays, which cost 16 bytes for an entry beside its message. A poll
 * finds its first entry by binary search.
 *
 * Invariant: offsets strictly increase. An entry is never inserted before another one.
 */
export class KeyLog {
  readonly #offsets: number[] = [];
  readonly #messages: Json[] = [];

  /** One more than the last offset; 0 before the first entry. */
  get endOffset(): number {
    return (this.#offsets.at(-1) ?? -1) + 1;
  }

  /** Appends an entry. Its offset must be at least {@link KeyLog.endOffset}. */
  append(offset: number, message: Json): void {
    invariant(offset >= this.endOffset, "offsets of a log strictly increase");
    this.#offsets.push(offset);
    this.#messages.push(message);
  }

  /** Returns at most `maxEntries` entries, from the first one at or after an offset. */
  read(offset: number, maxEntries: number): Entry[] {
    const first = this.#indexOf(offset);
    const end = Math.min(this.#offsets.length, first + maxEntries);
    const entries: Entry[] = [];
    for (let index = first; index < end; index++) {
      entries.push([this.#offsets[index] as number, this.#messages[index] as Json]);
    }
    return entries;
  }

  /** Returns the index of the first entry at or after an offset. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A key's committed offset in a message. */
export type Commit = [key: string, offset: number];

/**
 * The committed offset of each key: the position of its consumers. Offsets only grow, so replicas keep
 * the maximum, and agree in whichever order updates arrive.
 */
export class Commits {
  readonly #offsets = new Map<string, number>();

  /** Raises a key's offset. Returns whether it was lower, or missing. */
  raise(key: string, offset: number): boolean {
    const current = this.#offsets.get(key);
    if (current !== undefined && current >= offset) return false;
    this.#offsets.set(key, offset);
    return true;
  }

  /** Returns the offsets of these keys. Keys without one are left out. */
  select(keys: readonly string[]): Offsets {
    return Object.fromEntries(
      keys.flatMap((key): Commit[] => {
        const offset = this.#offsets.get(key);
        return offset === undefined ? [] : [[key, offset]];
      }),
    );
  }

  /** Returns all offsets. */
  pairs(): Commit[] {
    return [...this.#offsets];
  }

  /** Removes all offsets. */
  clear(): void {
    this.#offsets.clear();
  }

  /** The number of keys that have an offset. */
  get size(): number {
    return this.#offsets.size;
  }
}

/** Returns the handlers that serve a log. */
export function logHandlers(log: Log): ContractHandlers<typeof contract.kafka> {
  return {
    send: ({ key, msg }, request) => chain(log.send(key, msg, request), (offset) => ({ offset })),
    poll: ({ offsets }, request) => chain(log.poll(offsets, request), (msgs) => ({ msgs })),
    commit_offsets({ offsets }, request) {
      const result = log.commit(offsets, request);
      return result instanceof Promise ? result.then(() => ({}), throwIndefinite) : {};
    },
    list_committed_offsets: ({ keys }, request) =>
      chain(log.committed(keys, request), (offsets) => ({ offsets })),
  };
}

/**
 * Replaces an error of a commit by an indefinite one. Maelstrom's client polls, advances its position,
 * and then commits. After a definite error of the commit, the checker treats the poll as one that did
 * not happen, but the client continues after it, so that an entry would seem to be skipped. After an
 * indefinite error the client starts again.
 */
function throwIndefinite(error: unknown): never {
  if (!(error instanceof RpcError)) throw error;
  throw new RpcError(ErrorCode.timeout, `the commit failed: ${error.text}`);
}
