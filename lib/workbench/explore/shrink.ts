/**
 * Makes a failing case smaller for as long as it still fails in the same way: fewer faults, fewer
 * nodes, a shorter run, fewer operations and those farther apart, fewer workers, less latency.
 *
 * The smaller case is another run, so a race may come out differently by bad luck; each step is
 * therefore tried with a few seeds. What is removed in bulk first (all faults, half the time) is
 * what takes the most runs away; single acts come last (Zeller and Hildebrandt, "Simplifying and
 * isolating failure-inducing input", IEEE TSE 2002).
 *
 * Invariant: the case that is returned was run and failed in the same way as the first; the number
 * of runs is bounded; the same case shrinks in the same way every time.
 *
 * @module
 */

import { type Failure, sameFailure } from "./failure.ts";
import { smallerCases } from "./smaller_cases.ts";
import { caseSize } from "./case_size.ts";
import type { TestCase } from "./test_case.ts";

/** Runs a case and says how it failed. */
export type Trial = (testCase: TestCase) => Promise<Failure>;

/** What shrinking came to. */
export interface Shrunk {
  readonly case: TestCase;
  readonly failure: Failure;
  /** How many runs it took. */
  readonly runs: number;
}

/** How many runs shrinking takes at most, unless told otherwise. */
export const DEFAULT_MOST_RUNS = 400;
const SEEDS_PER_STEP = 3;

/** Shrinks a case that fails. `onStep` is told of each smaller case that still fails. */
export async function shrink(
  found: { readonly case: TestCase; readonly failure: Failure },
  trial: Trial,
  options: { readonly mostRuns?: number; onStep?(testCase: TestCase, runs: number): void } = {},
): Promise<Shrunk> {
  const { mostRuns = DEFAULT_MOST_RUNS, onStep } = options;
  let best = found.case;
  let failure = found.failure;
  let runs = 0;
  async function stillFails(candidate: TestCase): Promise<boolean> {
    for (const seeded of withOtherSeeds(candidate, found.case.options.seed)) {
      if (runs >= mostRuns) return false;
      runs++;
      const seen = await trial(seeded);
      if (!sameFailure(seen, found.failure)) continue;
      best = seeded;
      failure = seen;
      onStep?.(seeded, runs);
      return true;
    }
    return false;
  }
  for (let progress = true; progress && runs < mostRuns;) {
    progress = false;
    for (const kind of smallerCases) {
      // A step that worked is likely to work again: half the time, then half of that.
      for (let again = true; again && runs < mostRuns;) {
        again = false;
        for (const candidate of kind(best)) {
          if (caseSize(candidate) >= caseSize(best) || !await stillFails(candidate)) continue;
          again = progress = true;
          break;
        }
      }
    }
  }
  return { case: best, failure, runs };
}

function withOtherSeeds(testCase: TestCase, original: string): TestCase[] {
  const { seed } = testCase.options;
  const others = Array.from({ length: SEEDS_PER_STEP - 1 }, (_, index) => `${original}/${index}`);
  return [seed, ...others.filter((other) => other !== seed)].slice(0, SEEDS_PER_STEP)
    .map((own) => ({ ...testCase, options: { ...testCase.options, seed: own } }));
}
