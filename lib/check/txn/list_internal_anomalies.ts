/**
 * The anomalies within single transactions on lists. A read must agree with the earlier reads and
 * appends of its transaction (else `internal`). It must not return an element that its transaction
 * appends later (else `future-read`).
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { completionIndex } from "./cycle_explanation.ts";
import { isNonEmpty, isPrefix } from "./list_versions.ts";
import { COMMITTED, equalityKey, type Transactions } from "./transactions.ts";

/** The value that a transaction's earlier micro-operations imply for its next read of a list. */
interface Expectation {
  /** Whether `elements` is the whole list; otherwise it is only the end of the list. */
  readonly isWholeList: boolean;
  /** The expected elements; `null` if an earlier read returned `null`. */
  readonly elements: readonly unknown[] | null;
}

/**
 * Records the first read of each transaction that contradicts its earlier micro-operations. Elle
 * accepts any read after a read of `null`; such a case is an `internal-after-null`.
 */
export function recordInternalAnomalies(transactions: Transactions, log: AnomalyLog): void {
  const describe = ({ expected }: InternalCase) =>
    `the transaction's earlier micro-operations imply ${describeValue(expected)}`;
  recordCases("internal-after-null", transactions, log, (first, end) => {
    const isNull = new Set<number>();
    for (let micro = first; micro < end; micro++) {
      const key = transactions.key[micro] as number;
      const value = transactions.value[micro] ?? null;
      if (transactions.isRead[micro] === 0) isNull.delete(key);
      else if (value === null) isNull.add(key);
      else if (isNonEmpty(value) && isNull.has(key)) return { micro, expected: null };
    }
    return undefined;
  }, describe);
  recordCases("internal", transactions, log, (first, end) => {
    const expected = new Map<number, Expectation>();
    for (let micro = first; micro < end; micro++) {
      const key = transactions.key[micro] as number;
      const value = transactions.value[micro];
      const before = expected.get(key);
      if (transactions.isRead[micro] === 0) {
        expected.set(key, {
          isWholeList: before?.isWholeList ?? false,
          elements: [...before?.elements ?? [], value],
        });
        continue;
      }
      const read = (value ?? null) as readonly unknown[] | null;
      if (before !== undefined && !agrees(read, before)) {
        return { micro, expected: expectedValue(before) };
      }
      expected.set(key, { isWholeList: true, elements: read });
    }
    return undefined;
  }, describe);
}

function agrees(read: readonly unknown[] | null, { isWholeList, elements }: Expectation): boolean {
  if (!isWholeList) {
    const end = elements ?? [];
    return (read?.length ?? 0) >= end.length &&
      isPrefix(end, (read ?? []).slice((read ?? []).length - end.length));
  }
  // Elle accepts any read after a read of `null`.
  if (elements === null) return true;
  return read !== null && read.length === elements.length && isPrefix(read, elements);
}

function expectedValue({ isWholeList, elements }: Expectation): unknown {
  return isWholeList ? elements : ["...", ...elements ?? []];
}

/** Records the first read of each transaction of an element that the transaction appends later. */
export function recordFutureReads(transactions: Transactions, log: AnomalyLog): void {
  recordCases("future-read", transactions, log, (first, end) => {
    const readsByKey = new Map<number, Map<unknown, number>>();
    for (let micro = first; micro < end; micro++) {
      const key = transactions.key[micro] as number;
      const value = transactions.value[micro];
      if (transactions.isRead[micro] === 0) {
        const read = readsByKey.get(key)?.get(equalityKey(value));
        if (read !== undefined) return { micro: read, element: value };
        continue;
      }
      const firstReads = readsByKey.get(key) ?? new Map<unknown, number>();
      readsByKey.set(key, firstReads);
      for (const element of Array.isArray(value) ? value : []) {
        const mapKey = equalityKey(element);
        if (!firstReads.has(mapKey)) firstReads.set(mapKey, micro);
      }
    }
    return undefined;
  }, ({ element }) => `the transaction appends ${describeValue(element)} after this read`);
}

/** An anomaly within a transaction: the micro-operation that shows it, and further data. */
interface InternalCase {
  readonly micro: number;
  readonly [data: string]: unknown;
}

/** Examines the committed transactions that use a key twice; no other can contradict itself. */
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
      const keyIndex = key[micro] as number;
      repeats ||= usedBy[keyIndex] === transaction;
      usedBy[keyIndex] = transaction;
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
