/**
 * Verdicts: the results of checkers.
 *
 * @module
 */

/** Valid, invalid, or undecided: a checker that throws or reaches a limit never returns true. */
export type Valid = true | false | "unknown";

/**
 * A checker's result, with Maelstrom's keys. In `results.edn` an object is a map with keyword keys,
 * so a `Map` is used where the keys are data (elements, keys of a log).
 */
export interface Verdict {
  /** Whether the history is valid. */
  readonly "valid?": Valid;
  /** The figures and the evidence of the checker, by name. */
  readonly [key: string]: unknown;
}

/** Merges verdicts: false if any is false, else `unknown` if any is unknown, else true. */
export function mergeValid(verdicts: Iterable<Valid>): Valid {
  let merged: Valid = true;
  for (const valid of verdicts) {
    if (valid === false) return false;
    if (valid === "unknown") merged = "unknown";
  }
  return merged;
}
