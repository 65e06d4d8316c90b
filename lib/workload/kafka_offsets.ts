/**
 * Offsets by key: what operations of the kafka workload sent and polled. Generators follow with
 * them what there is to be seen, and clients where to poll next.
 *
 * @module
 */

import type { Operation } from "../history/mod.ts";

/** A message of a log and the place where it is. */
export type OffsetMessage = readonly [offset: number, message: unknown];

/** Messages by key, each with its offset. */
export type PolledMessages = Readonly<Record<string, readonly OffsetMessage[] | null>>;

/** An offset for each of some keys. */
export type Offsets = Map<string, number>;

/** The highest offset that was sent to each key by an operation that succeeded. */
export function sentOffsets(operation: Operation): Offsets {
  const offsets: Offsets = new Map();
  if (operation.type !== "ok" || operation.f !== "send") return offsets;
  for (const [, key, sent] of operation.value as ["send", string, OffsetMessage][]) {
    raise(offsets, key, sent[0]);
  }
  return offsets;
}

/** The highest offset that was polled of each key by an operation that succeeded; −1 for none. */
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

/** The highest offset among messages; −1 when there is none. */
export function highestOffset(pairs: readonly OffsetMessage[] | null): number {
  let highest = -1;
  for (const [offset] of pairs ?? []) highest = Math.max(highest, offset);
  return highest;
}

/** Sets a key's offset, unless it is at least as high already. */
export function raise(offsets: Offsets, key: string, offset: number): void {
  const current = offsets.get(key);
  if (current === undefined || current < offset) offsets.set(key, offset);
}

/** Keys in the order of their numbers; those that are no numbers come last. */
export function sortedKeys(keys: Iterable<string>): string[] {
  const rank = (key: string) => /^[0-9]+$/.test(key) ? Number(key) : Infinity;
  return [...keys].sort((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    return first === second ? (a < b ? -1 : 1) : first - second;
  });
}
