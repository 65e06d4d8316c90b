/**
 * In which way a run failed: the checkers that found fault, and the types of what they found.
 *
 * A run that was made smaller may show one anomaly less, or the same lost value under another
 * cycle's name; it fails in the same way if a checker that blamed the larger one blames it too, and
 * for at least one of the same types.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import type { Verdict } from "../../check/mod.ts";

/** The ways in which a run failed, as `checker: anomaly`, sorted. Empty when it did not. */
export type Failure = readonly string[];

/** The failure that a verdict of several checkers tells of. */
export function failureOf(verdict: Verdict): Failure {
  const ways = new Set<string>();
  for (const [checker, part] of Object.entries(verdict)) {
    if (!isVerdict(part) || part["valid?"] !== false) continue;
    const types = anomalyTypes(part);
    for (const type of types.length === 0 ? ["invalid"] : types) {
      if (!INCONCLUSIVE.has(type)) ways.add(`${checker}: ${type}`);
    }
  }
  return [...ways].sort();
}

/** Whether two runs fail in the same way: both do, and they have a checker and a type in common. */
export function sameFailure(one: Failure, other: Failure): boolean {
  return one.some((way) => other.includes(way));
}

/**
 * Not what went wrong, but what was not looked at: for want of time, or because nothing succeeded.
 * Maelstrom holds both against a node; in a run of a second under faults they say nothing of it.
 */
const INCONCLUSIVE: ReadonlySet<string> = new Set([
  "cycle-search-timeout",
  "empty-transaction-graph",
]);

/** What a checker calls what it found, under whichever key it lists it. */
function anomalyTypes(verdict: Verdict): string[] {
  const listed = ["anomaly-types", "bad-error-types"].map((key) => verdict[key])
    .map((types) => Array.isArray(types) ? types.map(String) : []);
  const explained = Array.isArray(verdict.explanations)
    ? verdict.explanations.flatMap((one) =>
      isJsonObject(one) && typeof one.type === "string" ? [one.type] : []
    )
    : [];
  const lists = [...listed, explained].filter((types) => types.length > 0);
  const first = lists.find((types) => types.some((type) => !INCONCLUSIVE.has(type))) ?? lists[0];
  if (first !== undefined) return first;
  // A verdict on several keys holds one for each, which holds one of each checker.
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
