/**
 * `deno task explore`: runs seeds, says what was covered, and shrinks what fails.
 *
 * @module
 */

import { summarise } from "../../lib/report/mod.ts";
import {
  announcedFeatures,
  describeSize,
  DRAWN,
  expectedFeatures,
  Exploration,
  type FoundFailure,
  NEVER_ENDED,
  nodeFeature,
  sameFailure,
  simulated,
  WorkerPool,
} from "../../lib/workbench/explore/mod.ts";
import { StartError } from "../../lib/workbench/mod.ts";
import { loadProgram } from "../../lib/workbench/sim/mod.ts";
import { print, showStatusLine, stdoutPalette } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import { type ExploreCommandLine, exploreFlags, readExploreCommandLine } from "./explore_flags.ts";
import { describeCoverage, describeProgress, describeResult } from "./explore_report.ts";
import { describeFlags } from "./flags.ts";
import { onInterrupt } from "./interrupt.ts";
import { saveCase } from "./save_case.ts";

const USAGE = `deno task explore WORKLOAD [flags] [-- arguments of the nodes]

Runs a workload under many seeds on the simulated engine. Each seed draws which faults
there are and how often they strike, ${DRAWN.workersPerNode} workers a node, whether receivers are serial
as Maelstrom's are, and what stands below as drawn; a flag fixes its parameter. After the
faults all is healed, and the nodes must answer and agree. The first seed that fails ends
it: its case is made smaller while it fails in the same way, and kept. Flags:
`;
/** How many ways of failing are shrunk when all seeds are run. */
const MAX_SHRUNK_FAILURES = 3;

/** Runs the command; returns its exit code. Throws `BadArguments` and {@link StartError}. */
export async function exploreCommand(args: readonly string[]): Promise<number> {
  const asked = readExploreCommandLine(args);
  if (asked === undefined) {
    print(USAGE + describeFlags(exploreFlags));
    return ExitCode.valid;
  }
  const interrupt = new AbortController();
  const pool = new WorkerPool(asked.setup, asked.jobs);
  const release = onInterrupt(() => {
    interrupt.abort();
    pool.close();
  });
  try {
    const exploration = await explore(asked, pool, interrupt.signal);
    if (interrupt.signal.aborted) {
      print("Interrupted.");
      return ExitCode.interrupted;
    }
    for (const failure of exploration.failures.slice(0, MAX_SHRUNK_FAILURES)) {
      await shrinkAndSave(asked, pool, failure);
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

async function explore(asked: ExploreCommandLine, pool: WorkerPool, signal: AbortSignal) {
  const { setup, seeds, from, keepGoing, jobs } = asked;
  const { workload, bin, args, faults } = setup;
  const expected = [...expectedFeatures(faults), ...declaredFeaturesOf(bin).map(nodeFeature)];
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
      take(report) {
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
    throw new StartError(`--bin ${bin}: there is no such file (looked for it in ${Deno.cwd()}).`);
  }
  return announcedFeatures(new URL(`file://${Deno.realPathSync(bin)}`), read);
}

async function shrinkAndSave(
  asked: ExploreCommandLine,
  pool: WorkerPool,
  { seed, failure }: FoundFailure,
): Promise<void> {
  const paint = stdoutPalette();
  print(paint.bad(`seed ${seed} failed: ${failure.join(", ")}`));
  if (failure.includes(NEVER_ENDED)) {
    print(`  It was given up; run it alone with --from ${seed} --seeds 1.`);
    return;
  }
  let step = "  shrinking";
  const stop = showStatusLine(() => step);
  const { found, shrunk, runs } = await pool.shrink(
    seed,
    failure,
    asked.shrinkRuns,
    (size, runs) => step = `  shrinking, ${runs} runs: ${size}`,
  ).finally(stop);
  print(`  found   ${describeSize(found.case)}`);
  print(`  shrunk  ${describeSize(shrunk.case)}  (${runs} runs)`);
  const createEngine = simulated(await loadProgram(asked.setup.bin));
  const { path, outcome } = await saveCase(asked.store, shrunk, found, createEngine);
  print(summarise(outcome.verdict, paint));
  print("");
  if (!sameFailure(outcome.failure, shrunk.failure)) {
    print(paint.unsure(
      `  Run on its own, it does not fail in this way. What a node keeps outside of its function ` +
        `outlasts\n  a run: find it, since no seed can be repeated until it is gone.`,
    ));
    print("");
  }
  print(`Kept in ${path.replace(/\/[^/]*$/, "")}. Replay it with:`);
  print(paint.bold(`  deno task replay ${path}`));
  print("");
}
