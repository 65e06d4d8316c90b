/**
 * Shrinks a failing case while it has the same failure: fewer faults, nodes, operations and workers,
 * a shorter run, lower rate and lower latency.
 *
 * A smaller case is a different run, in which a race may have another result by chance. Each
 * candidate is therefore tested with several seeds. As in delta debugging, each pass first removes
 * large parts, such as all faults or half of the run (Zeller and Hildebrandt, "Simplifying and
 * Isolating Failure-Inducing Input", IEEE TSE 2002).
 *
 * Invariants: the resulting case was run and has the same failure as the original. The number of
 * runs is bounded. Shrinking is deterministic.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { findWorkload, optionsProblem, type Workload } from "../../workload/mod.ts";
import { caseSize } from "./case_size.ts";
import { type Failure, sameFailure } from "./failure.ts";
import { areRestartsFair } from "./restarts.ts";
import { SHRINK_PASSES } from "./shrink_passes.ts";
import type { TestCase } from "./test_case.ts";

/** Runs a case and returns its failure, which is empty when the case passes. */
export type TestFunction = (testCase: TestCase) => Promise<Failure>;

/** The result of shrinking. */
export interface Shrunk {
  readonly case: TestCase;
  readonly failure: Failure;
  /** The number of runs. */
  readonly runs: number;
}

/** What {@link shrink} may be given. */
export interface ShrinkOptions {
  /** {@link DEFAULT_MAX_RUNS} by default. */
  readonly maxRuns?: number;
  /** The workload of a case that is not one of Maelstrom's. */
  readonly workload?: Workload;
  /** Called for each smaller case with the same failure. */
  onStep?(testCase: TestCase, runs: number): void;
}

/** The default limit on the number of runs. */
export const DEFAULT_MAX_RUNS = 400;
const SEEDS_PER_CANDIDATE = 3;

/** Shrinks a failing case. */
export async function shrink(
  found: { readonly case: TestCase; readonly failure: Failure },
  test: TestFunction,
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const { maxRuns = DEFAULT_MAX_RUNS, onStep, workload } = options;
  let best = found.case;
  let failure = found.failure;
  let runs = 0;
  function isPossible(candidate: TestCase): boolean {
    const { options } = candidate;
    const judged = workload ?? findWorkload(options.workload);
    return judged !== undefined && optionsProblem(judged, options) === undefined &&
      areRestartsFair(candidate);
  }
  async function stillFails(candidate: TestCase): Promise<boolean> {
    for (const seeded of withAlternateSeeds(candidate, found.case.options.seed)) {
      if (runs >= maxRuns) return false;
      runs++;
      const candidateFailure = await test(seeded);
      if (!sameFailure(candidateFailure, found.failure)) continue;
      best = seeded;
      failure = candidateFailure;
      onStep?.(seeded, runs);
      return true;
    }
    return false;
  }
  for (let progress = true; progress && runs < maxRuns;) {
    progress = false;
    for (const pass of SHRINK_PASSES) {
      // A pass that succeeded is likely to succeed again: half of the run, then half of that.
      for (let repeat = true; repeat && runs < maxRuns;) {
        repeat = false;
        for (const candidate of pass(best)) {
          const isSmaller = caseSize(candidate) < caseSize(best);
          if (!isSmaller || !isPossible(candidate) || !await stillFails(candidate)) continue;
          repeat = progress = true;
          break;
        }
      }
    }
  }
  invariant(caseSize(best) <= caseSize(found.case), "shrinking never makes a case larger");
  return { case: best, failure, runs };
}

/** Returns the case with its own seed and with seeds derived from the original one. */
function withAlternateSeeds(testCase: TestCase, original: string): TestCase[] {
  const { seed } = testCase.options;
  const derived = Array.from(
    { length: SEEDS_PER_CANDIDATE - 1 },
    (_, index) => `${original}/${index}`,
  );
  return [seed, ...derived.filter((other) => other !== seed)].slice(0, SEEDS_PER_CANDIDATE)
    .map((seed) => ({ ...testCase, options: { ...testCase.options, seed } }));
}
