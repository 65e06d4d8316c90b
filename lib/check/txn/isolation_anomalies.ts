/**
 * Records the isolation levels that a history violates or that could not be decided, as anomalies
 * with names of our own: Elle infers no order of writes from reads alone, and so misses them.
 *
 * @module
 */

import type { AnomalyLog, Evidence } from "./anomaly_log.ts";
import { anomaliesProhibitedBy, canonicalName, friendlyName } from "./consistency_models.ts";
import { completionIndex, describeTransaction } from "./cycle_explanation.ts";
import { decideLevels } from "./decision/decide_levels.ts";
import type { ExternalHistory } from "./decision/external_history.ts";
import {
  forbidsContradictions,
  type IsolationLevel,
  isolationLevels,
} from "./decision/isolation_level.ts";
import type { Transactions } from "./transactions.ts";

/** The anomaly that reports an isolation level which could not be decided. */
export const UNDECIDED = "undecided";

/** Returns the levels that at least one of the models demands. */
export function levelsOf(models: Iterable<string>): readonly IsolationLevel[] {
  const prohibited = anomaliesProhibitedBy(models);
  return isolationLevels.filter(({ anomaly }) => prohibited.has(anomaly));
}

/**
 * Models whose violations an anomaly of each other sort reports: dirty writes, which registers cannot
 * show, and cycles of dependencies.
 */
const otherDecidedModels: readonly string[] = [
  "PL-1",
  "PL-3",
  "parallel-snapshot-isolation",
  "strong-session-PL-1",
  "strong-PL-1",
];

/**
 * Returns the friendly names of the models of which a history can show only some violations, so that
 * a history without anomalies may still violate them.
 */
export function undecidableAmong(models: Iterable<string>): string[] {
  const decided = new Set([...isolationLevels.map(({ model }) => model), ...otherDecidedModels]);
  return [...models].filter((model) => !decided.has(canonicalName(model))).map(friendlyName);
}

/**
 * Records that a transaction which contradicts itself violates a level. Elle lets models such as
 * repeatable-read accept it. Returns whether there is such a transaction and level.
 */
export function recordContradictions(levels: readonly IsolationLevel[], log: AnomalyLog): boolean {
  const level = levels.find(forbidsContradictions);
  const [found] = ["internal", "internal-after-null"].flatMap((type) => log.group(type).cases);
  if (level === undefined || found === undefined) return false;
  const { message, operation } = found;
  log.record(level.anomaly, () => ({ operations: [operation], message }));
  return true;
}

/** Decides levels of a history and records those that it violates or that remain undecided. */
export function recordIsolationAnomalies(
  transactions: Transactions,
  history: ExternalHistory,
  levels: readonly IsolationLevel[],
  log: AnomalyLog,
): void {
  for (const { level, violatedBy } of decideLevels(history, levels)) {
    if (violatedBy !== undefined) {
      log.record(level.anomaly, () => violationEvidence(transactions, level, violatedBy));
      continue;
    }
    log.record(UNDECIDED, () => ({
      model: friendlyName(level.model),
      message: `whether the history satisfies ${friendlyName(level.model)} is not decided: the ` +
        `search through the orders of ${history.members.length} transactions gave up`,
    }));
  }
}

function violationEvidence(
  transactions: Transactions,
  { demand }: IsolationLevel,
  violation: readonly number[],
): Evidence {
  const definitions = violation.map((transaction, at) =>
    `T${at + 1} is ${describeTransaction(transactions, transaction)}.`
  );
  return {
    operations: violation.map((transaction) => completionIndex(transactions, transaction)),
    message: [...definitions, `No order of T1 to T${violation.length} ${demand}.`].join("\n"),
  };
}
