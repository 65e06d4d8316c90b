/**
 * The results of a mutation run, as a file.
 *
 * @module
 */

import { isJsonObject, UsageError } from "../../lib/base/mod.ts";
import { isMutantText, keyOf, type Mutant, type MutantText } from "./mutants.ts";
import type { MutantResult } from "./run_mutants.ts";

/** The percentage of mutants that were killed or timed out; 100 without mutants. */
export function scoreOf(results: readonly MutantResult[]): number {
  const survivors = results.filter(({ outcome }) => outcome === "survived").length;
  return results.length === 0 ? 100 : 100 * (1 - survivors / results.length);
}

/** Writes the results as JSON; returns the path. */
export function store(folder: string, results: readonly MutantResult[], total: number): string {
  const path = `${folder}/mutate/${new Date().toISOString().replaceAll(/[-:]/g, "")}.json`;
  Deno.mkdirSync(`${folder}/mutate`, { recursive: true });
  const mutants = results.map(({ mutant: { file, line, original, mutated }, ...result }) => ({
    ...{ file, line, original, mutated },
    ...result,
  }));
  const summary = { total, tested: results.length, scorePercent: scoreOf(results), mutants };
  Deno.writeTextFileSync(path, `${JSON.stringify(summary, null, 2)}\n`);
  return path;
}

/**
 * Returns those of the mutants that survived the run of a results file.
 *
 * @throws {UsageError} When the file does not exist, or is not a results file.
 */
export function survivorsAmong(mutants: readonly Mutant[], path: string): Mutant[] {
  const survivors = new Set(readSurvivors(path).map(keyOf));
  return mutants.filter((mutant) => survivors.has(keyOf(mutant)));
}

function readSurvivors(path: string): MutantText[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`--again: file not found: ${path}`);
  }
  const value: unknown = JSON.parse(text);
  const mutants = isJsonObject(value) ? value["mutants"] : undefined;
  if (!Array.isArray(mutants) || !mutants.every(isMutantText)) {
    throw new UsageError(`--again: ${path}: expected a results file of deno task mutate`);
  }
  return mutants.filter((mutant) => mutant["outcome"] === "survived");
}
