/**
 * `deno task explore`: simulates many seeds, reports coverage, and shrinks failing cases.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { describeFlags, UsageError } from "../../lib/base/mod.ts";
import {
  ALLOWED_FAULT_NAMES,
  announcedCoveragePoints,
  expectedCoveragePoints,
  Exploration,
  GENERATED_VALUES,
  loadFeatures,
  nodeCoveragePoint,
  type SeedReport,
  ThreadPool,
} from "../../lib/workbench/explore/mod.ts";
import { findOrLoadWorkload } from "../../lib/workbench/load_workload.ts";
import { isWasm, type ProgramFile, StartError } from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";
import { describeExtent, seedsOfShard } from "../explore/extent_flags.ts";
import { mergeCommand } from "../explore/merge_command.ts";
import { describeKnown } from "../explore/merged_text.ts";
import type { End } from "../explore/report_lines.ts";
import { RunRecords } from "../explore/run_records.ts";
import { shrinkAndSave, type ShrinkFailure } from "../explore/shrink_and_save.ts";
import type { FleetExploration } from "../fleet/explore_on_fleet.ts";
import { print, showStatusLine, stdoutPalette } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import {
  defaultFaults,
  type ExploreCommandLine,
  exploreFlags,
  readExploreCommandLine,
} from "./explore_flags.ts";
import { unlessMissing } from "./file_problem.ts";
import { describeCoverage, describeProgress, describeResult } from "./explore_report.ts";
import { onInterrupt } from "./interrupt.ts";
import { isGoSource, prepareProgram } from "./prepare_program.ts";
import { wrap } from "./wrap.ts";

const USAGE = `deno task explore WORKLOAD [flags] [-- node arguments] | merge FILE… [flags]

Simulates seeds until one fails, and shrinks its case for deno task replay. A
seed picks faults, ${GENERATED_VALUES.workersPerNode} workers per node, "random" flags. Flags:
`;
const FOOTER = wrap(
  `Faults: ${ALLOWED_FAULT_NAMES.join(", ")}. Exit codes: 0 no seed failed, 1 a seed failed, ` +
    "130 interrupted, 254 invalid arguments, 255 the node does not start",
);

/** How many kinds of failure are shrunk with `--keep-going`; a report is to have more. */
const MAX_SHRUNK_FAILURES = 3;
const MAX_SHRUNK_IN_REPORT = 16;

/** Runs the command; returns its exit code. Throws `UsageError` and {@link StartError}. */
export async function exploreCommand(args: readonly string[]): Promise<number> {
  const [first, ...others] = args;
  if (first === "merge") return mergeCommand(others);
  const given = readExploreCommandLine(args);
  if (given === undefined) {
    print(USAGE + describeFlags(exploreFlags));
    print(FOOTER);
    return ExitCode.valid;
  }
  const program = await prepareProgram(given.setup.bin, "sim", given.glue);
  const commandLine = await withFeatures(given, program);
  const interrupt = new AbortController();
  const pool = new ThreadPool({ ...commandLine.setup, program }, commandLine.jobs);
  const release = onInterrupt(() => {
    interrupt.abort();
    pool.close();
  });
  try {
    return await explore({ ...commandLine, program }, pool, interrupt.signal);
  } finally {
    release();
    pool.close();
  }
}

/** Adds the faults that the nodes should survive, and the flags that they want explored. */
async function withFeatures(
  commandLine: ExploreCommandLine,
  program: ProgramFile,
): Promise<ExploreCommandLine> {
  const { setup, hasDefaultFaults } = commandLine;
  const workload = await findOrLoadWorkload(setup.workload);
  const features = await loadFeatures(program, { ...setup, workload });
  const faults = hasDefaultFaults ? defaultFaults(features) : setup.faults;
  return { ...commandLine, setup: { ...setup, faults, exploredFlags: features.explores } };
}

/** A command line whose program can be run. */
type PreparedCommandLine = ExploreCommandLine & { readonly program: ProgramFile };

async function explore(
  commandLine: PreparedCommandLine,
  pool: ThreadPool,
  signal: AbortSignal,
): Promise<number> {
  const { setup, extent, keepGoing } = commandLine;
  const workload = await findOrLoadWorkload(setup.workload);
  const expected = [
    ...expectedCoveragePoints(setup.faults),
    ...declaredFeaturesOf(setup.bin).map(nodeCoveragePoint),
  ];
  const records = new RunRecords(commandLine, expected);
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const paint = stdoutPalette();
  print(
    `exploring ${setup.workload} with ${[setup.bin, ...setup.args].join(" ")}: ` +
      `${describeExtent(extent)}, ${setup.faults.join(", ") || "no faults"}`,
  );
  const known = await records.runKnown(workload, signal);
  for (const line of describeKnown(known, paint)) print(line);
  const stillFails = known.some(({ found }) => found.length > 0);
  if (stillFails && !keepGoing) {
    records.end("first failure", seconds());
    print("A known failure ends the search; --keep-going continues.");
    return ExitCode.invalid;
  }
  const exploration = new Exploration(expected);
  const running = { exploration, records, pool, signal, seconds };
  const fleet = await fleetOf(commandLine, running);
  try {
    return await exploreAndShrink(commandLine, workload, running, stillFails, fleet);
  } finally {
    await fleet?.close();
  }
}

