/**
 * Mutants that are known to be equivalent: no input distinguishes them from the program, or they
 * change its speed alone. A person names each with the reason, and they are not tested.
 *
 * @module
 */

import { UsageError } from "../../lib/base/mod.ts";
import { isMutantText, keyOf, type Mutant, type MutantText } from "./mutants.ts";

/** An equivalent mutant, as the reports of mutate show it. */
export interface Equivalent extends MutantText {
  readonly reason: string;
}

/** Returns the equivalents in a JSON file; none if the file does not exist. */
export function readEquivalents(path: string): Equivalent[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every(isEquivalent)) {
    throw new UsageError(
      `${path}: expected an array of objects with file, original, mutated, reason`,
    );
  }
  return value;
}

/** Returns the mutants that are not named as equivalent. */
export function withoutEquivalents(
  mutants: readonly Mutant[],
  equivalents: readonly Equivalent[],
): Mutant[] {
  const known = new Set(equivalents.map(keyOf));
  return mutants.filter((mutant) => !known.has(keyOf(mutant)));
}

/** Returns the equivalents that are not among the mutants: their line has changed. */
export function staleEquivalents(
  mutants: readonly Mutant[],
  equivalents: readonly Equivalent[],
): Equivalent[] {
  const present = new Set(mutants.map(keyOf));
  return equivalents.filter((equivalent) => !present.has(keyOf(equivalent)));
}

function isEquivalent(value: unknown): value is Equivalent {
  return isMutantText(value) && typeof value["reason"] === "string";
}
