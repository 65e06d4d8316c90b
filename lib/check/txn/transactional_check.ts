/**
 * What checking transactions has in common whatever they work on: collect them, analyse them, search
 * the dependencies for cycles, judge what was found.
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

/** What to check, and how hard to try. */
export interface TransactionalOptions {
  /** The models that should hold, by any of their names. */
  readonly consistencyModels: readonly string[];
  /**
   * How many steps the search for cycles may take among one group of transactions that depend on
   * each other; 1,000,000 unless given. When they are used up, a coarser search goes on.
   */
  readonly maxCycleSearchSteps?: number;
}

/** What a workload learns from its transactions. */
export interface Analysis {
  /** Dependencies; the order in time is added to them. */
  readonly edges: EdgeList;
  /** Whether there are no dependencies at all. */
  readonly hasNoDependencies: boolean;
  /** Relations, that which explains a dependency best first. */
  readonly precedence: readonly number[];
  readonly explain: EdgeExplainer;
  /** Why Maelstrom's checker fails on this history, if it does. */
  readonly elleError?: string;
}

/** A workload, as far as checking goes. */
export interface WorkloadChecker {
  readonly name: TransactionalWorkload;
  /** What its writing micro-operations are called. */
  readonly writeFunction: "append" | "w";
  /** Notes all anomalies that are not cycles. Throws an `UnjudgeableHistoryError`. */
  readonly analyse: (transactions: Transactions, log: AnomalyLog) => Analysis;
  /** The workload's own view of a verdict. */
  readonly adjustVerdict: (verdict: TransactionalVerdict) => TransactionalVerdict;
}

/** Anomalies that only we report. */
const ANOMALIES_UNKNOWN_TO_ELLE: readonly string[] = ["phantom-read"];

const DEFAULT_MAX_CYCLE_SEARCH_STEPS = 1_000_000;

/**
 * Judges a history. One that cannot be judged (it holds no such transactions, or writes a value
 * twice) is `unknown` with an `error`. Throws an `UncheckableModelError`.
 */
export function checkTransactions(
  history: History,
  options: TransactionalOptions,
  rules: WorkloadChecker,
): TransactionalVerdict {
  requireCheckable(options.consistencyModels, rules.name);
  try {
    const transactions = collectTransactions(history, rules.writeFunction);
    const log = new AnomalyLog();
    const analysis = rules.analyse(transactions, log);
    searchCycles(transactions, analysis, options, log);
    return withMaelstromVerdict(
      (seen) => rules.adjustVerdict(verdictFor(seen, options.consistencyModels)),
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
      message: "no transaction depends on another: nothing that was acknowledged can be judged",
    }));
  }
  recordCycles(transactions, edges.toGraph(transactions.count), {
    precedence: [...analysis.precedence, PROCESS, REALTIME],
    explain: analysis.explain,
    maxSteps: options.maxCycleSearchSteps ?? DEFAULT_MAX_CYCLE_SEARCH_STEPS,
  }, log);
}

/** Real time contains the order within processes; so one of the two is enough. */
function addTimeOrder(
  transactions: Transactions,
  edges: EdgeList,
  models: readonly string[],
): void {
  const forbidden = anomaliesProhibitedBy(models);
  const matters = (suffix: string) =>
    cycleKinds.some(({ name }) => name.endsWith(suffix) && forbidden.has(name));
  if (matters("-realtime")) addRealtimeOrder(transactions, edges);
  else if (matters("-process")) addProcessOrder(transactions, edges);
}

function withMaelstromVerdict(
  verdictOn: (log: AnomalyLog) => TransactionalVerdict,
  log: AnomalyLog,
  maelstromFails: string | undefined,
): TransactionalVerdict {
  const verdict = verdictOn(log);
  const others = log.without(ANOMALIES_UNKNOWN_TO_ELLE);
  if (maelstromFails === undefined && others.types().length === log.types().length) return verdict;
  const maelstrom: TransactionalVerdict = maelstromFails === undefined
    ? verdictOn(others)
    : { "valid?": "unknown", error: maelstromFails };
  const valid = maelstrom["valid?"];
  return {
    ...verdict,
    ...(valid === verdict["valid?"] ? {} : { "maelstrom-valid?": valid }),
    maelstrom,
  };
}
