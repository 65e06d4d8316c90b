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

import type { Completion, Entry, Offset } from "./completion.ts";
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

/** The polls of one message. */
export interface MessagePolls {
  /** The first completion that polled the message, and the number of all that did. */
  readonly first: Completion;
  readonly count: number;
  /** Whether other completions than the first polled it. */
  readonly byOthers: boolean;
  /** The lowest index of these completions in the history. */
  readonly minIndex: number;
  /** Whether an ok operation polled it. */
  readonly acknowledged: boolean;
}

/** The facts about one key. */
export interface Partition {
  readonly key: string;
  readonly log: Log;
  /** The last completion that sent each message or tried to. */
  readonly senderOf: ReadonlyMap<unknown, Completion>;
  /** The polls of each message that was polled. */
  readonly pollsOf: ReadonlyMap<unknown, MessagePolls>;
  /** Whether an ok poll listed the key, even without entries. */
  readonly listed: boolean;
  /** The messages of failed sends, which did not and will not take effect. */
  readonly failedSends: ReadonlySet<unknown>;
}

/** Partitions by key, in the order of their first occurrence. */
export type Partitions = ReadonlyMap<string, Partition>;

interface PartialPolls {
  readonly first: Completion;
  count: number;
  byOthers: boolean;
  minIndex: number;
  acknowledged: boolean;
  /** The offset at which the message was polled last, which is recorded already. */
  offset: Offset | undefined;
}

interface PartialPartition {
  /** The distinct messages of each offset: nearly always one. */
  readonly offsets: Map<Offset, unknown[]>;
  readonly senderOf: Map<unknown, Completion>;
  readonly pollsOf: Map<unknown, PartialPolls>;
  readonly failedSends: Set<unknown>;
  listed: boolean;
}

/** Infers the partitions of a history. */
export function inferPartitions(completions: readonly Completion[]): Partitions {
  const partials = new Map<string, PartialPartition>();
  for (const completion of completions) {
    for (const { key, entries } of completion.sent) {
      recordSends(partialOf(partials, key), completion, entries);
    }
    for (const { key, entries } of completion.polled) {
      recordPolls(partialOf(partials, key), completion, entries);
    }
  }
  // Only now it is known which indeterminate sends were polled.
  for (const completion of completions) {
    if (!hasCommitted(completion, (key) => partials.get(key))) continue;
    for (const { key, entries } of completion.sent) {
      const { offsets } = partialOf(partials, key);
      for (const [offset, message] of entries) recordOffset(offsets, offset, message);
    }
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
  return hasCommitted(completion, (key) => partitions.get(key));
}

/**
 * Returns the highest first index of the messages that ok operations polled; −1 if none has an
 * index.
 */
export function highestPolledIndex({ log, pollsOf }: Partition): number {
  let max = -1;
  for (const [message, { acknowledged }] of pollsOf) {
    if (acknowledged) max = Math.max(max, log.firstIndexOf.get(message) ?? -1);
  }
  return max;
}

function hasCommitted(
  { operation, sent }: Completion,
  partitionOf: (key: string) => Pick<Partition, "pollsOf"> | undefined,
): boolean {
  if (operation.type === "ok") return true;
  if (operation.type !== "info") return false;
  for (const { key, entries } of sent) {
    const polls = partitionOf(key)?.pollsOf;
    if (entries.some(([, message]) => polls?.get(message)?.acknowledged)) return true;
  }
  return false;
}

function partialOf(partials: Map<string, PartialPartition>, key: string): PartialPartition {
  let partial = partials.get(key);
  if (partial === undefined) {
    partial = {
      offsets: new Map(),
      senderOf: new Map(),
      pollsOf: new Map(),
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
  const { type, index } = completion.operation;
  const acknowledged = type === "ok";
  if (acknowledged) partial.listed = true;
  for (const entry of entries) {
    const offset = entry[0];
    const message = entry[1];
    let polls = partial.pollsOf.get(message);
    if (polls === undefined) {
      polls = {
        first: completion,
        count: 0,
        byOthers: false,
        minIndex: index,
        acknowledged: false,
        offset: undefined,
      };
      partial.pollsOf.set(message, polls);
    }
    polls.count++;
    if (polls.first !== completion) polls.byOthers = true;
    if (index < polls.minIndex) polls.minIndex = index;
    if (acknowledged) polls.acknowledged = true;
    if (offset === polls.offset) continue;
    polls.offset = offset;
    recordOffset(partial.offsets, offset, message);
  }
}

function recordOffset(
  offsets: Map<Offset, unknown[]>,
  offset: Offset | undefined,
  message: unknown,
): void {
  if (offset === undefined) return;
  const messages = offsets.get(offset);
  if (messages === undefined) offsets.set(offset, [message]);
  else if (messages[0] !== message && !messages.includes(message)) messages.push(message);
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
