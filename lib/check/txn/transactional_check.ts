/**
 * The steps that the checkers of list-append and rw-register share, as in Elle. A checker collects
 * the transactions, records the workload's anomalies, infers the dependency graph, records the
 * cycles in it, and computes the verdict from the anomalies.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import { AnomalyLog } from "./anomaly_log.ts";
import { anomaliesProhibitedBy } from "./consistency_models.ts";
import { cycleKinds } from "./cycle_kinds.ts";
import { requireCheckable, type TransactionalWorkload } from "./checkable_models.ts";
import { recordCycles } from "./cycle_anomalies.ts";
import type { EdgeList } from "./dependency_graph.ts";
import type { EdgeExplainer } from "./cycle_explanation.ts";
import { UncheckableHistoryError } from "./history_errors.ts";
import { PROCESS, REALTIME } from "./relations.ts";
import { addProcessOrder, addRealtimeOrder } from "./time_order.ts";
import { type TransactionalVerdict, verdictFor } from "./transactional_verdict.ts";
import { collectTransactions, type Transactions } from "./transactions.ts";

/** Options of a checker of transactions. */
export interface TransactionalOptions {
  /** The models that the history must satisfy, by canonical or friendly name. */
  readonly consistencyModels: readonly string[];
  /**
   * The maximum number of steps of the search for cycles in one strongly connected component;
   * {@link DEFAULT_MAX_CYCLE_SEARCH_STEPS} by default. When it is reached, a search follows that is
   * faster but can miss cycles.
   */
  readonly maxCycleSearchSteps?: number;
}

/** The result of a workload's analysis of its transactions. */
export interface Analysis {
  /** The `ww`, `wr` and `rw` edges of the dependency graph. */
  readonly edges: EdgeList;
  /** Whether no transaction depends on any transaction, itself included. */
  readonly hasNoDependencies: boolean;
  /** The relations `ww`, `wr` and `rw`, the preferred one first; see `Component.precedence`. */
  readonly precedence: readonly number[];
  readonly explain: EdgeExplainer;
  /** Why Elle throws an error on this history, if it does. */
  readonly elleError?: string;
}

/** The parts of a checker that depend on the workload. */
export interface WorkloadChecker {
  readonly name: TransactionalWorkload;
  /** The function name of the workload's writing micro-operations. */
  readonly writeFunction: "append" | "w";
  /**
   * Records all anomalies that are not cycles and infers the dependencies. Throws an
   * `UncheckableHistoryError`.
   */
  readonly analyse: (transactions: Transactions, log: AnomalyLog) => Analysis;
  /** Applies the workload's exceptions to a verdict. */
  readonly adjustVerdict: (verdict: TransactionalVerdict) => TransactionalVerdict;
}

/** Anomalies that Elle does not report. */
const ANOMALIES_UNKNOWN_TO_ELLE: readonly string[] = ["phantom-read"];

const DEFAULT_MAX_CYCLE_SEARCH_STEPS = 1_000_000;

/**
 * Checks a history of a workload. A history that cannot be checked is `unknown`, with an `error`:
 * see {@link UncheckableHistoryError}. Throws an `UncheckableModelError`.
 */
export function checkTransactions(
  history: History,
  options: TransactionalOptions,
  workload: WorkloadChecker,
): TransactionalVerdict {
  requireCheckable(options.consistencyModels, workload.name);
  try {
    const transactions = collectTransactions(history, workload.writeFunction);
    const log = new AnomalyLog();
    const analysis = workload.analyse(transactions, log);
    searchCycles(transactions, analysis, options, log);
    return withMaelstromVerdict(
      (anomalies) => workload.adjustVerdict(verdictFor(anomalies, options.consistencyModels)),
      log,
      analysis.elleError,
    );
  } catch (error) {
    if (!(error instanceof UncheckableHistoryError)) throw error;
    return { "valid?": "unknown", error: error.message };
  }
}

function searchCycles(
  transactions: Transactions,
  analysis: Analysis,
  options: TransactionalOptions,
  log: AnomalyLog,
): void {
  const { edges } = analysis;
  const dependencies = edges.count;
  addTimeOrder(transactions, edges, options.consistencyModels);
  if (analysis.hasNoDependencies && edges.count === dependencies) {
    log.record("empty-transaction-graph", () => ({
      message:
        "no transaction depends on another, so the isolation of this history cannot be checked",
    }));
  }
  recordCycles(transactions, edges.toGraph(transactions.count), {
    precedence: [...analysis.precedence, PROCESS, REALTIME],
    explain: analysis.explain,
    maxSteps: options.maxCycleSearchSteps ?? DEFAULT_MAX_CYCLE_SEARCH_STEPS,
  }, log);
}

/**
 * Adds real-time or process order if a model requires it. Real-time order implies process order.
 */
function addTimeOrder(
  transactions: Transactions,
  edges: EdgeList,
  models: readonly string[],
): void {
  const prohibited = anomaliesProhibitedBy(models);
  const prohibitsAny = (suffix: string) =>
    cycleKinds.some(({ name }) => name.endsWith(suffix) && prohibited.has(name));
  if (prohibitsAny("-realtime")) addRealtimeOrder(transactions, edges);
  else if (prohibitsAny("-process")) addProcessOrder(transactions, edges);
}

/** Returns the verdict, with Maelstrom's verdict on the same history if the two differ. */
function withMaelstromVerdict(
  verdictOn: (log: AnomalyLog) => TransactionalVerdict,
  log: AnomalyLog,
  elleError: string | undefined,
): TransactionalVerdict {
  const verdict = verdictOn(log);
  const elleLog = log.without(ANOMALIES_UNKNOWN_TO_ELLE);
  if (elleError === undefined && elleLog.types().length === log.types().length) return verdict;
  const maelstrom: TransactionalVerdict = elleError === undefined
    ? verdictOn(elleLog)
    : { "valid?": "unknown", error: elleError };
  const valid = maelstrom["valid?"];
  return {
    ...verdict,
    ...(valid === verdict["valid?"] ? {} : { "maelstrom-valid?": valid }),
    maelstrom,
  };
}
