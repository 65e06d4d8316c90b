/**
 * Unseen messages: acknowledged, but never polled. Tracks their number for each key over time, and
 * lists those that remain at the end of the history.
 *
 * The series contains only changes: there are as many operations as messages and hundreds of keys,
 * but most operations touch one key.
 *
 * @module
 */

import { compareAscending } from "../../base/mod.ts";
import type { Operation } from "../../history/mod.ts";
import { describeValue } from "../explanation.ts";
import { listValues } from "./anomaly.ts";
import type { Completion, EntriesByKey } from "./completion.ts";
import { compareMessages } from "./message_anomalies.ts";
import type { Partition, Partitions } from "./partition.ts";

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

/**
 * Returns the numbers of unseen messages over time. Takes time linear in the messages sent and polled.
 */
export function unseenChanges(completions: readonly Completion[]): readonly UnseenChange[] {
  const tracker = new UnseenTracker();
  for (const { operation, sent, polled } of completions) {
    if (isAcknowledged(operation)) tracker.advance(operation.time, sent, polled);
  }
  return tracker.changes;
}

/** Returns the unseen messages at the end of a history; undefined if there are none. */
export function unseenAtEnd(
  completions: readonly Completion[],
  partitions: Partitions,
): Unseen | undefined {
  const unseenOf = partitions.map(() => new Set<unknown>());
  const isSent = new Uint8Array(partitions.length);
  let last: Completion | undefined;
  for (const completion of completions) {
    if (!isAcknowledged(completion.operation)) continue;
    last = completion;
    for (const { id, entries } of completion.sent) {
      isSent[id] = 1;
      const { pollsOf } = partitions[id] as Partition;
      for (const [, message] of entries) {
        if (!pollsOf.get(message)?.acknowledged) unseenOf[id]?.add(message);
      }
    }
  }
  // Maelstrom overcounts here, see UnseenTracker.
  for (const { id, entries } of firstPolled(completions, last, isSent)) {
    for (const [, message] of entries) unseenOf[id]?.add(message);
  }
  const time = last?.operation.time ?? 0;
  return describeUnseen(time, partitions.map(({ key }, id) => [key, unseenOf[id] as Set<unknown>]));
}

/** Returns what the last operation polled of keys that no acknowledged one sent to or polled before. */
function firstPolled(
  completions: readonly Completion[],
  last: Completion | undefined,
  isSent: Uint8Array,
): EntriesByKey {
  const unsent = last?.polled.filter(({ id }) => isSent[id] === 0) ?? [];
  if (unsent.length === 0) return unsent;
  const before = new Set<number>();
  for (const completion of completions) {
    if (completion === last || !isAcknowledged(completion.operation)) continue;
    for (const { id } of completion.polled) before.add(id);
  }
  return unsent.filter(({ id }) => !before.has(id));
}

function describeUnseen(
  time: number,
  all: readonly (readonly [key: string, unseen: ReadonlySet<unknown>])[],
): Unseen | undefined {
  const remaining = all.filter(([, unseen]) => unseen.size > 0).sort(([a], [b]) =>
    compareAscending(a, b)
  );
  if (remaining.length === 0) return undefined;
  const messages = new Map(
    remaining.map(([key, unseen]) => [key, [...unseen].sort(compareMessages)]),
  );
  const parts = [...messages].map(([key, values]) =>
    `${listValues(values)} of key ${describeValue(key)}`
  );
  return {
    time,
    unseen: new Map(remaining.map(([key, unseen]) => [key, unseen.size])),
    messages,
    message: `acknowledged but never polled: ${parts.slice(0, 8).join("; ")}` +
      (parts.length > 8 ? `; and of ${parts.length - 8} more keys` : ""),
  };
}

function isAcknowledged({ type, f }: Operation): boolean {
  return type === "ok" && (f === "send" || f === "poll" || f === "txn");
}

interface KeyState {
  readonly unseen: Set<unknown>;
  readonly polled: Set<unknown>;
  /** Whether a send to the key or a poll of it was acknowledged before. */
  counted: boolean;
}

class UnseenTracker {
  readonly changes: UnseenChange[] = [];
  readonly #states = new Map<string, KeyState>();
  #overcounted: string[] = [];

  advance(time: number, sent: EntriesByKey, polled: EntriesByKey): void {
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
    this.changes.push({ time, key, unseen: this.#state(key).unseen.size });
  }
}
