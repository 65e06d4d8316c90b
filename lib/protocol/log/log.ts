/**
 * The logs of the kafka workload, whichever strategy implements them.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import {
  contract,
  type ContractHandlers,
  ErrorCode,
  flag,
  type IncomingRequest,
  type Json,
  RpcError,
} from "../../node/mod.ts";
import type { Entry } from "./key_log.ts";

/** A client's message and its key. */
export type Send = readonly [key: string, message: Json];

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
   * Returns each key's entries from an offset on, within the poll's limits. The entries of a key are
   * consecutive: no entry between two returned ones is left out.
   */
  poll(offsets: Readonly<Offsets>, request: ClientRequest): MaybePromise<PollResult>;
  /** Raises the committed offset of each key to at least the given one. Never lowers one. */
  commit(offsets: Readonly<Offsets>, request: ClientRequest): MaybePromise<void>;
  /** Returns the committed offsets. Keys without one are left out. */
  committed(keys: readonly string[], request: ClientRequest): MaybePromise<Offsets>;
}

/** Limits of one poll, in entries. */
export interface PollLimits {
  readonly perKey: number;
  readonly perPoll: number;
}

/** The flags of polls. */
export const pollFlags = {
  "per-key": flag.number({
    placeholder: "N",
    help: "most entries of a key in a poll",
    default: 1000,
    min: 1,
    integer: true,
  }),
  "per-poll": flag.number({
    placeholder: "N",
    help: "most entries of all keys in a poll",
    default: 50_000,
    min: 1,
    integer: true,
  }),
};

/** Calls `next` with a value: immediately, or once its promise resolves. */
export function chain<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Returns at most `maxEntries` entries of a key, from an offset on. */
export type ReadEntries = (key: string, offset: number, maxEntries: number) => readonly Entry[];

/**
 * Divides the entries that a poll may return among its keys, round-robin: each poll starts at another
 * key. A key with many entries therefore cannot starve the others.
 */
export class FairPoll {
  readonly #limits: PollLimits;
  #polls = 0;

  /** `limits` hold for each poll. */
  constructor(limits: PollLimits) {
    this.#limits = limits;
  }

  /** Reads the entries of the keys until the poll's limit is reached. */
  poll(offsets: Readonly<Offsets>, read: ReadEntries): PollResult {
    const keys = Object.keys(offsets);
    const result: [key: string, entries: Entry[]][] = [];
    const first = keys.length === 0 ? 0 : this.#polls++ % keys.length;
    let left = this.#limits.perPoll;
    for (let index = 0; index < keys.length && left > 0; index++) {
      const key = keys[(first + index) % keys.length] as string;
      const entries = read(key, offsets[key] as number, Math.min(left, this.#limits.perKey));
      if (entries.length === 0) continue;
      result.push([key, entries as Entry[]]);
      left -= entries.length;
    }
    invariant(left >= 0, "a poll returns at most its limit");
    return Object.fromEntries(result);
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
