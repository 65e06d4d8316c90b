/**
 * The steps that the checkers of list-append and rw-register share. As in Elle, a checker collects
 * the transactions, records the workload's anomalies, infers the dependency graph, records the
 * cycles in it, and computes the verdict from the anomalies. If that refutes none of the models, it
 * decides isolation levels that Elle does not decide.
 *
 * @module
 */

import type { History } from "../../history/mod.ts";
import { AnomalyLog } from "./anomaly_log.ts";
import { anomaliesProhibitedBy, anomaliesUnknownToElle } from "./consistency_models.ts";
import { cycleKinds } from "./cycle_kinds.ts";
import { requireCheckable, type TransactionalWorkload } from "./checkable_models.ts";
import { recordCycles } from "./cycle_anomalies.ts";
import type { EdgeList } from "./dependency_graph.ts";
import type { EdgeExplainer } from "./cycle_explanation.ts";
import { defaultLimits } from "./decision/decide_levels.ts";
import type { ExternalHistory } from "./decision/external_history.ts";
import type { IsolationLevel } from "./decision/isolation_level.ts";
import { DuplicateWriteError, UncheckableHistoryError } from "./history_errors.ts";
import { levelsOf, recordContradictions, recordIsolationAnomalies } from "./isolation_anomalies.ts";
import { PROCESS, REALTIME } from "./relations.ts";
import { recordReplyMismatches } from "./reply_mismatches.ts";
import { addProcessOrder, addRealtimeOrder } from "./time_order.ts";
import { isInconclusive, type TransactionalVerdict, verdictFor } from "./transactional_verdict.ts";
import { collectTransactions, type Transactions, withoutKeys } from "./transactions.ts";

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

/** The `ww`, `wr` and `rw` edges of a dependency graph. */
export interface Dependencies {
  readonly edges: EdgeList;
  /** Whether no transaction depends on any transaction, itself included. */
  readonly isEmpty: boolean;
  readonly explain: EdgeExplainer;
}

/** The result of a workload's analysis of its transactions. */
export interface Analysis {
  /**
   * Returns whether transactions depend on each other and a quick search shows that an order of the
   * transactions, which keeps the order in real time, explains all reads. Then no dependencies form a
   * cycle.
   */
  readonly isSerial: () => boolean;
  /** Infers the dependencies, and records the anomalies that they show by themselves. */
  readonly dependencies: () => Dependencies;
  /** The relations `ww`, `wr` and `rw`, the preferred one first; see `Component.precedence`. */
  readonly precedence: readonly number[];
  /** Why Elle throws an error on this history, if it does. */
  readonly elleError?: string;
  /** Returns the accesses from which isolation levels are decided. */
  readonly externalHistory: () => ExternalHistory;
}

/** The parts of a checker that depend on the workload. */
export interface WorkloadChecker {
  readonly name: TransactionalWorkload;
  /** The function name of the workload's writing micro-operations. */
  readonly writeFunction: "append" | "w";
  /**
   * Records the anomalies of single reads and transactions. Throws an `UncheckableHistoryError`; a {@link DuplicateWriteError} names the keys to leave out.
   */
  readonly analyse: (transactions: Transactions, log: AnomalyLog) => Analysis;
  /** Whether reads show the order of the writes, so that cycles decide serializability. */
  readonly isTraceable: boolean;
  /** The anomalies that Elle's checker of this workload does not report. */
  readonly unknownToElle: readonly string[];
  /** Applies the workload's exceptions to a verdict. */
  readonly adjustVerdict: (verdict: TransactionalVerdict) => TransactionalVerdict;
}

const DEFAULT_MAX_CYCLE_SEARCH_STEPS = 1_000_000;

/**
 * Checks a history of a workload. A history that cannot be checked is `unknown`, with an `error`:
 * see {@link UncheckableHistoryError}. If a test wrote a value to a key twice, the check leaves out
 * that key, and a verdict that is not false is `unknown`. Throws an `UncheckableModelError`.
 */
export function checkTransactions(
  history: History,
  options: TransactionalOptions,
  workload: WorkloadChecker,
): TransactionalVerdict {
  requireCheckable(options.consistencyModels, workload.name);
  try {
    const all = collectTransactions(history, workload.writeFunction);
    try {
      return check(all, options, workload);
    } catch (error) {
      if (!(error instanceof DuplicateWriteError)) throw error;
      const rest = withoutKeys(all, new Set(error.duplicates.map(({ key }) => key)));
      return withoutCertainty(check(rest, options, workload), error.message);
    }
  } catch (error) {
    if (!(error instanceof UncheckableHistoryError)) throw error;
    return { "valid?": "unknown", error: error.message };
  }
}

