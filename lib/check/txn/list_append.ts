/**
 * Checks histories of transactions that append to lists and read them. Unique elements and whole
 * lists in every read make the order of a list's versions plain to see; from it follow dependencies
 * between the transactions, and cycles of these are anomalies.
 *
 * Method: Kingsbury & Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations",
 * VLDB 2020. Verdicts agree with those that Maelstrom's txn-list-append has from Elle 0.2.2, save
 * that reads of elements nobody appended are an anomaly here and make Elle fail.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { EdgeList } from "./dependency_graph.ts";
import {
  recordDirtyUpdates,
  recordIncompatibleOrders,
  recordReadAnomalies,
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
 * Judges a history of transactions on lists. A history without any dependencies is `unknown`. Throws
 * an `UncheckableModelError` when a model is asked for that such a history cannot refute.
 */
export function checkListAppend(
  history: History,
  options: TransactionalOptions,
): TransactionalVerdict {
  return checkTransactions(history, options, {
    name: "list-append",
    writeFunction: "append",
    analyse,
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
  const versionOf = (micro: number) => {
    const length = versions.prefixLength[micro] as number;
    return length >= 0 ? length : equalityKey(transactions.value[micro]);
  };
  recordLostUpdates(transactions, versionOf, log);
  const dependencies = new ListDependencies(transactions, elements, versions);
  const edges = new EdgeList();
  dependencies.addTo(edges);
  const failure = findElleError(transactions, elements, versions);
  return {
    edges,
    hasNoDependencies: edges.count === 0,
    precedence: [WW, WR, RW],
    explain: dependencies.explain,
    ...(failure === undefined ? {} : { elleError: failure }),
  };
}

/** Elle asserts that every element in the order of a list belongs to a completed transaction. */
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
      return "Elle finds no completed transaction that appended an element of a list's order";
    }
  }
  return undefined;
}
