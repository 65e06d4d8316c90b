/**
 * The checker of rw-register: transactions that write unique values to registers and read them.
 *
 * Such histories are recoverable but not traceable, in the words of Elle (Kingsbury & Alvaro,
 * "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020). A read shows
 * the transaction that wrote the version, but not the earlier versions. So only a part of the
 * version order can be inferred, and fewer anomalies are detected than with list-append.
 *
 * Verdicts agree with those of Maelstrom's txn-rw-register (Elle 0.2.2), with one exception. The
 * read of a value that was never written is an anomaly here, while Maelstrom accepts it.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { EdgeList } from "./dependency_graph.ts";
import { recordLostUpdates } from "./lost_updates.ts";
import { recordInternalAnomalies, recordReadAnomalies } from "./register_anomalies.ts";
import { RegisterDependencies } from "./register_dependencies.ts";
import { inferVersionOrder } from "./register_version_order.ts";
import { RegisterVersions } from "./register_versions.ts";
import { RW, WR, WW } from "./relations.ts";
import {
  type Analysis,
  checkTransactions,
  type TransactionalOptions,
} from "./transactional_check.ts";
import type { TransactionalVerdict } from "./transactional_verdict.ts";
import type { Transactions } from "./transactions.ts";

/**
 * Checks a history of rw-register. As in Maelstrom, a history without dependencies is invalid, and
 * the verdict does not report that the search for cycles used up its budget. Throws an
 * `UncheckableModelError` for a model that such a history cannot refute.
 */
export function checkRwRegister(
  history: History,
  options: TransactionalOptions,
): TransactionalVerdict {
  return checkTransactions(history, options, {
    name: "rw-register",
    writeFunction: "w",
    analyse,
    adjustVerdict: withoutTimeouts,
  });
}

function analyse(transactions: Transactions, log: AnomalyLog): Analysis {
  const versions = new RegisterVersions(transactions);
  recordReadAnomalies(transactions, versions, log);
  recordInternalAnomalies(transactions, log);
  recordLostUpdates(transactions, (micro) => versions.versionOf(micro), log);
  const order = inferVersionOrder(transactions, versions, log);
  const dependencies = new RegisterDependencies(transactions, versions, order);
  const edges = new EdgeList();
  const isEmpty = !dependencies.addTo(edges);
  return {
    edges,
    hasNoDependencies: isEmpty,
    precedence: [WR, WW, RW],
    explain: dependencies.explain,
  };
}

/** Removes cycle-search-timeout from a verdict; with any other anomaly the verdict is false. */
function withoutTimeouts(verdict: TransactionalVerdict): TransactionalVerdict {
  const types = (verdict["anomaly-types"] ?? []).filter((type) => type !== "cycle-search-timeout");
  if (types.length === 0) return { "valid?": true };
  const { ["cycle-search-timeout"]: _dropped, ...anomalies } = verdict.anomalies ?? {};
  return { ...verdict, "valid?": false, "anomaly-types": types, anomalies };
}
