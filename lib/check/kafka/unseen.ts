/**
 * Messages that were acknowledged and have not been polled by anyone: how many there are of each
 * key as a run goes on, and which remain at its end.
 *
 * The series holds changes only, for a run has as many operations as messages and most operations
 * touch one key of hundreds.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import { listed } from "./anomaly.ts";
import type { Completion, EntriesByKey } from "./completion.ts";
import { compareMessages } from "./message_anomalies.ts";

/** From `time` on (ns since the test began), `unseen` messages of a key wait to be polled. */
export interface UnseenChange {
  readonly time: number;
  readonly key: string;
  readonly unseen: number;
}

/** What nobody has polled when a history ends: Maelstrom's `:unseen`. */
export interface Unseen {
  /** The last successful operation's time, in ns since the test began. */
  readonly time: number;
  /** How many messages of each key, where there are any; by key. */
  readonly unseen: ReadonlyMap<string, number>;
  /** Which ones, in ascending order. */
  readonly messages: ReadonlyMap<string, readonly unknown[]>;
  readonly message: string;
}

/** The series, and what remains at the end; undefined when everything was seen. */
export interface UnseenResult {
  readonly changes: readonly UnseenChange[];
  readonly last: Unseen | undefined;
}

/** Follows the unseen messages through a history. Linear in what was sent and polled. */
export function followUnseen(completions: readonly Completion[]): UnseenResult {
  const tracker = new UnseenTracker();
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
  /** Whether the key takes part in the difference of sent and polled. */
  counted: boolean;
}

class UnseenTracker {
  readonly #states = new Map<string, KeyState>();
  readonly #changes: UnseenChange[] = [];
  #overcounted: string[] = [];
  #time = 0;

  advance(time: number, sent: EntriesByKey, polled: EntriesByKey): void {
    this.#time = time;
    const touched = new Set([...this.#overcounted, ...sent.keys(), ...polled.keys()]);
    for (const key of this.#overcounted) this.#state(key).unseen.clear();
    this.#overcounted = [];
    for (const [key, entries] of sent) {
      const state = this.#state(key);
      state.counted = true;
      for (const { message } of entries) if (!state.polled.has(message)) state.unseen.add(message);
    }
    for (const [key, entries] of polled) {
      const state = this.#state(key);
      for (const { message } of entries) {
        state.polled.add(message);
        state.unseen.delete(message);
      }
      if (!state.counted) this.#overcount(key, state);
    }
    for (const key of touched) this.#recordChange(time, key);
  }

  /**
   * Maelstrom merges the sets of sent and of polled messages by taking their difference, and a
   * merge keeps what only one side has: a key polled before any send to it was acknowledged counts
   * as unseen, until the next operation. A history that ends there is invalid to Maelstrom, and to
   * us.
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
    const left = [...this.#states].filter(([, { unseen }]) => unseen.size > 0)
      .sort(([a], [b]) => a < b ? -1 : 1);
    const changes = this.#changes;
    if (left.length === 0) return { changes, last: undefined };
    const messages = new Map(
      left.map(([key, { unseen }]) => [key, [...unseen].sort(compareMessages)]),
    );
    const parts = [...messages].map(([key, values]) =>
      `${listed(values)} of key ${describeValue(key)}`
    );
    const last = {
      time: this.#time,
      unseen: new Map(left.map(([key, { unseen }]) => [key, unseen.size])),
      messages,
      message: `acknowledged, but never polled: ${parts.slice(0, 8).join("; ")}` +
        (parts.length > 8 ? `; and of ${parts.length - 8} more keys` : ""),
    };
    return { changes, last };
  }
}
