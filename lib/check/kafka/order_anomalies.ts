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
import { type Completion, type EntriesByKey, keyName } from "./completion.ts";
import type { Log, Partitions } from "./partition.ts";

/** The cases of both kinds of anomaly. */
export interface OrderCases {
  readonly skips: readonly AnomalyCase[];
  readonly nonmonotonic: readonly AnomalyCase[];
}

/** Finds `int-poll-skip` and `int-nonmonotonic-poll`: within the polls of one operation. */
export function internalPolls(
  completions: readonly Completion[],
  partitions: Partitions,
): OrderCases {
  return internal(completions, partitions, ({ polled }) => polled, "polled");
}

/** Finds `int-send-skip` and `int-nonmonotonic-send`: within the sends of one transaction. */
export function internalSends(
  completions: readonly Completion[],
  partitions: Partitions,
): OrderCases {
  return internal(completions, partitions, ({ sent }) => sent, "sent");
}

function internal(
  completions: readonly Completion[],
  partitions: Partitions,
  entriesOf: (completion: Completion) => EntriesByKey,
  verb: string,
): OrderCases {
  const skips: AnomalyCase[] = [];
  const nonmonotonic: AnomalyCase[] = [];
  for (const completion of completions) {
    const { operation } = completion;
    for (const { key, entries } of entriesOf(completion)) {
      if (entries.length < 2) continue;
      const log = partitions.get(key)?.log;
      let position = log?.indexOf.get(entries[0]?.[1]);
      for (let index = 1; index < entries.length; index++) {
        const before = position;
        position = log?.indexOf.get(entries[index]?.[1]);
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
  }
  return { skips, nonmonotonic };
}

/** Finds `poll-skip` and `nonmonotonic-poll`: between successive ok polls of one process. */
export function externalPolls(
  completions: readonly Completion[],
  partitions: Partitions,
): OrderCases {
  const skips: AnomalyCase[] = [];
  const nonmonotonic: AnomalyCase[] = [];
  const positions = new ProcessPositions();
  for (const completion of completions) {
    const { operation, polled } = completion;
    positions.assign(operation);
    const lastOf = positions.of(operation);
    for (const { key, entries } of polled) {
      const last = lastOf.get(key);
      if (last === undefined) continue;
      const log = partitions.get(key)?.log;
      const delta = distance(log, last.message, entries[0]?.[1]);
      if (delta === 1) continue;
      const values = [last.message, entries[0]?.[1]];
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
    if (operation.type === "ok") positions.advance(operation, polled);
  }
  return { skips, nonmonotonic };
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
    for (const { key, entries } of sent) {
      const last = lastOf.get(key);
      if (last === undefined) continue;
      const delta = distance(partitions.get(key)?.log, last.message, entries[0]?.[1]);
      if (delta >= 1) continue;
      const values = [last.message, entries[0]?.[1]];
      const explanation = `process ${operation.process} sent ${describeValue(values[1])} to key ` +
        `${describeValue(key)} (operation ${operation.index}) after ${describeValue(values[0])} ` +
        `(operation ${last.operation.index}), but it ${describePosition(delta)}`;
      cases.push({ key, values, delta, ops: [last.operation, operation], message: explanation });
    }
    positions.advance(operation, sent);
  }
  return cases;
}

/** The last message that a process sent to a log or polled from it, and the operation that did. */
interface Position {
  operation: Operation;
  message: unknown;
}

const NO_POSITIONS: ReadonlyMap<string, Position> = new Map();

/** The position of each process in each log. */
class ProcessPositions {
  readonly #positions = new Map<unknown, Map<string, Position>>();

  /** Returns the positions of an operation's process, by key. */
  of({ process }: Operation): ReadonlyMap<string, Readonly<Position>> {
    return this.#positions.get(process) ?? NO_POSITIONS;
  }

  /** Resets the positions in the logs that an assignment drops; ignores other operations. */
  assign({ f, type, process, value }: Operation): void {
    if ((f !== "assign" && f !== "subscribe") || type === "fail") return;
    const positions = this.#positions.get(process);
    if (positions === undefined) return;
    const kept = new Set(Array.isArray(value) ? value.map(keyName) : []);
    for (const key of positions.keys()) if (!kept.has(key)) positions.delete(key);
  }

  /** Sets the positions to the last entries. After an empty list, the position is unknown. */
  advance(operation: Operation, entriesByKey: EntriesByKey): void {
    if (entriesByKey.length === 0) return;
    let positions = this.#positions.get(operation.process);
    if (positions === undefined) this.#positions.set(operation.process, positions = new Map());
    for (const { key, entries } of entriesByKey) {
      const message = entries.at(-1)?.[1];
      const position = positions.get(key);
      if (position === undefined) positions.set(key, { operation, message });
      else {
        position.operation = operation;
        position.message = message;
      }
    }
  }
}

/** Returns the difference of two messages' indexes; 1, the expected one, if an index is unknown. */
function distance(log: Log | undefined, from: unknown, to: unknown): number {
  const [start, end] = [log?.indexOf.get(from), log?.indexOf.get(to)];
  return start === undefined || end === undefined ? 1 : end - start;
}

function between(log: Log | undefined, from: unknown, delta: number): unknown[] {
  const start = log?.indexOf.get(from) ?? 0;
  return log?.byIndex.slice(start + 1, start + delta) ?? [];
}

function describePosition(delta: number): string {
  return delta === 0 ? "is the same message" : "is earlier in the log";
}
