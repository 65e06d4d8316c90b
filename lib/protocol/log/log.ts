/**
 * The logs of the kafka workload, whichever strategy implements them.
 *
 * @module
 */

import { flag, type IncomingRequest, type Json } from "../../node/mod.ts";
import type { Entry } from "./entry_log.ts";

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
