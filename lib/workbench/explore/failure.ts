/**
 * What a run's failure is: the checkers that found it invalid, with the types of their anomalies.
 *
 * A smaller case may show fewer anomalies, or the same lost value in another type of cycle. Two runs
 * therefore have the same failure if one checker reports a common type for both. Without this
 * condition, shrinking could slip from one fault of the node to another.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import type { Verdict } from "../../check/mod.ts";

/** A sorted list of `checker: anomaly` entries; empty when the run did not fail. */
export type Failure = readonly string[];

/** Returns the failure in a composed verdict of several checkers. */
export function failureOf(verdict: Verdict): Failure {
  const entries = new Set<string>();
  for (const [checker, part] of Object.entries(verdict)) {
    if (!isVerdict(part) || part["valid?"] !== false) continue;
    const types = anomalyTypes(part);
    for (const type of types.length === 0 ? ["invalid"] : types) {
      if (!INCONCLUSIVE_TYPES.has(type)) entries.add(`${checker}: ${type}`);
    }
  }
  return [...entries].sort();
}

/** Whether a workload's verdict says only that acknowledged writes are lost, as these anomalies do. */
export function isLoss(verdict: Verdict, losses: readonly string[] = []): boolean {
  return failureOf({ "valid?": false, workload: verdict })
    .every((entry) => losses.some((type) => entry === `workload: ${type}`));
}

/** Whether two failures are the same for shrinking: they have a `checker: anomaly` in common. */
export function sameFailure(a: Failure, b: Failure): boolean {
  return a.some((entry) => b.includes(entry));
}

/**
 * Types that report an incomplete check rather than an anomaly: a search timed out, or no
 * transaction succeeded. Maelstrom makes both invalid, but a short run under faults often has them.
 */
const INCONCLUSIVE_TYPES: ReadonlySet<string> = new Set([
  "cycle-search-timeout",
  "empty-transaction-graph",
]);

/** Returns the anomaly types of a verdict. The key depends on the checker. */
function anomalyTypes(verdict: Verdict): string[] {
  const listed = ["anomaly-types", "bad-error-types"].map((key) => verdict[key])
    .map((types) => Array.isArray(types) ? types.map(String) : []);
  const explained = Array.isArray(verdict.explanations)
    ? verdict.explanations.flatMap((explanation) =>
      isJsonObject(explanation) && typeof explanation.type === "string" ? [explanation.type] : []
    )
    : [];
  const lists = [...listed, explained].filter((types) => types.length > 0);
  const isConclusive = (types: readonly string[]) =>
    types.some((type) => !INCONCLUSIVE_TYPES.has(type));
  const types = lists.find(isConclusive) ?? lists[0];
  if (types !== undefined) return types;
  // A verdict per key contains one verdict per checker for each key.
  const { results } = verdict;
  const parts = results instanceof Map ? [...results.values()] : [verdict];
  return parts.flatMap((part) => isVerdict(part) ? nestedTypes(part) : []);
}

function nestedTypes(verdict: Verdict): string[] {
  return Object.entries(verdict).flatMap(([name, part]) => {
    if (!isVerdict(part) || part["valid?"] !== false) return [];
    const types = anomalyTypes(part);
    return types.length === 0 ? [`not ${name}`] : types;
  });
}

function isVerdict(part: unknown): part is Verdict {
  return typeof part === "object" && part !== null && "valid?" in part;
}
