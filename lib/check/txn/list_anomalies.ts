/**
 * Anomalies of lists that need no graph: they show in one read, or in one list.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog, Evidence } from "./anomaly_log.ts";
import { completionIndex, describeTransaction } from "./cycle_explanation.ts";
import { type ListElements, NO_TRANSACTION } from "./list_elements.ts";
import { forEachRead, isPrefix, type ListVersions } from "./list_versions.ts";
import { ABORTED, COMMITTED, type Transactions } from "./transactions.ts";

/**
 * Notes what single reads of committed transactions show: elements of aborted transactions (G1a), an
 * end between two appends of one transaction (G1b), elements repeated, elements that nobody appended.
 */
export function recordReadAnomalies(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  forEachRead(transactions, (micro, key, value, transaction) => {
    const read: Read = { transactions, elements, key, value, transaction };
    recordIntermediateRead(read, log);
    // Any other anomaly of a clean list's prefix would be one of the list.
    if (versions.isClean[key] === 1 && (versions.prefixLength[micro] as number) >= 0) return;
    recordElementAnomalies(read, log);
  });
}

interface Read {
  readonly transactions: Transactions;
  readonly elements: ListElements;
  readonly key: number;
  readonly value: readonly unknown[];
  readonly transaction: number;
}

function readEvidence(
  { transactions, key, transaction }: Read,
  what: string,
  data: object,
): Evidence {
  const operation = completionIndex(transactions, transaction);
  const keyValue = transactions.keys[key];
  return {
    operation,
    key: keyValue,
    ...data,
    message: `operation ${operation} read key ${describeValue(keyValue)} ${what}`,
  };
}

function recordIntermediateRead(read: Read, log: AnomalyLog): void {
  const { transactions, elements, key, value, transaction } = read;
  const last = elements.idOf(key, value.at(-1));
  const writer = elements.writer[last] as number;
  if (elements.isIntermediate[last] !== true || writer === transaction) return;
  log.record("G1b", () => {
    const what = `up to ${describeValue(value.at(-1))}, in the middle of ` +
      describeTransaction(transactions, writer);
    return readEvidence(read, what, {
      element: value.at(-1),
      writer: completionIndex(transactions, writer),
    });
  });
}

function recordElementAnomalies(read: Read, log: AnomalyLog): void {
  const { transactions, elements, key, value } = read;
  const seen = new Map<number, number>();
  for (const element of value) {
    const number = elements.idOf(key, element);
    seen.set(number, (seen.get(number) ?? 0) + 1);
    const writer = elements.writer[number] as number;
    const saw = `and saw ${describeValue(element)}`;
    if (writer === NO_TRANSACTION) {
      log.record(
        "phantom-read",
        () => readEvidence(read, `${saw}, which nobody appended`, { element }),
      );
    } else if (transactions.outcome[writer] === ABORTED) {
      log.record(
        "G1a",
        () =>
          readEvidence(
            read,
            `${saw}, appended by the aborted ${describeTransaction(transactions, writer)}`,
            {
              element,
              writer: completionIndex(transactions, writer),
            },
          ),
      );
    }
  }
  if (seen.size === value.length) return;
  log.record("duplicate-elements", () => {
    const duplicates = [...seen].filter(([, count]) => count > 1)
      .map(([element, count]) => ({ element: elements.valueOf(element), count }));
    const what = duplicates.map(({ element, count }) => `${describeValue(element)} ${count} times`);
    return readEvidence(read, `and saw ${what.join(", ")}`, { duplicates });
  });
}

/** Notes keys with two reads of which neither can have grown into the other (incompatible-order). */
export function recordIncompatibleOrders(
  transactions: Transactions,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  for (const [key, reads] of versions.incompatibleReads) {
    const at = reads.findIndex((read, place) =>
      place > 0 && !isPrefix(reads[place - 1] as readonly unknown[], read)
    );
    if (at < 0) continue;
    const values = [reads[at - 1], reads[at]];
    log.record("incompatible-order", () => ({
      key: transactions.keys[key],
      values,
      message: `key ${describeValue(transactions.keys[key])} was read as ` +
        `${describeValue(values[0])} and as ${describeValue(values[1])}: no order of appends ` +
        "leads to both",
    }));
  }
}

/** Notes elements of committed transactions behind elements of aborted ones (dirty-update). */
export function recordDirtyUpdates(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  for (const [key, order] of versions.observedOrder.entries()) {
    let aborted = NO_TRANSACTION;
    let values: unknown[] = [];
    for (const element of order) {
      const writer = elements.writer[element] as number;
      if (writer === NO_TRANSACTION) continue;
      const outcome = transactions.outcome[writer];
      values.push(elements.valueOf(element));
      if (outcome === COMMITTED) {
        if (aborted !== NO_TRANSACTION) {
          const pair: readonly [number, number] = [aborted, writer];
          const seen = values;
          log.record("dirty-update", () => dirtyUpdateEvidence(transactions, key, seen, pair));
        }
        aborted = NO_TRANSACTION;
      } else if (outcome === ABORTED && aborted === NO_TRANSACTION) {
        aborted = writer;
        values = [elements.valueOf(element)];
      }
    }
  }
}

function dirtyUpdateEvidence(
  transactions: Transactions,
  key: number,
  values: readonly unknown[],
  [aborted, committed]: readonly [number, number],
): Evidence {
  const operations = [
    completionIndex(transactions, aborted),
    completionIndex(transactions, committed),
  ];
  return {
    key: transactions.keys[key],
    values,
    operations,
    message: `operation ${operations[0]} appended ${describeValue(values[0])} to key ` +
      `${describeValue(transactions.keys[key])} and aborted, yet operation ${operations[1]} ` +
      "appended after it",
  };
}
