/**
 * Anomalies of order among the messages of a log. *Nonmonotonic*: they were sent or polled in
 * another order than the log's. *Skip*: messages between them were left out. *Internal* anomalies
 * (`int-`) occur within one operation, the others between successive operations of a process.
 *
 * The delta of two messages is the difference of their indexes, so gaps between offsets do not
 * count. A message without a known index is ignored. An assignment resets the position of a process
 * in every log that the process does not keep, as in jepsen.tests.kafka.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import { type AnomalyCase, listValues } from "./anomaly.ts";
import {
  type Completion,
  type EntriesByKey,
  type Entry,
  type KeyEntries,
  keyName,
} from "./completion.ts";
import { indexIn, type Log, type Partitions } from "./partition.ts";

/** The cases of both kinds of anomaly. */
export interface OrderCases {
  readonly skips: AnomalyCase[];
  readonly nonmonotonic: AnomalyCase[];
}

/** Finds `int-send-skip` and `int-nonmonotonic-send`: within the sends of one transaction. */
export function internalSends(
  completions: readonly Completion[],
  partitions: Partitions,
): OrderCases {
  const cases: OrderCases = { skips: [], nonmonotonic: [] };
  for (const { operation, sent } of completions) {
    for (const part of sent) {
      if (part.entries.length > 1) findWithin(cases, operation, "sent", part, partitions);
    }
  }
  return cases;
}

/** Adds the cases within one operation's list of at least two entries. */
function findWithin(
  { skips, nonmonotonic }: OrderCases,
  operation: Operation,
  verb: string,
  { key, id, entries }: KeyEntries,
  partitions: Partitions,
): void {
  const log = partitions[id]?.log;
  let position = indexIn(log, entries[0]);
  for (let index = 1; index < entries.length; index++) {
    const before = position;
    position = indexIn(log, entries[index]);
    const delta = before === undefined || position === undefined ? 1 : position - before;
    if (delta === 1) continue;
    const values = [entries[index - 1]?.[1], entries[index]?.[1]];
    const step =
      `${describeOperation(operation)} ${verb} ${describeValue(values[1])} directly after ` +
      `${describeValue(values[0])} of key ${describeValue(key)}`;
    if (delta < 1) {
      const explanation = `${step}, which ${describePosition(delta)}`;
      nonmonotonic.push({ key, values, delta, op: operation, message: explanation });
    } else {
      const skipped = between(log, values[0], delta);
      const explanation = `${step}, skipping ${listValues(skipped)}`;
      skips.push({ key, values, delta, skipped, op: operation, message: explanation });
    }
  }
}

/**
 * Finds the anomalies of polls. Internal ones, `int-poll-skip` and `int-nonmonotonic-poll`, are
 * within one operation. External ones, `poll-skip` and `nonmonotonic-poll`, are between successive
 * ok polls of one process.
 */
export function pollOrder(
  completions: readonly Completion[],
  partitions: Partitions,
): { readonly internal: OrderCases; readonly external: OrderCases } {
  const internal: OrderCases = { skips: [], nonmonotonic: [] };
  const external: OrderCases = { skips: [], nonmonotonic: [] };
  const positions = new ProcessPositions();
  for (const { operation, polled } of completions) {
    positions.assign(operation);
    const lastOf = positions.of(operation);
    for (const part of polled) {
      if (part.entries.length > 1) findWithin(internal, operation, "polled", part, partitions);
      const last = lastOf[part.id];
      if (last !== undefined) findBetween(external, last, operation, part, partitions);
    }
    if (operation.type === "ok") positions.advance(operation, polled);
  }
  return { internal, external };
}

