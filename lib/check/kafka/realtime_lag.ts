/**
 * How far polls lag behind: for each key of each poll, how long it had certainly been, when the poll
 * was invoked, that the last entry its process knew was no longer the last of the log.
 *
 * An operation that shows an offset at some time proves that this and every lower offset existed
 * then. So for each key it is enough to keep the moments at which the highest known offset rose, and
 * to find by bisection the first one above what a process knows (jepsen.tests.kafka keeps a time for
 * every offset, which sparse offsets make endless).
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { type Completion, type EntriesByKey, keyName, type Offset } from "./completion.ts";

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
interface Rise {
  readonly offset: Offset;
  readonly time: number;
}

/** The lag of each successful poll that knows any key, in the history's order. */
export function pollLags(completions: readonly Completion[]): PollLag[] {
  const rises = risesByKey(completions);
  const known = new Map<Operation["process"], Map<string, Offset>>();
  const lags: PollLag[] = [];
  for (const { operation, invocation, sent, polled } of completions) {
    const { type, f, process, time } = operation;
    if (type !== "ok") continue;
    if (f === "assign") known.set(process, assigned(operation.value, known.get(process)));
    if (f === "subscribe") known.set(process, new Map());
    if (f !== "poll" && f !== "txn") continue;
    const offsets = known.get(process) ?? new Map<string, Offset>();
    known.set(process, offsets);
    for (const [key, offset] of highestOffsets(sent, polled)) {
      const before = offsets.get(key);
      if (before === undefined || offset > before) offsets.set(key, offset);
    }
    const furthest = furthestBehind(offsets, rises, invocation?.time ?? time);
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

function furthestBehind(
  offsets: ReadonlyMap<string, Offset>,
  rises: ReadonlyMap<string, readonly Rise[]>,
  time: number,
): { time: number; key: string; lag: number } | undefined {
  let furthest: { time: number; key: string; lag: number } | undefined;
  for (const [key, offset] of offsets) {
    const since = firstAbove(rises.get(key) ?? [], offset);
    const lag = since === undefined ? 0 : Math.max(0, time - since);
    if (furthest === undefined || lag > furthest.lag) furthest = { time, key, lag };
  }
  return furthest;
}

function risesByKey(completions: readonly Completion[]): Map<string, Rise[]> {
  const rises = new Map<string, Rise[]>();
  for (const { operation: { type, time }, sent, polled } of completions) {
    if (type === "fail") continue;
    for (const [key, offset] of highestOffsets(sent, polled)) {
      const moments = rises.get(key) ?? [];
      rises.set(key, moments);
      const highest = moments.at(-1)?.offset ?? -1;
      if (offset > highest) moments.push({ offset, time });
    }
  }
  return rises;
}

/** The time of the first rise above an offset. */
function firstAbove(rises: readonly Rise[], offset: Offset): number | undefined {
  let [low, high] = [0, rises.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rises[middle] as Rise).offset > offset) high = middle;
    else low = middle + 1;
  }
  return rises[low]?.time;
}

/** The highest offset an operation shows of each key: at least −1 for a poll, 0 for a send. */
function highestOffsets(sent: EntriesByKey, polled: EntriesByKey): Map<string, Offset> {
  const highest = new Map<string, Offset>();
  for (const [key, entries] of polled) {
    for (const { offset } of entries) {
      if (offset !== undefined && offset > (highest.get(key) ?? -1)) highest.set(key, offset);
    }
    if (!highest.has(key)) highest.set(key, -1);
  }
  for (const [key, entries] of sent) {
    for (const { offset } of entries) {
      if (offset === undefined) continue;
      if (!highest.has(key)) highest.set(key, 0);
      if (offset > (highest.get(key) ?? 0)) highest.set(key, offset);
    }
  }
  return highest;
}

/** What a process knows after an assignment: of the logs it keeps what it knew, of others nothing. */
function assigned(
  keys: unknown,
  before: ReadonlyMap<string, Offset> | undefined,
): Map<string, Offset> {
  const names = Array.isArray(keys) ? keys.map(keyName) : [];
  return new Map(names.map((key) => [key, before?.get(key) ?? -1]));
}