function check(
  transactions: Transactions,
  options: TransactionalOptions,
  workload: WorkloadChecker,
): TransactionalVerdict {
  const models = options.consistencyModels;
  const log = new AnomalyLog();
  recordReplyMismatches(transactions, log);
  const analysis = workload.analyse(transactions, log);
  if (log.types().length === 0 && analysis.isSerial()) return verdictFor(log, models);
  const graph = searchCycles(transactions, analysis, options, log);
  const verdict = () => workload.adjustVerdict(verdictFor(log, models));
  if (verdict()["valid?"] !== false) {
    const demanded = levelsOf(models);
    const levels = demanded.filter((level) =>
      !workload.isTraceable || !isDecidedByCycles(level, graph, transactions.count)
    );
    if (!recordContradictions(demanded, log) && levels.length > 0) {
      recordIsolationAnomalies(transactions, analysis.externalHistory(), levels, log);
    }
  }
  return withMaelstromVerdict(verdict(), models, workload, log, analysis.elleError);
}

/** Returns the verdict on a history of which a part was left out, for the reason given. */
function withoutCertainty(verdict: TransactionalVerdict, error: string): TransactionalVerdict {
  const { maelstrom: _rest, "maelstrom-valid?": _restValid, ...ours } = verdict;
  const isRefuted = (verdict["anomaly-types"] ?? []).some((type) => !isInconclusive(type));
  if (!isRefuted) return { ...ours, "valid?": "unknown", error };
  return {
    ...ours,
    error,
    "maelstrom-valid?": "unknown",
    maelstrom: { "valid?": "unknown", error },
  };
}

/** What a search for cycles in a dependency graph found out. */
interface SearchedGraph {
  readonly isAcyclic: boolean;
  /** Whether the graph contains the order of each process or the order in real time. */
  readonly hasTimeOrder: boolean;
}

/**
 * Returns whether the cycles of a graph with the order of writes decide a level. The order of two
 * writes that no read observed is unknown; it matters to snapshot isolation, which lets the second
 * one see the first. In a long history that possibility is not examined, as in Elle.
 */
function isDecidedByCycles(
  { rule, time }: IsolationLevel,
  { isAcyclic, hasTimeOrder }: SearchedGraph,
  count: number,
): boolean {
  if (rule === "serial" || rule === "snapshot" && count > defaultLimits.maxTransactions) {
    return true;
  }
  return isAcyclic && (time === "none" || hasTimeOrder);
}

/** Records the cycles of the dependency graph. */
function searchCycles(
  transactions: Transactions,
  analysis: Analysis,
  options: TransactionalOptions,
  log: AnomalyLog,
): SearchedGraph {
  const { edges, isEmpty, explain } = analysis.dependencies();
  const { count } = edges;
  const hasTimeOrder = addTimeOrder(transactions, edges, options.consistencyModels);
  if (isEmpty && edges.count === count) {
    log.record("empty-transaction-graph", () => ({
      message:
        "no transaction depends on another, so the isolation of this history cannot be checked",
    }));
  }
  const hasCycle = recordCycles(transactions, edges.toGraph(transactions.count), {
    precedence: [...analysis.precedence, PROCESS, REALTIME],
    explain,
    maxSteps: options.maxCycleSearchSteps ?? DEFAULT_MAX_CYCLE_SEARCH_STEPS,
  }, log);
  return { isAcyclic: !hasCycle, hasTimeOrder };
}

/**
 * Adds real-time or process order if a model requires it, and returns whether one does. Real-time
 * order implies process order.
 */
function addTimeOrder(
  transactions: Transactions,
  edges: EdgeList,
  models: readonly string[],
): boolean {
  const prohibited = anomaliesProhibitedBy(models);
  const prohibitsAny = (suffix: string) =>
    cycleKinds.some(({ name }) => name.endsWith(suffix) && prohibited.has(name));
  if (prohibitsAny("-realtime")) addRealtimeOrder(transactions, edges);
  else if (prohibitsAny("-process")) addProcessOrder(transactions, edges);
  else return false;
  return true;
}

/** Adds Maelstrom's verdict on the same history if the two differ. */
function withMaelstromVerdict(
  verdict: TransactionalVerdict,
  models: readonly string[],
  workload: WorkloadChecker,
  log: AnomalyLog,
  elleError: string | undefined,
): TransactionalVerdict {
  const elleLog = log.without([...anomaliesUnknownToElle, ...workload.unknownToElle]);
  if (elleError === undefined && elleLog.types().length === log.types().length) return verdict;
  const maelstrom: TransactionalVerdict = elleError === undefined
    ? workload.adjustVerdict(withoutNotes(verdictFor(elleLog, models)))
    : { "valid?": "unknown", error: elleError };
  const valid = maelstrom["valid?"];
  return {
    ...verdict,
    ...(valid === verdict["valid?"] ? {} : { "maelstrom-valid?": valid }),
    maelstrom,
  };
}

/** Removes what Maelstrom's verdicts do not say. */
function withoutNotes(verdict: TransactionalVerdict): TransactionalVerdict {
  const { "not-decided": _notes, ...rest } = verdict;
  return rest;
}
