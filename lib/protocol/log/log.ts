/**
 * What a node of the kafka workload serves, however it is done.
 *
 * @module
 */

import { flag, type Json } from "../../node/mod.ts";
import type { Entry } from "./entry_log.ts";

/** An offset for each of some keys. */
export type Offsets = { [key: string]: number };

/** Entries by key; a key without entries is not there. */
export type Polled = { [key: string]: Entry[] };

/** A value, or a promise of one: what can be answered at once is answered without a promise. */
export type Soon<T> = T | Promise<T>;

/** Logs by key. Every method may reject with an `RpcError`, which says whether it has happened. */
export interface Log {
  /** Appends a message to a key's log; gives the offset it got. */
  send(key: string, message: Json): Soon<number>;
  /**
   * For each key the entries from an offset on: as many as there is room for, and none left out
   * that lies between them.
   */
  poll(offsets: Readonly<Offsets>): Soon<Polled>;
  /** Raises the committed offset of each key to this; never lowers it. */
  commit(offsets: Readonly<Offsets>): Soon<void>;
  /** The committed offsets of those keys that have one. */
  committed(keys: readonly string[]): Soon<Offsets>;
}

/** How much one poll may return. */
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

/** Does something with a value, now or when it is there. */
export function then<T, U>(value: Soon<T>, act: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(act) : act(value);
}
