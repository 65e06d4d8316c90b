/**
 * Anomalies within one transaction on lists: what it reads must agree with what it read and appended
 * before, and it must not see what it appends only later.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { completionIndex } from "./cycle_explanation.ts";
import { isPrefix } from "./list_versions.ts";
import { COMMITTED, equalityKey, type Transactions } from "./transactions.ts";

/** What a transaction knows of a list: all of it, or only how it ends; `null` was read as such. */
interface Expectation {
  readonly wholeList: boolean;
  readonly elements: readonly unknown[] | null;
}

/** Notes reads that contradict earlier steps of their own transaction; one a transaction. */
export function recordInternalAnomalies(transactions: Transactions, log: AnomalyLog): void {
  recordCases("internal", transactions, log, (first, end) => {
    const expected = new Map<number, Expectation>();
    for (let micro = first; micro < end; micro++) {
      const key = transactions.key[micro] as number;
      const value = transactions.value[micro];
      const before = expected.get(key);
      if (transactions.isRead[micro] === 0) {
        expected.set(key, {
          wholeList: before?.wholeList ?? false,
          elements: [...before?.elements ?? [], value],
        });
        continue;
      }
      const read = (value ?? null) as readonly unknown[] | null;
      if (before !== undefined && !agrees(read, before)) {
        return { micro, expected: expectedValue(before) };
      }
      expected.set(key, { wholeList: true, elements: read });
    }
    return undefined;
  }, ({ expected }) => `its own earlier steps lead to ${describeValue(expected)}`);
}

function agrees(read: readonly unknown[] | null, { wholeList, elements }: Expectation): boolean {
  if (!wholeList) {
    const known = elements ?? [];
    return (read?.length ?? 0) >= known.length &&
      isPrefix(known, (read ?? []).slice((read ?? []).length - known.length));
  }
  // Elle holds nothing against a read that follows one of the missing list.
  if (elements === null) return true;
  return read !== null && read.length === elements.length && isPrefix(read, elements);
}

function expectedValue({ wholeList, elements }: Expectation): unknown {
  return wholeList ? elements : ["...", ...elements ?? []];
}

/** Notes reads of elements that their own transaction appends only later; one a transaction. */
export function recordFutureReads(transactions: Transactions, log: AnomalyLog): void {
  recordCases("future-read", transactions, log, (first, end) => {
    const readBy = new Map<number, Map<unknown, number>>();
    for (let micro = first; micro < end; micro++) {
      const key = transactions.key[micro] as number;
      const value = transactions.value[micro];
      if (transactions.isRead[micro] === 0) {
        const read = readBy.get(key)?.get(equalityKey(value));
        if (read !== undefined) return { micro: read, element: value };
        continue;
      }
      const seen = readBy.get(key) ?? new Map<unknown, number>();
      readBy.set(key, seen);
      for (const element of Array.isArray(value) ? value : []) {
        const identity = equalityKey(element);
        if (!seen.has(identity)) seen.set(identity, micro);
      }
    }
    return undefined;
  }, ({ element }) => `it appends ${describeValue(element)} only later`);
}

interface InternalCase {
  readonly micro: number;
  readonly [data: string]: unknown;
}

/** Examines the committed transactions that use a key twice: others cannot contradict themselves. */
function recordCases(
  type: string,
  transactions: Transactions,
  log: AnomalyLog,
  examine: (first: number, end: number) => InternalCase | undefined,
  explain: (found: InternalCase) => string,
): void {
  const { count, outcome, start, key, keys, value } = transactions;
  const usedBy = new Int32Array(keys.length).fill(-1);
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const first = start[transaction] as number;
    const end = start[transaction + 1] as number;
    let repeats = false;
    for (let micro = first; micro < end; micro++) {
      const keyNumber = key[micro] as number;
      repeats ||= usedBy[keyNumber] === transaction;
      usedBy[keyNumber] = transaction;
    }
    const found = repeats ? examine(first, end) : undefined;
    if (found === undefined) continue;
    log.record(type, () => {
      const { micro, ...data } = found;
      const operation = completionIndex(transactions, transaction);
      const read = { key: keys[key[micro] as number], value: value[micro] };
      return {
        operation,
        ...read,
        ...data,
        message: `operation ${operation} read key ${describeValue(read.key)} as ` +
          `${describeValue(read.value)}; ${explain(found)}`,
      };
    });
  }
}
