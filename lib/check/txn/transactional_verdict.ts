/**
 * From anomalies to a verdict: which of them the requested models forbid, and which models are ruled
 * out.
 *
 * @module
 */

import type { Valid, Verdict } from "../verdict.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import type { Explanation } from "../explanation.ts";
import { anomaliesProhibitedBy, impossibleModels, modelBoundary } from "./consistency_models.ts";
import { redundantExistenceAnomalies } from "./cycle_existence.ts";

/** Anomalies that make a check undecided rather than failed. */
const inconclusiveAnomalies: readonly string[] = [
  "cycle-search-timeout",
  "empty-transaction-graph",
];

/** A verdict on transactions; without anomalies it holds `valid?` alone. */
export interface TransactionalVerdict extends Verdict {
  /** The anomalies that the models forbid, in alphabetical order. */
  readonly "anomaly-types"?: readonly string[];
  readonly "anomaly-counts"?: Readonly<Record<string, number>>;
  /** Some of each type, explained: the shortest cycles, the first of all others. */
  readonly anomalies?: Readonly<Record<string, readonly Explanation[]>>;
  /** The weakest models that are ruled out, by friendly name. */
  readonly not?: readonly string[];
  /** All stronger ones. */
  readonly "also-not"?: readonly string[];
  /** Why the history could not be judged, when it could not. */
  readonly error?: string;
  /** Maelstrom's `valid?` of the same history, where it is another. */
  readonly "maelstrom-valid?"?: Valid;
  /** All that Maelstrom says of the same history, where it says something else. */
  readonly maelstrom?: TransactionalVerdict;
}

/** The verdict when these models are expected to hold. */
export function verdictFor(log: AnomalyLog, models: readonly string[]): TransactionalVerdict {
  const forbidden = anomaliesProhibitedBy(models);
  const reported = log.types().filter((type) =>
    forbidden.has(type) || inconclusiveAnomalies.includes(type)
  );
  if (reported.length === 0) return { "valid?": true };
  const valid: Valid = reported.some((type) => forbidden.has(type)) ? false : "unknown";
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
