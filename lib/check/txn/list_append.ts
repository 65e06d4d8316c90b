/**
 * The checker of list-append: transactions that append unique elements to lists and read whole
 * lists.
 *
 * Such histories are traceable and recoverable, in the words of Elle (Kingsbury & Alvaro, "Elle:
 * Inferring Isolation Anomalies from Experimental Observations", VLDB 2020). A read returns all
 * elements in the order of their appends, which shows the version order. Each element is unique, so
 * the transaction that appended it is known. The version order determines the dependencies between
 * transactions, and cycles of dependencies are anomalies.
 *
 * A verdict that differs from that of Maelstrom's txn-list-append (Elle 0.2.2) contains Maelstrom's
 * verdict: for example, the read of an element that was never appended is an anomaly here, while
 * Elle throws an error.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { listHistory } from "./decision/observed_versions.ts";
import { EdgeList } from "./dependency_graph.ts";
import {
  recordDirtyUpdates,
  recordIncompatibleOrders,
  recordReadAnomalies,
  recordReorderedAppends,
} from "./list_anomalies.ts";
import { ListDependencies } from "./list_dependencies.ts";
import { ListElements } from "./list_elements.ts";
import { recordFutureReads, recordInternalAnomalies } from "./list_internal_anomalies.ts";
import { inferListVersions, type ListVersions } from "./list_versions.ts";
import { recordLostUpdates } from "./lost_updates.ts";
import { RW, WR, WW } from "./relations.ts";
import {
  type Analysis,
  checkTransactions,
  type TransactionalOptions,
} from "./transactional_check.ts";
import type { TransactionalVerdict } from "./transactional_verdict.ts";
import { equalityKey, type Transactions } from "./transactions.ts";

/**
 * Checks a history of list-append. A history without dependencies is `unknown`. Throws an
 * `UncheckableModelError` for a model that such a history cannot refute.
 */
export function checkListAppend(
  history: History,
  options: TransactionalOptions,
): TransactionalVerdict {
  return checkTransactions(history, options, {
    name: "list-append",
    writeFunction: "append",
    analyse,
    isTraceable: true,
    unknownToElle: [],
    adjustVerdict: (verdict) => verdict,
  });
}

function analyse(transactions: Transactions, log: AnomalyLog): Analysis {
  const elements = new ListElements(transactions);
  const versions = inferListVersions(transactions, elements);
  recordReadAnomalies(transactions, elements, versions, log);
  recordInternalAnomalies(transactions, log);
  recordFutureReads(transactions, log);
  recordIncompatibleOrders(transactions, versions, log);
  recordDirtyUpdates(transactions, elements, versions, log);
  recordReorderedAppends(transactions, elements, versions, log);
  const versionOf = (micro: number) => {
    const length = versions.prefixLength[micro] as number;
    return length >= 0 ? length : equalityKey(transactions.value[micro]);
  };
  recordLostUpdates(transactions, versionOf, log);
  const dependencies = new ListDependencies(transactions, elements, versions);
  const elleError = findElleError(transactions, elements, versions);
  return {
    // The cycles alone decide whether lists are serializable.
    isSerial: () => false,
    dependencies() {
      const edges = new EdgeList();
      dependencies.addTo(edges);
      return { edges, isEmpty: edges.count === 0, explain: dependencies.explain };
    },
    precedence: [WW, WR, RW],
    externalHistory: () => listHistory(transactions, elements, versions),
    ...(elleError === undefined ? {} : { elleError }),
  };
}

/** Finds an element of a version order on which Elle's assertion of a completed writer fails. */
function findElleError(
  transactions: Transactions,
  elements: ListElements,
  versions: ListVersions,
): string | undefined {
  const isCompleted = (transaction: number) =>
    transactions.operations[transaction] !== transactions.invocations[transaction];
  for (const order of versions.versionOrder) {
    for (const element of order) {
      const writer = elements.writer[element] as number;
      if (writer >= 0 && isCompleted(writer)) continue;
      return "Elle throws an error: a version order contains an element that no completed " +
        "transaction appended";
    }
  }
  return undefined;
}
