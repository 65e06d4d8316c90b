/**
 * The checker of rw-register: transactions that write unique values to registers and read them.
 *
 * Such histories are recoverable but not traceable, in the words of Elle (Kingsbury & Alvaro,
 * "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020). A read shows
 * the transaction that wrote the version, but not the earlier versions. So only a part of the
 * version order can be inferred, and fewer anomalies are detected than with list-append.
 *
 * Elle infers a dependency between two writes only from a transaction that reads a key before it
 * writes the key. So it misses many violations; see `isolation_anomalies.ts` for what is decided
 * here besides. A verdict that differs from that of Maelstrom's txn-rw-register (Elle 0.2.2) contains
 * Maelstrom's verdict.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { isSerial } from "./decision/decide_levels.ts";
import type { ExternalHistory } from "./decision/external_history.ts";
import { registerHistory } from "./decision/observed_versions.ts";
import { EdgeList } from "./dependency_graph.ts";
import { UNDECIDED } from "./isolation_anomalies.ts";
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
    isTraceable: false,
    unknownToElle: ["future-read"],
    adjustVerdict: withoutTimeouts,
  });
}

function analyse(transactions: Transactions, log: AnomalyLog): Analysis {
  const versions = new RegisterVersions(transactions);
  recordReadAnomalies(transactions, versions, log);
  recordInternalAnomalies(transactions, log);
  let history: ExternalHistory | undefined;
  const externalHistory = () => history ??= registerHistory(transactions, versions);
  return {
    isSerial: () => hasReadOfWrite(versions) && isSerial(externalHistory()),
    dependencies() {
      recordLostUpdates(transactions, (micro) => versions.versionOf(micro), log);
      const order = inferVersionOrder(transactions, versions, log);
      const dependencies = new RegisterDependencies(transactions, versions, order);
      const edges = new EdgeList();
      const isEmpty = !dependencies.addTo(edges);
      return { edges, isEmpty, explain: dependencies.explain };
    },
    precedence: [WR, WW, RW],
    externalHistory,
  };
}

/** Whether a committed transaction read what a committed transaction wrote. */
function hasReadOfWrite(versions: RegisterVersions): boolean {
  for (let version = 0; version < versions.count; version++) {
    if (versions.writers.last(version) >= 0 && versions.readers.last(version) >= 0) return true;
  }
  return false;
}

/**
 * Removes cycle-search-timeout from a verdict, as Maelstrom does. With any other anomaly but one that
 * is undecided the verdict is false.
 */
function withoutTimeouts(verdict: TransactionalVerdict): TransactionalVerdict {
  const types = verdict["anomaly-types"];
  if (types === undefined) return verdict;
  const rest = types.filter((type) => type !== "cycle-search-timeout");
  const keep = <T>(byType: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(rest.map((type) => [type, byType[type] as T]));
  return {
    ...verdict,
    "valid?": rest.length === 0
      ? true
      : rest.every((type) => type === UNDECIDED)
      ? "unknown"
      : false,
    "anomaly-types": rest,
    "anomaly-counts": keep(verdict["anomaly-counts"]),
    anomalies: keep(verdict.anomalies),
  };
}
