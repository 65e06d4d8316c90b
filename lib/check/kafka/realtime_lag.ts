/**
 * How far polls lag behind: for each key of each poll, how long it had certainly been, when the
 * poll was invoked, that the last entry its process knew was no longer the last of the log.
 *
 * An operation that shows an offset at some time proves that this and every lower offset existed
 * then. So for each key it is enough to keep the moments at which the highest known offset rose,
 * and to find by bisection the first one above what a process knows (jepsen.tests.kafka keeps a
 * time for every offset, which sparse offsets make endless).
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { type Completion, type Entry, keyName, type Offset } from "./completion.ts";

/** The key that a poll lags behind furthest; the first of them, where several do. */
export interface PollLag {
  /** When the poll was invoked, in ns since the test began. */
  readonly time: number;
  readonly process: Operation["process"];
  readonly key: string;
  /** In ns, from 0. */
  readonly lag: number;
}

/** Moments at which the highest known offset of a key rose; both ascend. */
interface OffsetIncrease {
  readonly offset: Offset;
  readonly time: number;
}

/** The lag of each successful poll that knows any key, in the history's order. */
export function pollLags(completions: readonly Completion[]): PollLag[] {
  const rises = increasesByKey(completions);
  const positions = new Map<Operation["process"], Position>();
  const lags: PollLag[] = [];
  for (const completion of completions) {
    const { operation, invocation } = completion;
    const { type, f, process, time } = operation;
    if (type !== "ok") continue;
    const position = positions.get(process) ?? new Position(rises);
    positions.set(process, position);
    if (f === "assign" && Array.isArray(operation.value)) {
      position.retain(operation.value.map(keyName));
    }
    if (f === "subscribe") position.retain([]);
    if (f !== "poll" && f !== "txn") continue;
    visitHighest(completion, (key, offset) => position.advance(key, offset));
    const furthest = position.maxLag(invocation?.time ?? time);
    if (furthest !== undefined) lags.push({ ...furthest, process });
  }
  return lags;
}

/** The first of the polls with the highest lag; undefined when there is no poll. */
export function worstLag(lags: readonly PollLag[]): PollLag | undefined {
  let worst: PollLag | undefined;
  for (const lag of lags) if (worst === undefined || lag.lag > worst.lag) worst = lag;
  return worst;
}

/**
 * The highest offset of each key that a process knows, −1 for nothing yet. Keys whose last entry of
 * all it knows can never lag again; they are most of them, and are not looked at.
 */
class Position {
  readonly #increases: ReadonlyMap<string, readonly OffsetIncrease[]>;
  #offsets = new Map<string, Offset>();
  #behind = new Set<string>();

  constructor(rises: ReadonlyMap<string, readonly OffsetIncrease[]>) {
    this.#increases = rises;
  }

  /** Forgets all keys but these, of which nothing is known where nothing was. */
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
    let furthest = { time, key: first, lag: 0 };
    for (const key of this.#behind) {
      const since = firstAbove(this.#increases.get(key) ?? [], this.#offsets.get(key) ?? -1);
      const lag = time - (since ?? time);
      if (lag > furthest.lag) furthest = { time, key, lag };
    }
    return furthest;
  }
}

function increasesByKey(completions: readonly Completion[]): Map<string, OffsetIncrease[]> {
  const rises = new Map<string, OffsetIncrease[]>();
  for (const completion of completions) {
    const { type, time } = completion.operation;
    if (type === "fail") continue;
    visitHighest(completion, (key, offset) => {
      const moments = rises.get(key) ?? [];
      rises.set(key, moments);
      if (offset > (moments.at(-1)?.offset ?? -1)) moments.push({ offset, time });
    });
  }
  return rises;
}

/** The time of the first rise above an offset. */
function firstAbove(rises: readonly OffsetIncrease[], offset: Offset): number | undefined {
  let [low, high] = [0, rises.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rises[middle] as OffsetIncrease).offset > offset) high = middle;
    else low = middle + 1;
  }
  return rises[low]?.time;
}

/** Visits the highest offset that each list shows: at least −1 for a poll, 0 for a send. */
function visitHighest(
  { sent, polled }: Completion,
  visit: (key: string, offset: Offset) => void,
): void {
  for (const [key, entries] of polled) visit(key, highestOf(entries, -1));
  for (const [key, entries] of sent) {
    if (entries.some(({ offset }) => offset !== undefined)) visit(key, highestOf(entries, 0));
  }
}

function highestOf(entries: readonly Entry[], least: Offset): Offset {
  let highest = least;
  for (const { offset } of entries) {
    if (offset !== undefined && offset > highest) highest = offset;
  }
  return highest;
}
