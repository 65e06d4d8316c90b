/**
 * Anomalies of single messages: two messages at one offset, one message at two offsets, reads of
 * phantom, aborted or uncommitted messages, and lost writes.
 *
 * Each function returns the cases of one anomaly as jepsen.tests.kafka defines it, unless its
 * comment states otherwise.
 *
 * @module
 */

import { compareAscending } from "../../base/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import { type AnomalyCase, listValues } from "./anomaly.ts";
import type { Completion, Offset } from "./completion.ts";
import { mustHaveCommitted, type Partition, type Partitions } from "./partition.ts";

/** Finds `inconsistent-offsets`: offsets with several messages. */
export function inconsistentOffsets(partitions: Partitions): AnomalyCase[] {
  const cases: AnomalyCase[] = [];
  for (const { key, log } of partitions) {
    log.slots.forEach(({ offset, messages }, index) => {
      if (messages.length < 2) return;
      const values = [...messages].sort(compareMessages);
      const explanation =
        `offset ${offset} of key ${describeValue(key)} holds ${messages.length} ` +
        `messages: ${listValues(values)}`;
      cases.push({ key, offset, index, values, message: explanation });
    });
  }
  return cases;
}

/** Finds `duplicate`: messages at several offsets of one log. */
export function duplicates(partitions: Partitions): AnomalyCase[] {
  const cases: AnomalyCase[] = [];
  for (const { key, log } of partitions) {
    if (log.isConsistent) continue;
    const offsetsOf = new Map<unknown, Offset[]>();
    for (const { offset, messages } of log.slots) {
      for (const message of messages) {
        const offsets = offsetsOf.get(message);
        if (offsets === undefined) offsetsOf.set(message, [offset]);
        else offsets.push(offset);
      }
    }
    for (const [value, offsets] of offsetsOf) {
      if (offsets.length < 2) continue;
      const explanation = `message ${describeValue(value)} of key ${describeValue(key)} is at ` +
        `${offsets.length} offsets: ${listValues(offsets)}`;
      cases.push({ key, value, count: offsets.length, offsets, message: explanation });
    }
  }
  return cases;
}

/** Finds `G1a` (aborted reads): messages of failed sends that an ok operation polled. */
export function abortedReads(
  completions: readonly Completion[],
  partitions: Partitions,
): AnomalyCase[] {
  if (partitions.every(({ failedSends }) => failedSends.size === 0)) return [];
  const cases: AnomalyCase[] = [];
  for (const { operation, polled } of completions) {
    if (operation.type !== "ok") continue;
    for (const { key, id, entries } of polled) {
      const partition = partitions[id] as Partition;
      if (partition.failedSends.size === 0) continue;
      for (const entry of entries) {
        const message = entry[1];
        if (!partition.failedSends.has(message)) continue;
        const writer = (partition.senderOf.get(message) as Completion).operation;
        const explanation =
          `${describeOperation(operation)} polled message ${describeValue(message)} of ` +
          `key ${describeValue(key)}, whose send failed: ${describeOperation(writer)}`;
        cases.push({ key, value: message, writer, reader: operation, message: explanation });
      }
    }
  }
  return cases;
}

/** Finds `precommitted-read`: operations that polled messages of their own sends. */
export function precommittedReads(completions: readonly Completion[]): AnomalyCase[] {
  const cases: AnomalyCase[] = [];
  for (const { operation, sent, polled } of completions) {
    if (sent.length === 0 || polled.length === 0) continue;
    const polledByKey = new Map(polled.map((part) => [part.key, part.entries]));
    const found = sent.flatMap(({ key, entries }) => {
      const messages = new Set(polledByKey.get(key)?.map(([, message]) => message));
      return entries.filter(([, message]) => messages.has(message))
        .map(([, message]) => ({ key, value: message }));
    })[0];
    if (found === undefined) continue;
    const explanation =
      `${describeOperation(operation)} polled message ${describeValue(found.value)} of ` +
      `key ${describeValue(found.key)}, which the same operation sent`;
    cases.push({ op: operation, ...found, message: explanation });
  }
  return cases;
}

/**
 * Finds `lost-write`: messages that were sent but never polled, although a later message of the log
 * was. If a message has several offsets, a poll of it counts at its first index, and its loss at
 * its last.
 */
export function lostWrites(partitions: Partitions): AnomalyCase[] {
  return partitions.flatMap((partition) => lostFrom(partition, partitions));
}

function lostFrom(partition: Partition, partitions: Partitions): AnomalyCase[] {
  const { key, log, senderOf, pollsOf, highestPolled: bound } = partition;
  const last = log.lastIndexOf;
  const maxMessage = log.slots[bound]?.messages.find((message) => last.get(message) === bound);
  const maxRead = pollsOf.get(maxMessage)?.first.operation;
  const cases: AnomalyCase[] = [];
  for (let index = 0; index <= bound; index++) {
    for (const message of log.slots[index]?.messages ?? []) {
      if (pollsOf.get(message)?.acknowledged || last.get(message) !== index) continue;
      const sender = senderOf.get(message);
      if (sender === undefined || !mustHaveCommitted(sender, partitions)) continue;
      cases.push({
        key,
        value: message,
        index: log.firstIndexOf.get(message),
        "max-read-index": bound,
        writer: sender.operation,
        "max-read": maxRead,
        message: `message ${describeValue(message)} of key ${describeValue(key)}, sent by ` +
          `${describeOperation(sender.operation)}, was never polled, although ` +
          (maxRead === undefined
            ? "a later message was"
            : `${describeOperation(maxRead)} polled a later message`),
      });
    }
  }
  return cases;
}

/**
 * Finds `phantom-poll`: polled messages that were never sent. Maelstrom's checker throws for them.
 */
export function phantomPolls(partitions: Partitions): AnomalyCase[] {
  const cases: AnomalyCase[] = [];
  for (const { key, pollsOf } of partitions) {
    for (const { message: value, sender, first, count } of pollsOf.values()) {
      if (sender !== undefined) continue;
      const reader = first.operation;
      const explanation =
        `${describeOperation(reader)} polled message ${describeValue(value)} of key ` +
        `${describeValue(key)}, which was never sent`;
      cases.push({ key, value, reader, count, message: explanation });
    }
  }
  return cases;
}

/**
 * Finds `negative-offset`: messages that an ok operation sent to or polled from an offset below 0.
 * Maelstrom ignores such offsets, and all that is wrong with their messages.
 */
export function negativeOffsets(
  completions: readonly Completion[],
  partitions: Partitions,
): AnomalyCase[] {
  if (!partitions.some(({ log }) => log.hasNegativeOffsets)) return [];
  const cases: AnomalyCase[] = [];
  for (const { operation, sent, polled } of completions) {
    if (operation.type !== "ok") continue;
    for (const entriesByKey of [sent, polled]) {
      for (const { key, entries } of entriesByKey) {
        for (const entry of entries) {
          const offset = entry[0];
          if (offset === undefined || offset >= 0) continue;
          const value = entry[1];
          const explanation = `${describeOperation(operation)} has message ` +
            `${describeValue(value)} of key ${describeValue(key)} at offset ${offset}; the first ` +
            "offset of a log is 0";
          cases.push({ key, offset, value, op: operation, message: explanation });
        }
      }
    }
  }
  return cases;
}

/** Compares messages: numbers first, in ascending order, then other values by their JSON. */
export function compareMessages(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) return compareAscending(a, b);
  if (isNumeric(a) !== isNumeric(b)) return isNumeric(a) ? -1 : 1;
  return compareAscending(describeValue(a), describeValue(b));
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
