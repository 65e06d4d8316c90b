/**
 * The partitions that a history reveals: the senders and pollers of each message, and its offsets.
 *
 * Offsets may be sparse. A log is therefore the ascending list of the offsets that occur in the
 * history, and an *index* is a position in this list. Invariant: memory is proportional to the
 * operations, never to the offsets.
 *
 * The rules are those of jepsen.tests.kafka (`version-orders` and the indexes derived from it).
 *
 * @module
 */

import { append, type Completion, type Entry, type Offset } from "./completion.ts";
import { hashSetOrder } from "./hash_set_order.ts";

/** An offset of a log and its messages: more than one if offsets are inconsistent. */
export interface Slot {
  readonly offset: Offset;
  readonly messages: readonly unknown[];
}

/** A log as inferred from the history. */
export interface Log {
  /** The offsets with a message, ascending. Negative offsets are ignored. */
  readonly slots: readonly Slot[];
  /** The message at each index: the one that Maelstrom chooses, if there are several. */
  readonly byIndex: readonly unknown[];
  /** The last index in `byIndex` of each message. */
  readonly indexOf: ReadonlyMap<unknown, number>;
  /** The first index of each message in `slots`. */
  readonly firstIndexOf: ReadonlyMap<unknown, number>;
}

/** The facts about one key. */
export interface Partition {
  readonly key: string;
  readonly log: Log;
  /** The last completion that sent each message or tried to. */
  readonly senderOf: ReadonlyMap<unknown, Completion>;
  /** The completions that polled each message, in the history's order. */
  readonly pollersOf: ReadonlyMap<unknown, readonly Completion[]>;
  /** The messages that an ok operation polled. */
  readonly acknowledgedPolls: ReadonlySet<unknown>;
  /** Whether an ok poll listed the key, even without entries. */
  readonly listed: boolean;
  /** The messages of failed sends, which did not and will not take effect. */
  readonly failedSends: ReadonlySet<unknown>;
}

/** Partitions by key, in the order of their first occurrence. */
export type Partitions = ReadonlyMap<string, Partition>;

interface PartialPartition {
  /** The distinct messages of each offset: nearly always one. */
  readonly offsets: Map<Offset, unknown[]>;
  readonly senderOf: Map<unknown, Completion>;
  readonly pollersOf: Map<unknown, Completion[]>;
  readonly acknowledgedPolls: Set<unknown>;
  readonly failedSends: Set<unknown>;
  listed: boolean;
}

/** Infers the partitions of a history. */
export function inferPartitions(completions: readonly Completion[]): Partitions {
  const partials = new Map<string, PartialPartition>();
  for (const completion of completions) {
    for (const [key, entries] of completion.sent) {
      recordSends(partialOf(partials, key), completion, entries);
    }
    for (const [key, entries] of completion.polled) {
      recordPolls(partialOf(partials, key), completion, entries);
    }
  }
  const pollsOf = (key: string) => partialOf(partials, key).acknowledgedPolls;
  for (const completion of completions) {
    recordOffsets(partials, completion.polled);
    if (hasCommitted(completion, pollsOf)) recordOffsets(partials, completion.sent);
  }
  const partitions = new Map<string, Partition>();
  for (const [key, { offsets, ...partial }] of partials) {
    partitions.set(key, { key, log: logOf(offsets), ...partial });
  }
  return partitions;
}

/**
 * Whether an operation must have committed: it is ok, or it is `info` and an ok poll read a send of
 * it.
 */
export function mustHaveCommitted(completion: Completion, partitions: Partitions): boolean {
  return hasCommitted(completion, (key) => partitions.get(key)?.acknowledgedPolls);
}

/**
 * Returns the highest first index of the messages that ok operations polled; −1 if none has an
 * index.
 */
export function highestPolledIndex({ log, acknowledgedPolls }: Partition): number {
  let max = -1;
  for (const message of acknowledgedPolls) {
    max = Math.max(max, log.firstIndexOf.get(message) ?? -1);
  }
  return max;
}

function hasCommitted(
  { operation, sent }: Completion,
  acknowledgedPolls: (key: string) => ReadonlySet<unknown> | undefined,
): boolean {
  if (operation.type === "ok") return true;
  if (operation.type !== "info") return false;
  for (const [key, entries] of sent) {
    const polled = acknowledgedPolls(key);
    if (entries.some(([, message]) => polled?.has(message))) return true;
  }
  return false;
}

function partialOf(partials: Map<string, PartialPartition>, key: string): PartialPartition {
  let partial = partials.get(key);
  if (partial === undefined) {
    partial = {
      offsets: new Map(),
      senderOf: new Map(),
      pollersOf: new Map(),
      acknowledgedPolls: new Set(),
      failedSends: new Set(),
      listed: false,
    };
    partials.set(key, partial);
  }
  return partial;
}

function recordSends(
  partial: PartialPartition,
  completion: Completion,
  entries: readonly Entry[],
): void {
  const failed = completion.operation.type === "fail";
  for (const [, message] of entries) {
    partial.senderOf.set(message, completion);
    if (failed) partial.failedSends.add(message);
  }
}

function recordPolls(
  partial: PartialPartition,
  completion: Completion,
  entries: readonly Entry[],
): void {
  const acknowledged = completion.operation.type === "ok";
  if (acknowledged) partial.listed = true;
  for (const entry of entries) {
    const message = entry[1];
    append(partial.pollersOf, message, completion);
    if (acknowledged) partial.acknowledgedPolls.add(message);
  }
}

function recordOffsets(
  partials: Map<string, PartialPartition>,
  entriesByKey: Completion["sent"],
): void {
  for (const [key, entries] of entriesByKey) {
    const { offsets } = partialOf(partials, key);
    for (const entry of entries) {
      const offset = entry[0];
      const message = entry[1];
      if (offset === undefined) continue;
      const messages = offsets.get(offset);
      if (messages === undefined) offsets.set(offset, [message]);
      else if (messages[0] !== message && !messages.includes(message)) messages.push(message);
    }
  }
}

function logOf(offsets: ReadonlyMap<Offset, readonly unknown[]>): Log {
  const slots = [...offsets]
    .filter(([offset]) => offset >= 0)
    .sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
    .map(([offset, messages]) => ({ offset, messages: hashSetOrder(messages) }));
  const byIndex = slots.map(({ messages }) => messages[0]);
  const firstIndexOf = new Map<unknown, number>();
  slots.forEach(({ messages }, index) => {
    for (const message of messages) {
      if (!firstIndexOf.has(message)) firstIndexOf.set(message, index);
    }
  });
  const indexOf = new Map(byIndex.map((message, index) => [message, index]));
  return { slots, byIndex, indexOf, firstIndexOf };
}
