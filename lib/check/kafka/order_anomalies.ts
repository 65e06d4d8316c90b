/**
 * Anomalies of order: messages of one log that an operation, or one process from one operation to
 * the next, sent or polled in another order than the log's (*nonmonotonic*), or with messages of
 * the log left out in between (*skip*). Those within one operation are called internal (`int-`).
 *
 * The distance from one message to the next is counted in indexes, so gaps between offsets are
 * none. A message whose place in the log is not known says nothing. An assignment makes a process
 * forget where it was in every log that it does not keep, as in jepsen.tests.kafka.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";
import { type AnomalyCase, listed } from "./anomaly.ts";
import { type Completion, type EntriesByKey, keyName } from "./completion.ts";
import type { Log, Partitions } from "./partition.ts";

/** The cases of both kinds. */
export interface OrderCases {
  readonly skips: readonly AnomalyCase[];
  readonly nonmonotonic: readonly AnomalyCase[];
}

/** `int-poll-skip`, `int-nonmonotonic-poll`: within the polls of one operation. */
export function internalPolls(
  completions: readonly Completion[],
  partitions: Partitions,
): OrderCases {
  return internal(completions, partitions, ({ polled }) => polled, "polled");
}

/** `int-send-skip`, `int-nonmonotonic-send`: within the sends of one transaction. */
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
    for (const [key, entries] of entriesOf(completion)) {
      const log = partitions.get(key)?.log;
      for (let place = 1; place < entries.length; place++) {
        const values = [entries[place - 1]?.message, entries[place]?.message];
        const delta = distance(log, values[0], values[1]);
        if (delta === 1) continue;
        const step =
          `${describeOperation(operation)} ${verb} ${describeValue(values[1])} right after ` +
          `${describeValue(values[0])} of key ${describeValue(key)}`;
        if (delta < 1) {
          const explanation = `${step}, which ${describeDelta(delta)}`;
          nonmonotonic.push({ key, values, delta, op: operation, message: explanation });
        } else {
          const skipped = between(log, values[0], delta);
          const explanation = `${step}; ${listed(skipped)} stand in between`;
          skips.push({ key, values, delta, skipped, op: operation, message: explanation });
        }
      }
    }
  }
  return { skips, nonmonotonic };
}

/** `poll-skip`, `nonmonotonic-poll`: from one successful poll of a process to its next. */
export function externalPolls(
  completions: readonly Completion[],
  partitions: Partitions,
): OrderCases {
  const skips: AnomalyCase[] = [];
  const nonmonotonic: AnomalyCase[] = [];
  const places = new ProcessPositions();
  for (const completion of completions) {
    const { operation, polled } = completion;
    places.assign(operation);
    for (const [key, entries] of polled) {
      const last = places.last(operation, key);
      const log = partitions.get(key)?.log;
      const values = [last?.message, entries[0]?.message];
      const delta = last === undefined ? 1 : distance(log, values[0], values[1]);
      if (last === undefined || delta === 1) continue;
      const ops = [last.operation, operation];
      const step =
        `process ${operation.process} polled ${describeValue(values[0])} of key ${
          describeValue(key)
        } ` +
        `last (operation ${last.operation.index}) and then ${describeValue(values[1])} ` +
        `(operation ${operation.index})`;
      if (delta < 1) {
        const explanation = `${step}, which ${describeDelta(delta)}`;
        nonmonotonic.push({ key, values, delta, ops, message: explanation });
      } else {
        const skipped = between(log, values[0], delta);
        const explanation = `${step}; ${listed(skipped)} stand in between`;
        skips.push({ key, delta, skipped, ops, message: explanation });
      }
    }
    if (operation.type === "ok") places.advance(operation, polled);
  }
  return { skips, nonmonotonic };
}

/** `nonmonotonic-send`: sends of one process, successful or unknown, against the log's order. */
export function nonmonotonicSends(
  completions: readonly Completion[],
  partitions: Partitions,
): AnomalyCase[] {
  const cases: AnomalyCase[] = [];
  const places = new ProcessPositions();
  for (const { operation, sent } of completions) {
    if (operation.type === "fail") continue;
    places.assign(operation);
    for (const [key, entries] of sent) {
      const last = places.last(operation, key);
      if (last === undefined) continue;
      const values = [last.message, entries[0]?.message];
      const delta = distance(partitions.get(key)?.log, values[0], values[1]);
      if (delta >= 1) continue;
      const explanation = `process ${operation.process} sent ${describeValue(values[1])} to key ` +
        `${describeValue(key)} (operation ${operation.index}) after ${describeValue(values[0])} ` +
        `(operation ${last.operation.index}), but it ${describeDelta(delta)}`;
      cases.push({ key, values, delta, ops: [last.operation, operation], message: explanation });
    }
    places.advance(operation, sent);
  }
  return cases;
}

/** Where each process is in each log: the last message it sent or polled there. */
class ProcessPositions {
  readonly #positions = new Map<unknown, Map<string, { operation: Operation; message: unknown }>>();

  last(
    { process }: Operation,
    key: string,
  ): { operation: Operation; message: unknown } | undefined {
    return this.#positions.get(process)?.get(key);
  }

  /** Forgets the logs that an assignment gives up; other operations change nothing. */
  assign({ f, type, process, value }: Operation): void {
    if ((f !== "assign" && f !== "subscribe") || type === "fail") return;
    const places = this.#positions.get(process);
    if (places === undefined) return;
    const kept = new Set(Array.isArray(value) ? value.map(keyName) : []);
    for (const key of places.keys()) if (!kept.has(key)) places.delete(key);
  }

  /** Moves on to the last of the entries; an empty list leaves a place that nothing is known of. */
  advance(operation: Operation, entriesByKey: EntriesByKey): void {
    if (entriesByKey.size === 0) return;
    const places = this.#positions.get(operation.process) ?? new Map();
    this.#positions.set(operation.process, places);
    for (const [key, entries] of entriesByKey) {
      places.set(key, { operation, message: entries.at(-1)?.message });
    }
  }
}

/** How many indexes `to` stands after `from`; 1, the expected, where either place is unknown. */
function distance(log: Log | undefined, from: unknown, to: unknown): number {
  const [start, end] = [log?.indexOf.get(from), log?.indexOf.get(to)];
  return start === undefined || end === undefined ? 1 : end - start;
}

function between(log: Log | undefined, from: unknown, delta: number): unknown[] {
  const start = log?.indexOf.get(from) ?? 0;
  return log?.byIndex.slice(start + 1, start + delta) ?? [];
}

function describeDelta(delta: number): string {
  return delta === 0 ? "is the same message" : "stands earlier in the log";
}
