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

import { compareAscending } from "../../base/mod.ts";
import type { Completion, Entry, KeyEntries, Offset } from "./completion.ts";
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
  readonly hasNegativeOffsets: boolean;
  /** The message at each index: the one that Maelstrom chooses, if there are several. */
  readonly byIndex: readonly unknown[];
  /** The last index in `byIndex` of each message. */
  readonly indexOf: ReadonlyMap<unknown, number>;
  /** The first and the last index of each message in `slots`. */
  readonly firstIndexOf: ReadonlyMap<unknown, number>;
  readonly lastIndexOf: ReadonlyMap<unknown, number>;
  /** Whether each offset has one message, and each message one offset. */
  readonly isConsistent: boolean;
  /** The first offset of a consistent log whose offsets have no gaps; undefined for other logs. */
  readonly denseFrom: number | undefined;
}

/** The polls of one message. */
export interface MessagePolls {
  readonly message: unknown;
  /** The last completion that sent the message or tried to; undefined for a phantom. */
  readonly sender: Completion | undefined;
  /** The first completion that polled the message, and the number of all that did. */
  readonly first: Completion;
  readonly count: number;
  /** Whether other completions than the first polled it. */
  readonly byOthers: boolean;
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
  /**
   * The highest first index of the messages that ok operations polled; −1 if none has an index.
   */
  readonly highestPolled: number;
}

/** Partitions by the number of their key, so in the order of their first occurrence. */
export type Partitions = readonly Partition[];

interface PartialPolls {
  readonly message: unknown;
  sender: Completion | undefined;
  readonly first: Completion;
  count: number;
  byOthers: boolean;
  acknowledged: boolean;
  /** The offset at which the message was polled last, which is recorded already. */
  offset: Offset | undefined;
}

interface PartialPartition {
  readonly key: string;
  /** The distinct messages of each offset: nearly always one. */
  readonly offsets: Map<Offset, unknown[]>;
  readonly senderOf: Map<unknown, Completion>;
  readonly pollsOf: Map<unknown, PartialPolls>;
  /** The polls of the message at each offset from 0, as long as offsets have no gaps. */
  readonly pollsByOffset: PartialPolls[];
  readonly failedSends: Set<unknown>;
  listed: boolean;
}

/** Infers the partitions of a history. */
export function inferPartitions(completions: readonly Completion[]): Partitions {
  const partials: PartialPartition[] = [];
  for (const completion of completions) {
    for (const part of completion.sent) recordSends(partialOf(partials, part), completion, part);
    for (const part of completion.polled) recordPolls(partialOf(partials, part), completion, part);
  }
  // Only now it is known which indeterminate sends were polled.
  for (const completion of completions) {
    if (!mustHaveCommitted(completion, partials)) continue;
    for (const part of completion.sent) {
      const { offsets } = partialOf(partials, part);
      for (const [offset, message] of part.entries) recordOffset(offsets, offset, message);
    }
  }
  return partials.map(({ offsets, pollsByOffset: _, ...partial }) => {
    const log = logOf(offsets);
    for (const polls of partial.pollsOf.values()) {
      polls.sender = partial.senderOf.get(polls.message);
    }
    return { ...partial, log, highestPolled: highestPolledIndex(log, partial.pollsOf) };
  });
}

/**
 * Whether an operation must have committed: it is ok, or it is `info` and an ok poll read a send of
 * it.
 */
export function mustHaveCommitted(
  { operation, sent }: Completion,
  partitions: readonly Pick<Partition, "pollsOf">[],
): boolean {
  if (operation.type === "ok") return true;
  if (operation.type !== "info") return false;
  for (const { id, entries } of sent) {
    const polls = partitions[id]?.pollsOf;
    if (entries.some(([, message]) => polls?.get(message)?.acknowledged)) return true;
  }
  return false;
}

/** Returns the last index of an entry's message in a log; undefined if it has none. */
export function indexIn(log: Log | undefined, entry: Entry | undefined): number | undefined {
  if (log === undefined || entry === undefined) return undefined;
  const offset = entry[0];
  const message = entry[1];
  if (log.denseFrom !== undefined && typeof offset === "number") {
    const index = offset - log.denseFrom;
    if (index >= 0 && index < log.byIndex.length && log.byIndex[index] === message) return index;
  }
  return log.indexOf.get(message);
}

