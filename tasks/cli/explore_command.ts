/**
 * `deno task explore`: simulates many seeds, reports coverage, and shrinks failing cases.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { describeFlags } from "../../lib/base/mod.ts";
import { summarise } from "../../lib/report/mod.ts";
import {
  announcedCoveragePoints,
  describeSize,
  expectedCoveragePoints,
  Exploration,
  type FoundFailure,
  GENERATED_VALUES,
  loadEngineFactory,
  nodeCoveragePoint,
  OUT_OF_MEMORY,
  sameFailure,
  SEED_TIMED_OUT,
  ThreadPool,
} from "../../lib/workbench/explore/mod.ts";
import { findOrLoadWorkload } from "../../lib/workbench/load_workload.ts";
import { StartError } from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";
import { print, showStatusLine, stdoutPalette } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import { type ExploreCommandLine, exploreFlags, readExploreCommandLine } from "./explore_flags.ts";
import {
  describeCoverage,
  describeProgress,
  describeReplay,
  describeResult,
} from "./explore_report.ts";
import { onInterrupt } from "./interrupt.ts";
import { saveCase } from "./save_case.ts";
import { FAULT_LIST } from "./test_flags.ts";

const USAGE = `deno task explore WORKLOAD [flags] [-- node arguments]

Simulates a workload with many seeds. Each seed picks at random the faults and
their frequency, ${GENERATED_VALUES.workersPerNode} workers per node, in-order or independent
delivery, and the options marked "random" below (${GENERATED_VALUES.operations} operations in
total), seldom a burst of writes. A flag fixes its option. When all faults but
partial-partition are healed, all nodes must reply and agree. The first failing
seed ends the search. Its case is shrunk and stored for deno task replay.
Flags (defaults in brackets):
`;
const FOOTER = `${FAULT_LIST}
Restarts: restart-reader kills nodes whose clients only read, restart-settled
kills some nodes after all had time to replicate.
Exit codes: 0 no seed failed, 1 a seed failed, 130 interrupted,
254 invalid arguments, 255 the node does not start`;

/** How many kinds of failure are shrunk with `--keep-going`. */
const MAX_SHRUNK_FAILURES = 3;

/** Runs the command; returns its exit code. Throws `UsageError` and {@link StartError}. */
export async function exploreCommand(args: readonly string[]): Promise<number> {
  const commandLine = readExploreCommandLine(args);
  if (commandLine === undefined) {
    print(USAGE + describeFlags(exploreFlags));
    print(FOOTER);
    return ExitCode.valid;
  }
  const workload = await findOrLoadWorkload(commandLine.setup.workload);
  const interrupt = new AbortController();
  const pool = new ThreadPool(commandLine.setup, commandLine.jobs);
  const release = onInterrupt(() => {
    interrupt.abort();
    pool.close();
  });
  try {
    const exploration = await explore(commandLine, pool, interrupt.signal);
    if (interrupt.signal.aborted) {
      print("Interrupted.");
      return ExitCode.interrupted;
    }
    for (const failure of exploration.failures.slice(0, MAX_SHRUNK_FAILURES)) {
      await shrinkAndSave(commandLine, workload, pool, failure);
    }
    return exploration.failures.length > 0 ? ExitCode.invalid : ExitCode.valid;
  } catch (error) {
    if (interrupt.signal.aborted) return ExitCode.interrupted;
    throw error;
  } finally {
    release();
    pool.close();
  }
}

async function explore(commandLine: ExploreCommandLine, pool: ThreadPool, signal: AbortSignal) {
  const { setup, seeds, from, keepGoing, jobs } = commandLine;
  const { workload, bin, args, faults } = setup;
  const expected = [
    ...expectedCoveragePoints(faults),
    ...declaredFeaturesOf(bin).map(nodeCoveragePoint),
  ];
  const exploration = new Exploration(expected);
  const node = [bin, ...args].join(" ");
  const allowed = faults.length === 0 ? "no faults" : faults.join(", ");
  print(`exploring ${workload} with ${node}: seeds ${from} to ${from + seeds - 1}, ${allowed}`);
  print(`  on ${jobs} ${jobs === 1 ? "thread" : "threads"}`);
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const stop = showStatusLine(() => describeProgress(exploration, seeds, seconds()));
  try {
    await pool.explore({
      from,
      signal,
      count: seeds,
      onReport(report) {
        exploration.add(report);
        return keepGoing || report.failure.length === 0;
      },
    });
  } finally {
    stop();
  }
  const paint = stdoutPalette();
  print(describeResult(exploration, seconds(), paint));
  print(describeCoverage(exploration, faults, paint));
  print("");
  return exploration;
}

function declaredFeaturesOf(bin: string): string[] {
  const read = (path: string | URL) => {
    try {
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };
  if (read(bin) === undefined) {
    throw new StartError(`--bin ${bin}: file not found (working directory ${Deno.cwd()})`);
  }
  return announcedCoveragePoints(pathToFileURL(Deno.realPathSync(bin)), read);
}

async function shrinkAndSave(
  commandLine: ExploreCommandLine,
  workload: Workload,
  pool: ThreadPool,
  { seed, failure }: FoundFailure,
): Promise<void> {
  const paint = stdoutPalette();
  print(paint.bad(`seed ${seed} failed: ${failure.join(", ")}`));
  if (failure.includes(SEED_TIMED_OUT) || failure.includes(OUT_OF_MEMORY)) {
    const what = failure.includes(OUT_OF_MEMORY)
      ? "did not fit into memory"
      : "did not end in time";
    print(`  The run ${what}; repeat it alone with --from ${seed} --seeds 1`);
    return;
  }
  let step = "  shrinking";
  const stop = showStatusLine(() => step);
  const { found, shrunk, runs } = await pool.shrink(
    seed,
    failure,
    commandLine.shrinkRuns,
    (size, runs) => step = `  shrinking, ${runs} runs: ${size}`,
  ).finally(stop);
  print(`  found   ${describeSize(found.case)}`);
  print(`  shrunk  ${describeSize(shrunk.case)}  (${runs} runs)`);
  const createEngine = await loadEngineFactory(commandLine.setup.bin);
  const root = `${commandLine.store}/explore`;
  const { folder, report, outcome } = await saveCase(shrunk, {
    root,
    found,
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
  print(paint.bold(`  ${describeReplay(folder, commandLine.setup)}`));
  print("");
}
