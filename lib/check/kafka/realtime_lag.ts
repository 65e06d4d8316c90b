/**
 * The realtime lag of polls. At a poll's invocation, its process has a position in each key's log:
 * the highest offset it has sent or polled. The lag is the time since the log certainly had a
 * higher offset.
 *
 * An operation with an offset proves that this and every lower offset existed at its completion. So
 * the times at which a key's highest known offset increased are sufficient. Bisection finds the
 * first increase above a process's position. (jepsen.tests.kafka stores a time for every offset,
 * which is infeasible for sparse offsets.)
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { type Completion, type Entry, keyName, type Offset } from "./completion.ts";

/** The maximum lag of a poll, and the first key that has it. */
export interface PollLag {
  /** The time of the poll's invocation, in ns since the start of the test. */
  readonly time: number;
  readonly process: Operation["process"];
  readonly key: string;
  /** In ns; not negative. */
  readonly lag: number;
}

/** An increase of a key's highest known offset. In a list, both fields ascend. */
interface OffsetIncrease {
  readonly offset: Offset;
  readonly time: number;
}

/** Returns the lag of each ok poll whose process has a position, in the history's order. */
export function pollLags(completions: readonly Completion[]): PollLag[] {
  const increases = increasesByKey(completions);
  const positions = new Map<Operation["process"], Position>();
  const lags: PollLag[] = [];
  for (const completion of completions) {
    const { operation, invocation } = completion;
    const { type, f, process, time } = operation;
    if (type !== "ok") continue;
    const position = positions.get(process) ?? new Position(increases);
    positions.set(process, position);
    if (f === "assign" && Array.isArray(operation.value)) {
      position.retain(operation.value.map(keyName));
    }
    if (f === "subscribe") position.retain([]);
    if (f !== "poll" && f !== "txn") continue;
    visitHighest(completion, (key, offset) => position.advance(key, offset));
    const lag = position.maxLag(invocation?.time ?? time);
    if (lag !== undefined) lags.push({ ...lag, process });
  }
  return lags;
}

/** Returns the first of the polls with the maximum lag; undefined without polls. */
export function worstLag(lags: readonly PollLag[]): PollLag | undefined {
  let worst: PollLag | undefined;
  for (const lag of lags) if (worst === undefined || lag.lag > worst.lag) worst = lag;
  return worst;
}

/**
 * A process's position: its highest known offset of each key, or −1. A key at the log's final entry
 * cannot lag any more; only the other keys, usually few, are checked.
 */
class Position {
  readonly #increases: ReadonlyMap<string, readonly OffsetIncrease[]>;
  #offsets = new Map<string, Offset>();
  #behind = new Set<string>();

  constructor(increases: ReadonlyMap<string, readonly OffsetIncrease[]>) {
    this.#increases = increases;
  }

  /** Drops all keys except these; a new key starts at −1. */
  retain(keys: readonly string[]): void {
    const before = this.#offsets;
    this.#offsets = new Map();
    this.#behind = new Set();
    for (const key of keys) this.advance(key, before.get(key) ?? -1);
  }

  advance(key: string, offset: Offset): void {
    const before = this.#offsets.get(key);
    const highest = before === undefined || offset > before ? offset : before;
    this.#offsets.set(key, highest);
    const last = this.#increases.get(key)?.at(-1)?.offset ?? -1;
    if (last > highest) this.#behind.add(key);
    else this.#behind.delete(key);
  }

  maxLag(time: number): { time: number; key: string; lag: number } | undefined {
    const [first] = this.#offsets.keys();
    if (first === undefined) return undefined;
    let max = { time, key: first, lag: 0 };
    for (const key of this.#behind) {
      const since = firstAbove(this.#increases.get(key) ?? [], this.#offsets.get(key) ?? -1);
      const lag = time - (since ?? time);
      if (lag > max.lag) max = { time, key, lag };
    }
    return max;
  }
}

function increasesByKey(completions: readonly Completion[]): Map<string, OffsetIncrease[]> {
  const increases = new Map<string, OffsetIncrease[]>();
  for (const completion of completions) {
    const { type, time } = completion.operation;
    if (type === "fail") continue;
    visitHighest(completion, (key, offset) => {
      const list = increases.get(key) ?? [];
      increases.set(key, list);
      if (offset > (list.at(-1)?.offset ?? -1)) list.push({ offset, time });
    });
  }
  return increases;
}

/** Returns the time of the first increase above an offset. */
function firstAbove(increases: readonly OffsetIncrease[], offset: Offset): number | undefined {
  let [low, high] = [0, increases.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((increases[middle] as OffsetIncrease).offset > offset) high = middle;
    else low = middle + 1;
  }
  return increases[low]?.time;
}

/** Visits the highest offset of each key: at least −1 for a poll, 0 for a send. */
function visitHighest(
  { sent, polled }: Completion,
  visit: (key: string, offset: Offset) => void,
): void {
  for (const [key, entries] of polled) visit(key, highestOf(entries, -1));
  for (const [key, entries] of sent) {
    if (entries.some(([offset]) => offset !== undefined)) visit(key, highestOf(entries, 0));
  }
}

function highestOf(entries: readonly Entry[], min: Offset): Offset {
  let highest = min;
  for (const entry of entries) {
    const offset = entry[0];
    if (offset !== undefined && offset > highest) highest = offset;
  }
  return highest;
}
