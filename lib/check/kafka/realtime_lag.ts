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
import { type Completion, keyName, type Offset } from "./completion.ts";

/** The maximum lag of a poll, and the first key that has it. */
export interface PollLag {
  /** The time of the poll's invocation, in ns since the start of the test. */
  readonly time: number;
  /** The process that polled. */
  readonly process: Operation["process"];
  /** The key that it polled. */
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

/** A process's position in the log of a key. */
interface KeyPosition {
  readonly key: string;
  readonly increases: readonly OffsetIncrease[];
  /** The highest offset that the process knows, or −1. */
  offset: Offset;
}

/**
 * A process's positions. A key at the log's final entry cannot lag any more; only the other keys,
 * usually few, are checked.
 */
class Position {
  readonly #increases: ReadonlyMap<string, readonly OffsetIncrease[]>;
  #keys = new Map<string, KeyPosition>();
  #behind = new Set<KeyPosition>();

  constructor(increases: ReadonlyMap<string, readonly OffsetIncrease[]>) {
    this.#increases = increases;
  }

  /** Drops all keys except these; a new key starts at −1. */
  retain(keys: readonly string[]): void {
    const before = this.#keys;
    this.#keys = new Map();
    this.#behind = new Set();
    for (const key of keys) this.advance(key, before.get(key)?.offset ?? -1);
  }

  advance(key: string, offset: Offset): void {
    let position = this.#keys.get(key);
    if (position === undefined) {
      position = { key, increases: this.#increases.get(key) ?? [], offset };
      this.#keys.set(key, position);
    } else if (offset > position.offset) position.offset = offset;
    const { increases } = position;
    const last = increases[increases.length - 1];
    if (last !== undefined && last.offset > position.offset) this.#behind.add(position);
    else this.#behind.delete(position);
  }

  maxLag(time: number): { time: number; key: string; lag: number } | undefined {
    const [first] = this.#keys.keys();
    if (first === undefined) return undefined;
    let max = { time, key: first, lag: 0 };
    for (const { key, increases, offset } of this.#behind) {
      const lag = time - (firstAbove(increases, offset) ?? time);
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
      let list = increases.get(key);
      if (list === undefined) increases.set(key, list = []);
      if (offset > (list[list.length - 1]?.offset ?? -1)) list.push({ offset, time });
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
  for (const { key, highest } of polled) visit(key, atLeast(highest, -1));
  for (const { key, highest } of sent) if (highest !== undefined) visit(key, atLeast(highest, 0));
}

function atLeast(offset: Offset | undefined, min: Offset): Offset {
  return offset !== undefined && offset > min ? offset : min;
}
