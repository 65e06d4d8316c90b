/**
 * What the reads of registers and lists show about the writers of versions.
 *
 * A read is left out if its version was aborted, is an intermediate one, or was never written: other
 * anomalies report it.
 *
 * @module
 */

import { EdgeList } from "../dependency_graph.ts";
import { type ListElements, NO_TRANSACTION } from "../list_elements.ts";
import { isNonEmpty, type ListVersions } from "../list_versions.ts";
import type { RegisterVersions } from "../register_versions.ts";
import { ABORTED, type Transactions } from "../transactions.ts";
import {
  collectExternalHistory,
  type ExternalHistory,
  INITIAL,
  UNKNOWN,
} from "./external_history.ts";

/** Returns the external history of registers, where the value read shows its writer alone. */
export function registerHistory(
  transactions: Transactions,
  versions: RegisterVersions,
): ExternalHistory {
  return collectExternalHistory(transactions, (micro, transaction) => {
    const version = versions.versionOf(micro);
    if (versions.isInitial(version)) return INITIAL;
    const writer = versions.externalWriter[version] as number;
    return writer < 0 || writer === transaction ? UNKNOWN : writer;
  });
}

/**
 * Returns the external history of lists, where the longest read shows the order of the writes. What a
 * read shows before the appends of its own transaction is the version that it observed.
 */
export function listHistory(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
): ExternalHistory {
  const { key, value, outcome } = transactions;
  const writerOf = (element: number): number => {
    const writer = elements.writer[element] as number;
    return writer === NO_TRANSACTION || outcome[writer] === ABORTED ? UNKNOWN : writer;
  };
  return collectExternalHistory(transactions, (micro, transaction) => {
    const read = value[micro];
    if (!isNonEmpty(read)) return INITIAL;
    if ((versions.prefixLength[micro] as number) < 0) return UNKNOWN;
    for (let at = read.length - 1; at >= 0; at--) {
      const element = elements.idOf(key[micro] as number, read[at]);
      if (elements.writer[element] === transaction) continue;
      return elements.isIntermediate[element] === true ? UNKNOWN : writerOf(element);
    }
    return INITIAL;
  }, knownOrder(transactions, elements, versions, writerOf));
}

/**
 * Returns an edge from each writer of a list to the next one, and from the last writer that a read
 * observed to each one that no read observed.
 */
function knownOrder(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
  writerOf: (element: number) => number,
): EdgeList {
  const edges = new EdgeList();
  const isObserved = new Uint8Array(elements.count);
  const lastWriter = versions.versionOrder.map((order) => {
    let last = UNKNOWN;
    for (const element of order) {
      isObserved[element] = 1;
      const writer = writerOf(element);
      if (writer === UNKNOWN || writer === last) continue;
      if (last !== UNKNOWN) edges.add(last, writer, 1);
      last = writer;
    }
    return last;
  });
  const { count, outcome, start, isRead, key, value } = transactions;
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] === ABORTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      if (isRead[micro] === 1) continue;
      const keyIndex = key[micro] as number;
      const last = lastWriter[keyIndex] as number;
      if (last === UNKNOWN || last === transaction) continue;
      const isSeen = isObserved[elements.idOf(keyIndex, value[micro])] === 1;
      if (!isSeen) edges.add(last, transaction, 1);
    }
  }
  return edges;
}
