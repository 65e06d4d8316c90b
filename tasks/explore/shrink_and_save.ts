/**
 * Shrinks the case of a failure, stores it with its report page, and prints how to replay it.
 *
 * @module
 */

import { summarise } from "../../lib/report/mod.ts";
import {
  describeSize,
  type ExploreSetup,
  type FoundFailure,
  loadEngineFactory,
  OUT_OF_MEMORY,
  sameFailure,
  SEED_TIMED_OUT,
  type ShrunkCase,
} from "../../lib/workbench/explore/mod.ts";
import type { ProgramFile } from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";
import { print, showStatusLine, stdoutPalette } from "../cli/console.ts";
import { describeReplay } from "../cli/explore_report.ts";
import { saveCase } from "../cli/save_case.ts";
import type { ShrunkFailure } from "./report_lines.ts";

/** Shrinks the case of a failure; calls `onProgress` for each smaller case that fails. */
export type ShrinkFailure = (
  found: FoundFailure,
  onProgress: (size: string, runs: number) => void,
) => Promise<ShrunkCase>;

/** How a failing case is shrunk and stored. */
export interface ShrinkSettings {
  readonly setup: ExploreSetup;
  readonly program: ProgramFile;
  readonly workload: Workload;
  /** The folder of results. */
  readonly store: string;
  readonly shrink: ShrinkFailure;
}

/** Returns the shrunk case; undefined if the run did not end, so that it cannot be shrunk. */
export async function shrinkAndSave(
  found: FoundFailure,
  { setup, program, workload, store, shrink }: ShrinkSettings,
): Promise<ShrunkFailure | undefined> {
  const { seed, failure } = found;
  const paint = stdoutPalette();
  print(paint.bad(`seed ${seed} failed: ${failure.join(", ")}`));
  if (!canShrink(failure)) {
    const what = failure.includes(OUT_OF_MEMORY)
      ? "did not fit into memory"
      : "did not end in time";
    print(`  The run ${what}; repeat it alone with --from ${seed} --seeds 1`);
    return undefined;
  }
  let step = "  shrinking";
  const stop = showStatusLine(() => step);
  const result = await shrink(
    found,
    (size, runs) => step = `  shrinking, ${runs} runs: ${size}`,
  ).finally(stop);
  const { shrunk, runs } = result;
  // A worker of a fleet shrinks the first seed that it finds, which need not be the lowest one.
  const shrunkSeed = Number(result.found.case.options.seed);
  const other = shrunkSeed === seed ? "" : ` (of seed ${shrunkSeed})`;
  print(`  found   ${describeSize(result.found.case)}${other}`);
  print(`  shrunk  ${describeSize(shrunk.case)}  (${runs} runs)`);
  const createEngine = await loadEngineFactory(program);
  const root = `${store}/explore`;
  const { folder, report, outcome } = await saveCase(shrunk, {
    root,
    found: result.found,
    workload,
    createEngine,
  });
  print(summarise(outcome.verdict, paint));
  print("");
  if (!sameFailure(outcome.failure, shrunk.failure)) {
    print(paint.unsure(
      `  Not reproducible: on its own the case does not fail in this way. State outside of the node's\n` +
        `  modules survives a run; remove it, since no seed is repeatable with such state. A workload\n` +
        "  of your own must take all randomness from the `random` of its functions.",
    ));
    print("");
  }
  print(`Results in ${folder}; report page ${report}`);
  print("Replay with:");
  print(paint.bold(`  ${describeReplay(folder, setup, program.glue)}`));
  print("");
  return { failure, seed: shrunkSeed, runs, elapsedMs: outcome.elapsedMs, shrunk };
}

/** Whether the case of a failure can be shrunk: its runs end. */
export function canShrink(failure: readonly string[]): boolean {
  return !failure.includes(SEED_TIMED_OUT) && !failure.includes(OUT_OF_MEMORY);
}
