/**
 * Unseen messages: acknowledged, but never polled. Tracks their number for each key over time, and
 * lists those that remain at the end of the history.
 *
 * The series contains only changes: there are as many operations as messages and hundreds of keys,
 * but most operations touch one key.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import { listValues } from "./anomaly.ts";
import type { Completion, EntriesByKey } from "./completion.ts";
import { compareMessages } from "./message_anomalies.ts";

/** The number of unseen messages of a key from `time` on (ns since the start of the test). */
export interface UnseenChange {
  /** The time in nanoseconds since the test began. */
  readonly time: number;
  /** The key of the log. */
  readonly key: string;
  /** The number of acknowledged messages that no poll has returned so far. */
  readonly unseen: number;
}

/** The unseen messages at the end of a history: Maelstrom's `:unseen`. */
export interface Unseen {
  /** The time of the last ok operation, in ns since the start of the test. */
  readonly time: number;
  /** The number of messages by key, for keys that have any. */
  readonly unseen: ReadonlyMap<string, number>;
  /** The messages by key, in ascending order. */
  readonly messages: ReadonlyMap<string, readonly unknown[]>;
  /** What the change means, in words. */
  readonly message: string;
}

/** The series and the unseen messages at the end; undefined if there are none. */
export interface UnseenResult {
  readonly changes: readonly UnseenChange[];
  readonly last: Unseen | undefined;
}

/** Tracks the unseen messages of a history. Takes time linear in the messages sent and polled. */
export function followUnseen(completions: readonly Completion[]): UnseenResult {
  return follow(completions, new UnseenTracker(true));
}

/** Returns the unseen messages at the end of a history, without the series. */
export function unseenAtEnd(completions: readonly Completion[]): Unseen | undefined {
  return follow(completions, new UnseenTracker(false)).last;
}

function follow(completions: readonly Completion[], tracker: UnseenTracker): UnseenResult {
  for (const { operation, sent, polled } of completions) {
    const { type, f, time } = operation;
    if (type !== "ok" || (f !== "send" && f !== "poll" && f !== "txn")) continue;
    tracker.advance(time, sent, polled);
  }
  return tracker.result();
}

interface KeyState {
  readonly unseen: Set<unknown>;
  readonly polled: Set<unknown>;
  /** Whether a send to the key or a poll of it was acknowledged before. */
  counted: boolean;
}

class UnseenTracker {
  readonly #states = new Map<string, KeyState>();
  readonly #changes: UnseenChange[] = [];
  readonly #recordsChanges: boolean;
  #overcounted: string[] = [];
  #time = 0;

  constructor(recordsChanges: boolean) {
    this.#recordsChanges = recordsChanges;
  }

  advance(time: number, sent: EntriesByKey, polled: EntriesByKey): void {
    this.#time = time;
    const before = this.#overcounted;
    for (const key of before) this.#state(key).unseen.clear();
    this.#overcounted = [];
    for (const { key, entries } of sent) {
      const state = this.#state(key);
      state.counted = true;
      for (const [, message] of entries) if (!state.polled.has(message)) state.unseen.add(message);
    }
    for (const { key, entries } of polled) {
      const state = this.#state(key);
      for (const entry of entries) {
        const message = entry[1];
        const count = state.polled.size;
        state.polled.add(message);
        if (state.polled.size > count) state.unseen.delete(message);
      }
      if (!state.counted) this.#overcount(key, state);
    }
    if (!this.#recordsChanges) return;
    const touched = new Set([
      ...before,
      ...sent.map(({ key }) => key),
      ...polled.map(({ key }) => key),
    ]);
    for (const key of touched) this.#recordChange(time, key);
  }

  /**
   * Reproduces Maelstrom's overcount. Maelstrom merges the maps of sent and of polled messages with
   * set difference, and this merge keeps a key that only one map has. So the messages of a key that
   * was polled before any send to it was acknowledged count as unseen until the next operation. A
   * history that ends there is invalid for Maelstrom, and here.
   */
  #overcount(key: string, state: KeyState): void {
    state.counted = true;
    for (const message of state.polled) state.unseen.add(message);
    this.#overcounted.push(key);
  }

  #state(key: string): KeyState {
    let state = this.#states.get(key);
    if (state === undefined) {
      state = { unseen: new Set(), polled: new Set(), counted: false };
      this.#states.set(key, state);
    }
    return state;
  }

  #recordChange(time: number, key: string): void {
    this.#changes.push({ time, key, unseen: this.#state(key).unseen.size });
  }

  result(): UnseenResult {
    const remaining = [...this.#states].filter(([, { unseen }]) => unseen.size > 0)
      .sort(([a], [b]) => a < b ? -1 : 1);
    const changes = this.#changes;
    if (remaining.length === 0) return { changes, last: undefined };
    const messages = new Map(
      remaining.map(([key, { unseen }]) => [key, [...unseen].sort(compareMessages)]),
    );
    const parts = [...messages].map(([key, values]) =>
      `${listValues(values)} of key ${describeValue(key)}`
    );
    const last = {
      time: this.#time,
      unseen: new Map(remaining.map(([key, { unseen }]) => [key, unseen.size])),
      messages,
      message: `acknowledged but never polled: ${parts.slice(0, 8).join("; ")}` +
        (parts.length > 8 ? `; and of ${parts.length - 8} more keys` : ""),
    };
    return { changes, last };
  }
}
