/**
 * Anomalies of lists that need no graph: they show in one read, or in one list.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog, Proof } from "./anomaly_log.ts";
import { indexOf, transactionText } from "./explain.ts";
import { type ListElements, NOBODY } from "./list_elements.ts";
import { forEachRead, isPrefix, type ListVersions } from "./list_versions.ts";
import { ABORTED, COMMITTED, type Transactions } from "./transactions.ts";

/**
 * Notes what single reads of committed transactions show: elements of aborted transactions (G1a), an
 * end between two appends of one transaction (G1b), elements repeated, elements that nobody appended.
 */
export function noteReadAnomalies(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  forEachRead(transactions, (micro, key, value, transaction) => {
    const read: Read = { transactions, elements, key, value, transaction };
    noteIntermediate(read, log);
    // Any other anomaly of a clean list's prefix would be one of the list.
    if (versions.isClean[key] === 1 && (versions.fittingLength[micro] as number) >= 0) return;
    noteElements(read, log);
  });
}

interface Read {
  readonly transactions: Transactions;
  readonly elements: ListElements;
  readonly key: number;
  readonly value: readonly unknown[];
  readonly transaction: number;
}

function proof({ transactions, key, transaction }: Read, what: string, data: object): Proof {
  const operation = indexOf(transactions, transaction);
  const keyValue = transactions.keys[key];
  return {
    operation,
    key: keyValue,
    ...data,
    message: `operation ${operation} read key ${describeValue(keyValue)} ${what}`,
  };
}

function noteIntermediate(read: Read, log: AnomalyLog): void {
  const { transactions, elements, key, value, transaction } = read;
  const last = elements.numberOf(key, value.at(-1));
  const writer = elements.writer[last] as number;
  if (elements.isIntermediate[last] !== true || writer === transaction) return;
  log.note("G1b", () => {
    const what = `up to ${describeValue(value.at(-1))}, in the middle of ` +
      transactionText(transactions, writer);
    return proof(read, what, { element: value.at(-1), writer: indexOf(transactions, writer) });
  });
}

function noteElements(read: Read, log: AnomalyLog): void {
  const { transactions, elements, key, value } = read;
  const seen = new Map<number, number>();
  for (const element of value) {
    const number = elements.numberOf(key, element);
    seen.set(number, (seen.get(number) ?? 0) + 1);
    const writer = elements.writer[number] as number;
    const saw = `and saw ${describeValue(element)}`;
    if (writer === NOBODY) {
      log.note("phantom-read", () => proof(read, `${saw}, which nobody appended`, { element }));
    } else if (transactions.outcome[writer] === ABORTED) {
      log.note(
        "G1a",
        () =>
          proof(read, `${saw}, appended by the aborted ${transactionText(transactions, writer)}`, {
            element,
            writer: indexOf(transactions, writer),
          }),
      );
    }
  }
  if (seen.size === value.length) return;
  log.note("duplicate-elements", () => {
    const duplicates = [...seen].filter(([, count]) => count > 1)
      .map(([element, count]) => ({ element: elements.valueOf(element), count }));
    const what = duplicates.map(({ element, count }) => `${describeValue(element)} ${count} times`);
    return proof(read, `and saw ${what.join(", ")}`, { duplicates });
  });
}

/** Notes keys with two reads of which neither can have grown into the other (incompatible-order). */
export function noteIncompatibleOrders(
  transactions: Transactions,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  for (const [key, reads] of versions.contradictions) {
    const at = reads.findIndex((read, place) =>
      place > 0 && !isPrefix(reads[place - 1] as readonly unknown[], read)
    );
    if (at < 0) continue;
    const values = [reads[at - 1], reads[at]];
    log.note("incompatible-order", () => ({
      key: transactions.keys[key],
      values,
      message: `key ${describeValue(transactions.keys[key])} was read as ` +
        `${describeValue(values[0])} and as ${describeValue(values[1])}: no order of appends ` +
        "leads to both",
    }));
  }
}

/** Notes elements of committed transactions behind elements of aborted ones (dirty-update). */
export function noteDirtyUpdates(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
  log: AnomalyLog,
): void {
  for (const [key, order] of versions.observed.entries()) {
    let aborted = NOBODY;
    let values: unknown[] = [];
    for (const element of order) {
      const writer = elements.writer[element] as number;
      if (writer === NOBODY) continue;
      const outcome = transactions.outcome[writer];
      values.push(elements.valueOf(element));
      if (outcome === COMMITTED) {
        if (aborted !== NOBODY) {
          const pair: readonly [number, number] = [aborted, writer];
          const seen = values;
          log.note("dirty-update", () => dirtyUpdate(transactions, key, seen, pair));
        }
        aborted = NOBODY;
      } else if (outcome === ABORTED && aborted === NOBODY) {
        aborted = writer;
        values = [elements.valueOf(element)];
      }
    }
  }
}

function dirtyUpdate(
  transactions: Transactions,
  key: number,
  values: readonly unknown[],
  [aborted, committed]: readonly [number, number],
): Proof {
  const operations = [indexOf(transactions, aborted), indexOf(transactions, committed)];
  return {
    key: transactions.keys[key],
    values,
    operations,
    message: `operation ${operations[0]} appended ${describeValue(values[0])} to key ` +
      `${describeValue(transactions.keys[key])} and aborted, yet operation ${operations[1]} ` +
      "appended after it",
  };
}