function highestPolledIndex(log: Log, pollsOf: ReadonlyMap<unknown, MessagePolls>): number {
  let max = -1;
  for (const { message, acknowledged } of pollsOf.values()) {
    if (acknowledged) max = Math.max(max, log.firstIndexOf.get(message) ?? -1);
  }
  return max;
}

function partialOf(partials: PartialPartition[], { key, id }: KeyEntries): PartialPartition {
  return partials[id] ??= {
    key,
    offsets: new Map(),
    senderOf: new Map(),
    pollsOf: new Map(),
    pollsByOffset: [],
    failedSends: new Set(),
    listed: false,
  };
}

function recordSends(
  partial: PartialPartition,
  completion: Completion,
  { entries }: KeyEntries,
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
  { entries }: KeyEntries,
): void {
  const acknowledged = completion.operation.type === "ok";
  if (acknowledged) partial.listed = true;
  for (const entry of entries) {
    const offset = entry[0];
    const message = entry[1];
    const polls = pollsAt(partial, offset, message) ?? pollsOf(partial, message, completion);
    polls.count++;
    if (polls.first !== completion) polls.byOthers = true;
    if (acknowledged) polls.acknowledged = true;
    if (offset === polls.offset) continue;
    polls.offset = offset;
    if (offset === partial.pollsByOffset.length) partial.pollsByOffset.push(polls);
    recordOffset(partial.offsets, offset, message);
  }
}

/** Returns the polls of a message that was polled from an offset before; it needs no look-up. */
function pollsAt(
  { pollsByOffset }: PartialPartition,
  offset: Offset | undefined,
  message: unknown,
): PartialPolls | undefined {
  if (typeof offset !== "number" || offset < 0 || offset >= pollsByOffset.length) return undefined;
  const polls = pollsByOffset[offset];
  return polls?.message === message ? polls : undefined;
}

function pollsOf(
  partial: PartialPartition,
  message: unknown,
  completion: Completion,
): PartialPolls {
  let polls = partial.pollsOf.get(message);
  if (polls === undefined) {
    polls = {
      message,
      sender: undefined,
      first: completion,
      count: 0,
      byOthers: false,
      acknowledged: false,
      offset: undefined,
    };
    partial.pollsOf.set(message, polls);
  }
  return polls;
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
    .sort(([a], [b]) => compareAscending(a, b))
    .map(([offset, messages]) => ({ offset, messages: hashSetOrder(messages) }));
  const hasNegativeOffsets = slots.length < offsets.size;
  const byIndex = slots.map(({ messages }) => messages[0]);
  const indexOf = new Map<unknown, number>();
  for (let index = 0; index < byIndex.length; index++) indexOf.set(byIndex[index], index);
  const isConsistent = indexOf.size === slots.length &&
    slots.every(({ messages }) => messages.length === 1);
  if (isConsistent) {
    const denseFrom = firstOfDense(slots);
    return {
      ...{ slots, hasNegativeOffsets, byIndex, indexOf, isConsistent, denseFrom },
      firstIndexOf: indexOf,
      lastIndexOf: indexOf,
    };
  }
  const firstIndexOf = new Map<unknown, number>();
  const lastIndexOf = new Map<unknown, number>();
  slots.forEach(({ messages }, index) => {
    for (const message of messages) {
      if (!firstIndexOf.has(message)) firstIndexOf.set(message, index);
      lastIndexOf.set(message, index);
    }
  });
  return {
    ...{ slots, hasNegativeOffsets, byIndex, indexOf, firstIndexOf, lastIndexOf, isConsistent },
    denseFrom: undefined,
  };
}

/** Returns the first offset, if each offset is one more than the one before it. */
function firstOfDense(slots: readonly Slot[]): number | undefined {
  const [first, last] = [slots[0]?.offset, slots.at(-1)?.offset];
  const isDense = typeof first === "number" && typeof last === "number" &&
    last - first === slots.length - 1 && Number.isSafeInteger(first) &&
    slots.every(({ offset }) => Number.isSafeInteger(offset));
  return isDense ? first : undefined;
}