/** Adds the case, if any, between the last entry that a process polled and its next poll. */
function findBetween(
  { skips, nonmonotonic }: OrderCases,
  last: Readonly<Position>,
  operation: Operation,
  { key, id, entries }: KeyEntries,
  partitions: Partitions,
): void {
  const log = partitions[id]?.log;
  const delta = distance(log, last.entry, entries[0]);
  if (delta === 1) return;
  const values = [last.entry?.[1], entries[0]?.[1]];
  const ops = [last.operation, operation];
  const step = `process ${operation.process} polled ${describeValue(values[0])} of key ` +
    `${describeValue(key)} (operation ${last.operation.index}), then ` +
    `${describeValue(values[1])} (operation ${operation.index})`;
  if (delta < 1) {
    const explanation = `${step}, which ${describePosition(delta)}`;
    nonmonotonic.push({ key, values, delta, ops, message: explanation });
  } else {
    const skipped = between(log, values[0], delta);
    const explanation = `${step}, skipping ${listValues(skipped)}`;
    skips.push({ key, delta, skipped, ops, message: explanation });
  }
}

/** Finds `nonmonotonic-send`: successive ok or indeterminate sends of one process. */
export function nonmonotonicSends(
  completions: readonly Completion[],
  partitions: Partitions,
): AnomalyCase[] {
  const cases: AnomalyCase[] = [];
  const positions = new ProcessPositions();
  for (const { operation, sent } of completions) {
    if (operation.type === "fail") continue;
    positions.assign(operation);
    const lastOf = positions.of(operation);
    for (const { key, id, entries } of sent) {
      const last = lastOf[id];
      if (last === undefined) continue;
      const delta = distance(partitions[id]?.log, last.entry, entries[0]);
      if (delta >= 1) continue;
      const values = [last.entry?.[1], entries[0]?.[1]];
      const explanation = `process ${operation.process} sent ${describeValue(values[1])} to key ` +
        `${describeValue(key)} (operation ${operation.index}) after ${describeValue(values[0])} ` +
        `(operation ${last.operation.index}), but it ${describePosition(delta)}`;
      cases.push({ key, values, delta, ops: [last.operation, operation], message: explanation });
    }
    positions.advance(operation, sent);
  }
  return cases;
}

/** The last entry that a process sent to a log or polled from it, and the operation that did. */
interface Position {
  readonly key: string;
  operation: Operation;
  entry: Entry | undefined;
}

/** Positions by the numbers of their keys. */
type Positions = (Position | undefined)[];

const NO_POSITIONS: Positions = [];

/** The position of each process in each log. */
class ProcessPositions {
  readonly #positions = new Map<unknown, Positions>();

  /** Returns the positions of an operation's process. */
  of({ process }: Operation): readonly (Readonly<Position> | undefined)[] {
    return this.#positions.get(process) ?? NO_POSITIONS;
  }

  /** Resets the positions in the logs that an assignment drops; ignores other operations. */
  assign({ f, type, process, value }: Operation): void {
    if ((f !== "assign" && f !== "subscribe") || type === "fail") return;
    const positions = this.#positions.get(process);
    if (positions === undefined) return;
    const kept = new Set(Array.isArray(value) ? value.map(keyName) : []);
    positions.forEach((position, id) => {
      if (position !== undefined && !kept.has(position.key)) positions[id] = undefined;
    });
  }

  /** Sets the positions to the last entries. After an empty list, the position is unknown. */
  advance(operation: Operation, entriesByKey: EntriesByKey): void {
    let positions = this.#positions.get(operation.process);
    if (positions === undefined) this.#positions.set(operation.process, positions = []);
    for (const { key, id, entries } of entriesByKey) {
      const entry = entries[entries.length - 1];
      const position = positions[id];
      if (position === undefined) positions[id] = { key, operation, entry };
      else {
        position.operation = operation;
        position.entry = entry;
      }
    }
  }
}

/** Returns the difference of two entries' indexes; 1, the expected one, if an index is unknown. */
function distance(log: Log | undefined, from: Entry | undefined, to: Entry | undefined): number {
  const start = indexIn(log, from);
  const end = indexIn(log, to);
  return start === undefined || end === undefined ? 1 : end - start;
}

function between(log: Log | undefined, from: unknown, delta: number): unknown[] {
  const start = log?.indexOf.get(from) ?? 0;
  return log?.byIndex.slice(start + 1, start + delta) ?? [];
}

function describePosition(delta: number): string {
  return delta === 0 ? "is the same message" : "is earlier in the log";
}
