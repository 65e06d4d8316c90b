/**
 * Checks histories of transactions that write registers and read them. A read tells whose write it
 * saw, but not what had been there before; so less can be inferred than from lists, and a verdict of
 * `true` says less.
 *
 * Method: Kingsbury & Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations",
 * VLDB 2020. Verdicts agree with those that Maelstrom's txn-rw-register has from Elle 0.2.2, save for
 * reads of values that nobody wrote, which Maelstrom lets pass.
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
 * Judges a history of transactions on registers. A history without any dependencies is invalid, and
 * a search for cycles that gave up is not mentioned, as in Maelstrom. Throws an
 * `UncheckableModelError` when a model is asked for that such a history cannot refute.
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

function withoutTimeouts(verdict: TransactionalVerdict): TransactionalVerdict {
  const types = (verdict["anomaly-types"] ?? []).filter((type) => type !== "cycle-search-timeout");
  if (types.length === 0) return { "valid?": true };
  const { ["cycle-search-timeout"]: _dropped, ...anomalies } = verdict.anomalies ?? {};
  return { ...verdict, "valid?": false, "anomaly-types": types, anomalies };
}