/** Returns the exploration on a fleet, if the command line names one. */
async function fleetOf(
  { fleet: address, setup, extent, shrinkRuns, glue }: ExploreCommandLine,
  { exploration, records, signal, seconds }: Running,
) {
  if (address === undefined) return undefined;
  if (isGoSource(setup.bin) || glue !== undefined) {
    throw new UsageError("--fleet runs TypeScript and .wasm files; workers do not build programs");
  }
  // Loads the client of NATS.
  const { FleetExploration } = await import("../fleet/explore_on_fleet.ts");
  const addSeed = (report: SeedReport) => records.addSeed(report);
  const settings = { address, setup, extent, shrinkRuns, exploration, signal, seconds, addSeed };
  return new FleetExploration(settings);
}

async function exploreAndShrink(
  commandLine: PreparedCommandLine,
  workload: Workload,
  running: Running,
  stillFails: boolean,
  fleet: FleetExploration | undefined,
): Promise<number> {
  const { exploration, records, pool, signal, seconds } = running;
  const { setup, program, store } = commandLine;
  const paint = stdoutPalette();
  let end = await (fleet?.explore() ?? exploreSeeds(commandLine, running));
  print(describeResult(exploration, seconds(), paint));
  print(describeCoverage(exploration, setup.faults, paint));
  print("");
  records.addPasses(exploration);
  const shrink: ShrinkFailure = async (found, onProgress) =>
    await fleet?.shrunkCase(found, workload) ??
      await pool.shrink(found.seed, found.failure, commandLine.shrinkRuns, onProgress);
  const max = records.hasReport ? MAX_SHRUNK_IN_REPORT : MAX_SHRUNK_FAILURES;
  try {
    for (const failure of signal.aborted ? [] : exploration.failures.slice(0, max)) {
      const shrunk = await shrinkAndSave(failure, { setup, program, workload, store, shrink });
      if (shrunk !== undefined) records.addShrunk(failure, shrunk);
      if (signal.aborted) break;
    }
  } catch (error) {
    // An interrupt terminates the thread that shrinks, perhaps before it has built the case.
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) end = "interrupted";
  records.end(end, seconds());
  if (end === "interrupted") {
    print("Interrupted.");
    return ExitCode.interrupted;
  }
  await fleet?.end();
  return exploration.failures.length > 0 || stillFails ? ExitCode.invalid : ExitCode.valid;
}

/** What seeds are explored with. */
interface Running {
  readonly exploration: Exploration;
  readonly records: RunRecords;
  readonly pool: ThreadPool;
  readonly signal: AbortSignal;
  /** Returns the time since the run began. */
  seconds(): number;
}

/** Explores the seeds of a command line, and returns why that ended. */
async function exploreSeeds(
  { extent, keepGoing, jobs }: ExploreCommandLine,
  { exploration, records, pool, signal, seconds }: Running,
): Promise<End> {
  print(`  on ${jobs} ${jobs === 1 ? "thread" : "threads"}`);
  const seeds = seedsOfShard(extent);
  const shown = extent.seeds === undefined ? Infinity : seeds.count;
  const stop = showStatusLine(() => describeProgress(exploration, shown, seconds()));
  const isOver = () => seconds() * 1000 >= (extent.timeLimitMs ?? Infinity);
  let end: End = "complete";
  try {
    await pool.explore({
      ...seeds,
      signal,
      isOver,
      onReport(report) {
        exploration.add(report);
        records.addSeed(report);
        if (keepGoing || report.failure.length === 0) return true;
        end = "first failure";
        return false;
      },
    });
  } finally {
    stop();
  }
  if (signal.aborted) return "interrupted";
  const isCut = end === "complete" && exploration.totals.seeds < seeds.count;
  return isCut ? "time limit" : end;
}

/** Returns the coverage points in the source text of a TypeScript node; none of other programs. */
function declaredFeaturesOf(bin: string): string[] {
  if (isWasm(bin) || isGoSource(bin)) return [];
  const read = (path: string | URL) => unlessMissing(() => Deno.readTextFileSync(path));
  if (read(bin) === undefined) {
    throw new StartError(`--bin ${bin}: no such file (relative to ${Deno.cwd()}).`);
  }
  return announcedCoveragePoints(pathToFileURL(Deno.realPathSync(bin)), read);
}
