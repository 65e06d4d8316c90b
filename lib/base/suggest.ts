/**
 * Suggestions for misspelt names.
 *
 * @module
 */

const MAX_EDITS = 2;
const MIN_PREFIX_LENGTH = 3;

/**
 * Returns the names that a misspelt name may stand for: those at most two edits away, and those
 * that begin with it.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { suggestNames } from "./suggest.ts";
 *
 * deepEqual(suggestNames("rate", ["ratePerSecond", "seed"]), ["ratePerSecond"]);
 * ```
 */
export function suggestNames(misspelt: string, names: readonly string[]): string[] {
  const isPrefix = (name: string) =>
    misspelt.length >= MIN_PREFIX_LENGTH && name.startsWith(misspelt);
  return names.filter((name) => isPrefix(name) || editDistance(name, misspelt) <= MAX_EDITS);
}

/** Returns the Levenshtein distance of two words. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const deleted = (previous[column] as number) + 1;
      current.push(Math.min(replaced, deleted, (current[column - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
