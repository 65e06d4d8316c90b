/**
 * What a history reveals about each log (a *partition*, in Kafka's terms): who sent and who polled
 * each message, and which messages stand at which offsets.
 *
 * Offsets may be sparse, so a log is the ascending list of the offsets that were seen, and an
 * *index* is a place in that list. Invariant: memory grows with the operations, never with offsets.
 *
 * The rules are those of jepsen.tests.kafka (version-orders and the indexes around it).
 *
 * @module
 */

import { append, type Completion, type Entry, type Offset } from "./completion.ts";
import { hashSetOrder } from "./hash_set_order.ts";

/** One offset of a log and the messages seen there: one, unless the log contradicts itself. */
export interface Slot {
  readonly offset: Offset;
  readonly messages: readonly unknown[];
}

/** A log as far as the history shows it. */
export interface Log {
  /** Offsets from 0 at which something was seen, ascending. Lower ones are not a log's. */
  readonly slots: readonly Slot[];
  /** The message that counts as the one standing at each index. */
  readonly byIndex: readonly unknown[];
  /** The last index at which a message counts as standing. */
  readonly indexOf: ReadonlyMap<unknown, number>;
  /** The first index at which a message was seen, whether or not it counts as standing there. */
  readonly firstIndexOf: ReadonlyMap<unknown, number>;
}

/** Everything known about one key. */
export interface Partition {
  readonly key: string;
  readonly log: Log;
  /** The completion that sent each message, or tried to; the last, where there are several. */
  readonly senderOf: ReadonlyMap<unknown, Completion>;
  /** The completions that polled each message, in order. */
  readonly pollersOf: ReadonlyMap<unknown, readonly Completion[]>;
  /** Messages that some successful operation polled. */
  readonly acknowledgedPolls: ReadonlySet<unknown>;
  /** Whether a successful poll listed the key, if only with no entries. */
  readonly listed: boolean;
  /** Messages whose send failed: it did not and will not happen. */
  readonly failedSends: ReadonlySet<unknown>;
}

/** Partitions by key, in the order in which the history first names them. */
export type Partitions = ReadonlyMap<string, Partition>;

interface PartialPartition {
  readonly offsets: Map<Offset, Set<unknown>>;
  readonly senderOf: Map<unknown, Completion>;
  readonly pollersOf: Map<unknown, Completion[]>;
  readonly acknowledgedPolls: Set<unknown>;
  readonly failedSends: Set<unknown>;
  listed: boolean;
}

/** Gathers the partitions of a history. */
export function gatherPartitions(completions: readonly Completion[]): Partitions {
  const drafts = new Map<string, PartialPartition>();
  for (const completion of completions) {
    for (const [key, entries] of completion.sent) {
      recordSends(partialOf(drafts, key), completion, entries);
    }
    for (const [key, entries] of completion.polled) {
      recordPolls(partialOf(drafts, key), completion, entries);
    }
  }
  const pollsOf = (key: string) => partialOf(drafts, key).acknowledgedPolls;
  for (const completion of completions) {
    recordOffsets(drafts, completion.polled);
    if (hasCommitted(completion, pollsOf)) recordOffsets(drafts, completion.sent);
  }
  const partitions = new Map<string, Partition>();
  for (const [key, { offsets, ...draft }] of drafts) {
    partitions.set(key, { key, log: logOf(offsets), ...draft });
  }
  return partitions;
}

/** Whether an operation's sends must have happened: it says so, or one of them was polled. */
export function mustHaveCommitted(completion: Completion, partitions: Partitions): boolean {
  return hasCommitted(completion, (key) => partitions.get(key)?.acknowledgedPolls);
}

/**
 * How far into a log somebody must have polled: the highest index, counting a message where it
 * stands first; −1 when nothing that was polled has a place.
 */
export function highestPolledIndex({ log, acknowledgedPolls }: Partition): number {
  let furthest = -1;
  for (const message of acknowledgedPolls) {
    furthest = Math.max(furthest, log.firstIndexOf.get(message) ?? -1);
  }
  return furthest;
}

function hasCommitted(
  { operation, sent }: Completion,
  acknowledgedPolls: (key: string) => ReadonlySet<unknown> | undefined,
): boolean {
  if (operation.type === "ok") return true;
  if (operation.type !== "info") return false;
  for (const [key, entries] of sent) {
    const polled = acknowledgedPolls(key);
    if (entries.some(({ message }) => polled?.has(message))) return true;
  }
  return false;
}

function partialOf(drafts: Map<string, PartialPartition>, key: string): PartialPartition {
  let draft = drafts.get(key);
  if (draft === undefined) {
    draft = {
      offsets: new Map(),
      senderOf: new Map(),
      pollersOf: new Map(),
      acknowledgedPolls: new Set(),
      failedSends: new Set(),
      listed: false,
    };
    drafts.set(key, draft);
  }
  return draft;
}

function recordSends(
  draft: PartialPartition,
  completion: Completion,
  entries: readonly Entry[],
): void {
  const failed = completion.operation.type === "fail";
  for (const { message } of entries) {
    draft.senderOf.set(message, completion);
    if (failed) draft.failedSends.add(message);
  }
}

function recordPolls(
  draft: PartialPartition,
  completion: Completion,
  entries: readonly Entry[],
): void {
  const acknowledged = completion.operation.type === "ok";
  if (acknowledged) draft.listed = true;
  for (const { message } of entries) {
    append(draft.pollersOf, message, completion);
    if (acknowledged) draft.acknowledgedPolls.add(message);
  }
}

function recordOffsets(
  drafts: Map<string, PartialPartition>,
  entriesByKey: Completion["sent"],
): void {
  for (const [key, entries] of entriesByKey) {
    const { offsets } = partialOf(drafts, key);
    for (const { offset, message } of entries) {
      if (offset === undefined) continue;
      const messages = offsets.get(offset);
      if (messages === undefined) offsets.set(offset, new Set([message]));
      else messages.add(message);
    }
  }
}

function logOf(offsets: ReadonlyMap<Offset, ReadonlySet<unknown>>): Log {
  const slots = [...offsets]
    .filter(([offset]) => offset >= 0)
    .sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
    .map(([offset, messages]) => ({ offset, messages: hashSetOrder([...messages]) }));
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
