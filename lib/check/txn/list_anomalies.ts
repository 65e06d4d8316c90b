/**
 * The anomalies of lists that are detected without a dependency graph, in a single read or in the
 * reads of a single list.
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
 * Records the anomalies of single reads by committed transactions: aborted reads (G1a),
 * intermediate reads (G1b), duplicate elements, and elements that no transaction appended
 * (phantom-read).
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
    // A prefix of a clean list has no other anomalies.
    if (versions.isClean[key] === 1 && (versions.prefixLength[micro] as number) >= 0) return;
    recordElementAnomalies(read, log);
  });
}

/** A read of a list and the data that its anomalies are detected from. */
interface Read {
  readonly transactions: Transactions;
  readonly elements: ListElements;
  readonly key: number;
  readonly value: readonly unknown[];
  readonly transaction: number;
}

function readEvidence(
  { transactions, key, transaction }: Read,
  finding: string,
  data: object,
): Evidence {
  const operation = completionIndex(transactions, transaction);
  const keyValue = transactions.keys[key];
  return {
    operation,
    key: keyValue,
    ...data,
    message: `operation ${operation} read key ${describeValue(keyValue)} ${finding}`,
  };
}

function recordIntermediateRead(read: Read, log: AnomalyLog): void {
  const { transactions, elements, key, value, transaction } = read;
  const last = elements.idOf(key, value.at(-1));
  const writer = elements.writer[last] as number;
  if (elements.isIntermediate[last] !== true || writer === transaction) return;
  log.record("G1b", () => {
    const finding = `up to ${describeValue(value.at(-1))}, an intermediate version of ` +
      describeTransaction(transactions, writer);
    return readEvidence(read, finding, {
      element: value.at(-1),
      writer: completionIndex(transactions, writer),
    });
  });
}

function recordElementAnomalies(read: Read, log: AnomalyLog): void {
  const { transactions, elements, key, value } = read;
  const occurrences = new Map<number, number>();
  for (const element of value) {
    const id = elements.idOf(key, element);
    occurrences.set(id, (occurrences.get(id) ?? 0) + 1);
    const writer = elements.writer[id] as number;
    const observed = `and observed ${describeValue(element)}`;
    if (writer === NO_TRANSACTION) {
      log.record(
        "phantom-read",
        () => readEvidence(read, `${observed}, which no transaction appended`, { element }),
      );
    } else if (transactions.outcome[writer] === ABORTED) {
      log.record("G1a", () => {
        const aborted = describeTransaction(transactions, writer);
        const finding = `${observed}, which was appended by the aborted ${aborted}`;
        return readEvidence(read, finding, {
          element,
          writer: completionIndex(transactions, writer),
        });
      });
    }
  }
  if (occurrences.size === value.length) return;
  log.record("duplicate-elements", () => {
    const duplicates = [...occurrences].filter(([, count]) => count > 1)
      .map(([element, count]) => ({ element: elements.valueOf(element), count }));
    const counts = duplicates.map(({ element, count }) =>
      `${describeValue(element)} ${count} times`
    );
    return readEvidence(read, `and observed ${counts.join(", ")}`, { duplicates });
  });
}

/** Records keys with two reads of which neither is a prefix of the other (incompatible-order). */
export function recordIncompatibleOrders(
  transactions: Transactions,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  for (const [key, reads] of versions.incompatibleReads) {
    const at = reads.findIndex((read, index) =>
      index > 0 && !isPrefix(reads[index - 1] as readonly unknown[], read)
    );
    if (at < 0) continue;
    const values = [reads[at - 1], reads[at]];
    log.record("incompatible-order", () => ({
      key: transactions.keys[key],
      values,
      message: `key ${describeValue(transactions.keys[key])} was read as ` +
        `${describeValue(values[0])} and as ${describeValue(values[1])}: no order of ` +
        "appends explains both reads",
    }));
  }
}

/** Records appends of a transaction that a list contains in another order (reordered-appends). */
export function recordReorderedAppends(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  for (const [key, order] of versions.observedOrder.entries()) {
    order.forEach((element, at) => {
      const before = order[at - 1] ?? element;
      const writer = elements.writer[element] as number;
      // The ids of elements grow in the order in which transactions appended them.
      if (before <= element || elements.writer[before] !== writer || writer < 0) return;
      const values = [elements.valueOf(before), elements.valueOf(element)];
      log.record("reordered-appends", () => ({
        key: transactions.keys[key],
        values,
        operation: completionIndex(transactions, writer),
        message: `key ${describeValue(transactions.keys[key])} was read as containing ` +
          `${describeValue(values[0])} before ${describeValue(values[1])}, which ` +
          `${describeTransaction(transactions, writer)} appended first`,
      }));
    });
  }
}

/** Records committed appends that follow an aborted append in a list (dirty-update). */
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
          const appended = values;
          log.record("dirty-update", () => dirtyUpdateEvidence(transactions, key, appended, pair));
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
