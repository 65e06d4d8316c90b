/**
 * What a checker returns.
 *
 * @module
 */

/** Valid, invalid, or undecided (a checker that fails or gives up never says valid). */
export type Valid = true | false | "unknown";

/**
 * A checker's result, with Maelstrom's key names. Objects are maps with keyword keys in
 * `results.edn`; use a `Map` where the keys are data (elements, keys of a log).
 */
export interface Verdict {
  readonly "valid?": Valid;
  readonly [key: string]: unknown;
}

/** The verdict of several together: false if any is false, else unknown if any is, else true. */
export function mergeValid(verdicts: Iterable<Valid>): Valid {
  let merged: Valid = true;
  for (const valid of verdicts) {
    if (valid === false) return false;
    if (valid === "unknown") merged = "unknown";
  }
  return merged;
}
