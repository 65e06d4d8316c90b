/**
 * The realtime lag of polls. At a poll's invocation, its process has a position in each key's log:
 * the highest offset it has sent or polled. The lag is the time since the log certainly had a
 * higher offset.
 *
 * An operation with an offset proves that this and every lower offset existed at its completion. So
 * the times at which a key's highest known offset increased are sufficient. The checker finds the first
 * time after a position by a binary search. jepsen.tests.kafka stores a time for every offset, which
 * takes too much memory when a log has large gaps between its offsets.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { type Completion, type KeyEntries, keyName, type Offset } from "./completion.ts";

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
  const logs = logsOf(completions);
  const positions = new Map<Operation["process"], Position>();
  const lags: PollLag[] = [];
  for (const completion of completions) {
    const { operation, invocation, sent, polled } = completion;
    const { type, f, process, time } = operation;
    if (type !== "ok") continue;
    let position = positions.get(process);
    if (position === undefined) positions.set(process, position = new Position(logs));
    if (f === "assign" && Array.isArray(operation.value)) {
      position.retain(operation.value.map(keyName));
    }
    if (f === "subscribe") position.retain([]);
    if (f !== "poll" && f !== "txn") continue;
    for (const { id, highest } of polled) position.advance(id, atLeast(highest, -1));
    for (const { id, highest } of sent) {
      if (highest !== undefined) position.advance(id, atLeast(highest, 0));
    }
    const lag = position.maxLag(process, invocation?.time ?? time);
    if (lag !== undefined) lags.push(lag);
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
  /** The index of the first increase above this offset. */
  next: number;
}

/**
 * A process's positions. A key at the log's final entry cannot lag any more; only the other keys,
 * usually few, are checked.
 */
class Position {
  readonly #logs: Logs;
  /** By the numbers of the keys. */
  #positions: (KeyPosition | undefined)[] = [];
  readonly #behind = new Set<KeyPosition>();
  /** The key that got a position first. */
  #firstKey: string | undefined;

  constructor(logs: Logs) {
    this.#logs = logs;
  }

  /** Drops all keys except these; a new key starts at −1. */
  retain(keys: readonly string[]): void {
    const before = this.#positions;
    this.#positions = [];
    this.#behind.clear();
    this.#firstKey = keys[0];
    for (const key of keys) {
      const id = this.#logs.idOf.get(key);
      if (id !== undefined) this.advance(id, before[id]?.offset ?? -1);
    }
  }

  advance(id: number, offset: Offset): void {
    const position = this.#positions[id];
    if (position === undefined) this.#add(id, offset);
    else if (offset > position.offset) {
      position.offset = offset;
      if (!toNextIncrease(position)) this.#behind.delete(position);
    }
  }

  #add(id: number, offset: Offset): void {
    const { key, increases } = this.#logs.byId[id] as Log;
    const position = { key, increases, offset, next: 0 };
    this.#positions[id] = position;
    this.#firstKey ??= key;
    if (toNextIncrease(position)) this.#behind.add(position);
  }

  maxLag(process: Operation["process"], time: number): PollLag | undefined {
    if (this.#firstKey === undefined) return undefined;
    let key = this.#firstKey;
    let max = 0;
    for (const position of this.#behind) {
      const lag = time - (position.increases[position.next] as OffsetIncrease).time;
      if (lag <= max) continue;
      max = lag;
      key = position.key;
    }
    return { time, key, lag: max, process };
  }
}

/** Moves a position to the first increase above its offset. Returns whether there is one. */
function toNextIncrease(position: KeyPosition): boolean {
  const { increases, offset } = position;
  while ((increases[position.next]?.offset ?? Infinity) <= offset) position.next++;
  return position.next < increases.length;
}

/** A log that was sent to or polled: its key, and the increases of its highest known offset. */
interface Log {
  readonly key: string;
  readonly increases: OffsetIncrease[];
}

/** All logs by the numbers of their keys, and these numbers. */
interface Logs {
  readonly byId: readonly Log[];
  readonly idOf: ReadonlyMap<string, number>;
}

function logsOf(completions: readonly Completion[]): Logs {
  const byId: Log[] = [];
  for (const { operation: { type, time }, sent, polled } of completions) {
    const isEffective = type !== "fail";
    for (const part of polled) {
      const { increases } = logOf(byId, part);
      if (isEffective) addIncrease(increases, atLeast(part.highest, -1), time);
    }
    for (const part of sent) {
      const { increases } = logOf(byId, part);
      if (!isEffective || part.highest === undefined) continue;
      addIncrease(increases, atLeast(part.highest, 0), time);
    }
  }
  return { byId, idOf: new Map(byId.map(({ key }, id) => [key, id])) };
}

function logOf(byId: Log[], { key, id }: KeyEntries): Log {
  return byId[id] ??= { key, increases: [] };
}

function addIncrease(increases: OffsetIncrease[], offset: Offset, time: number): void {
  if (offset > (increases.at(-1)?.offset ?? -1)) increases.push({ offset, time });
}

/** Returns an offset; `min` if it is lower or undefined. */
function atLeast(offset: Offset | undefined, min: Offset): Offset {
  return offset !== undefined && offset > min ? offset : min;
}
