/**
 * The verdict on a history of transactions: the anomalies that the expected models prohibit, and
 * all models that the anomalies rule out.
 *
 * @module
 */

import type { Valid, Verdict } from "../verdict.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import type { Explanation } from "../explanation.ts";
import { anomaliesProhibitedBy, impossibleModels, modelBoundary } from "./consistency_models.ts";
import { undecidableAmong, UNDECIDED } from "./isolation_anomalies.ts";
import { redundantExistenceAnomalies } from "./cycle_existence.ts";

/** Anomalies that make a verdict `unknown` instead of false. */
const inconclusiveAnomalies: readonly string[] = [
  "cycle-search-timeout",
  "empty-transaction-graph",
  UNDECIDED,
];

/** Returns whether an anomaly shows only that a history, or a part of it, was not decided. */
export function isInconclusive(anomaly: string): boolean {
  return inconclusiveAnomalies.includes(anomaly);
}

/** A verdict on transactions; without anomalies it consists of `valid?` alone. */
export interface TransactionalVerdict extends Verdict {
  /** The types of the reported anomalies, in alphabetical order. */
  readonly "anomaly-types"?: readonly string[];
  /** The number of anomalies of each type. */
  readonly "anomaly-counts"?: Readonly<Record<string, number>>;
  /** Explanations of some anomalies of each type: the shortest cycles, the first of other types. */
  readonly anomalies?: Readonly<Record<string, readonly Explanation[]>>;
  /** The friendly names of the weakest models that are ruled out, see `ModelBoundary`. */
  readonly not?: readonly string[];
  /** The friendly names of all other models that are ruled out. */
  readonly "also-not"?: readonly string[];
  /**
   * For a valid history: the required models of which it shows only a part. It may violate them in
   * ways that are not checked.
   */
  readonly "not-decided"?: readonly string[];
  /** Why the history, or a key of it, cannot be checked. */
  readonly error?: string;
  /** Maelstrom's `valid?` for the same history, if it differs. */
  readonly "maelstrom-valid?"?: Valid;
  /** Maelstrom's verdict on the same history, if it differs. */
  readonly maelstrom?: TransactionalVerdict;
}

/** Returns the verdict on a history with these anomalies, given the models that it must satisfy. */
export function verdictFor(log: AnomalyLog, models: readonly string[]): TransactionalVerdict {
  const prohibited = anomaliesProhibitedBy(models);
  const reported = log.types().filter((type) => prohibited.has(type) || isInconclusive(type));
  const notDecided = undecidableAmong(models);
  if (reported.length === 0) {
    return { "valid?": true, ...(notDecided.length === 0 ? {} : { "not-decided": notDecided }) };
  }
  const valid: Valid = reported.some((type) => prohibited.has(type)) ? false : "unknown";
  const redundant = redundantExistenceAnomalies(
    impossibleModels(reported.filter((type) => !type.endsWith("-cycle-exists"))),
  );
  const types = reported.filter((type) => !redundant.includes(type)).sort();
  return {
    "valid?": valid,
    "anomaly-types": types,
    "anomaly-counts": Object.fromEntries(types.map((type) => [type, log.group(type).count])),
    anomalies: Object.fromEntries(types.map((type) => [type, log.group(type).cases])),
    ...modelBoundary(log.types()),
  };
}
