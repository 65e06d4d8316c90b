/**
 * Offsets by key, from the sends and polls of a kafka history. Generators derive from them which
 * messages are still unseen, and clients where to poll next.
 *
 * @module
 */

import { compareAscending } from "../base/mod.ts";
import type { Operation } from "../history/mod.ts";

/** A message of a log and its offset. */
export type OffsetMessage = readonly [offset: number, message: unknown];

/** Messages by key, each with its offset. */
export type PolledMessages = Readonly<Record<string, readonly OffsetMessage[] | null>>;

/** Offsets by key. */
export type Offsets = Map<string, number>;

/** Returns the highest offset that a successful operation sent to each key. */
export function sentOffsets(operation: Operation): Offsets {
  const offsets: Offsets = new Map();
  if (operation.type !== "ok" || operation.f !== "send") return offsets;
  for (const [, key, sent] of operation.value as ["send", string, OffsetMessage][]) {
    raise(offsets, key, sent[0]);
  }
  return offsets;
}

/** Returns the highest offset that a successful operation polled of each key; −1 for none. */
export function polledOffsets(operation: Operation): Offsets {
  const offsets: Offsets = new Map();
  if (operation.type !== "ok" || operation.f !== "poll") return offsets;
  for (const [, messages] of operation.value as ["poll", PolledMessages][]) {
    for (const [key, pairs] of Object.entries(messages)) {
      raise(offsets, key, highestOffset(pairs));
    }
  }
  return offsets;
}

/** Returns the highest offset of some messages; −1 without messages. */
export function highestOffset(pairs: readonly OffsetMessage[] | null): number {
  let highest = -1;
  for (const [offset] of pairs ?? []) highest = Math.max(highest, offset);
  return highest;
}

/** Raises a key's offset to at least the given offset. */
export function raise(offsets: Offsets, key: string, offset: number): void {
  const current = offsets.get(key);
  if (current === undefined || current < offset) offsets.set(key, offset);
}

/** Sorts keys by their numbers. Keys that are not numbers come last. */
export function sortedKeys(keys: Iterable<string>): string[] {
  const rank = (key: string) => /^[0-9]+$/.test(key) ? Number(key) : Infinity;
  return [...keys].sort((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    return first === second ? compareAscending(a, b) : first - second;
  });
}
