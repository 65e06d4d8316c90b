/**
 * Plants faults in copies of the project, and explores each until a seed fails.
 *
 * @module
 */

import { SEED_TIMED_OUT } from "../../lib/workbench/explore/mod.ts";
import { ProjectCopy } from "../mutate/project_copy.ts";
import { exploreArguments, type PlantedFault } from "./planted_fault.ts";

/** What exploring a fault found. */
export interface PlantedResult {
  readonly fault: PlantedFault;
  /** The number of seeds up to the first that failed; undefined when none did. */
  readonly seeds: number | undefined;
  /** What failed: checkers and anomalies, or the test; empty when nothing did. */
  readonly failure: string;
  /** Why the fault was not explored to the end, if it was not. That is not a finding. */
  readonly problem?: string;
}

/** The faults to plant, and how to explore. */
export interface PlantedRun {
  readonly faults: readonly PlantedFault[];
  /** The maximum number of seeds for each fault. */
  readonly maxSeeds: number;
  /** The number of copies, in each of which a fault is explored at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  onResult(result: PlantedResult): void;
}

const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-env=NO_COLOR"];
/** The limit on an exploration or a test; the explorer ends a seed that hangs itself. */
const MAX_RUN_MS = 900_000;
/** The number of seeds of an exploration, so that a slow machine keeps the limit. */
const SEEDS_PER_RUN = 100;
/** How often an exploration runs that does not end properly: on a busy machine, nodes load slowly. */
const MAX_ATTEMPTS = 3;

/** Explores all faults. Returns the results in their order; those of an aborted run are incomplete. */
export async function runPlanted(run: PlantedRun): Promise<PlantedResult[]> {
  const { faults, jobs, signal } = run;
  const results = new Map<number, PlantedResult>();
  const copies: ProjectCopy[] = [];
  let next = 0;
  try {
    while (copies.length < Math.min(jobs, faults.length)) copies.push(ProjectCopy.create());
    await Promise.all(copies.map(async (copy) => {
      while (next < faults.length && !signal.aborted) {
        const index = next++;
        const result = await exploreFault(run, copy, faults[index] as PlantedFault);
        if (signal.aborted) return;
        results.set(index, result);
        run.onResult(result);
      }
    }));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const copy of copies) copy.remove();
  }
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/**
 * Explores a fault from the first seed on. A seed counts only if it fails because of the fault: without
 * the fault it must pass. The same holds for the fault's test.
 */
async function exploreFault(
  { maxSeeds, signal }: PlantedRun,
  copy: ProjectCopy,
  fault: PlantedFault,
): Promise<PlantedResult> {
  const text = Deno.readTextFileSync(fault.file);
  const broken = withFault(fault, text);
  const run = (source: string, args: readonly string[]) => {
    copy.write(fault.file, source);
    return copy.deno(args, MAX_RUN_MS, signal);
  };
  const explore = async (source: string, from: number, count: number) => {
    const args = [
      ...["run", "--quiet", "--no-check", ...PERMISSIONS, "tasks/explore.ts"],
      ...["--from", String(from), "--seeds", String(count), "--jobs", "1", "--shrink-runs", "0"],
      ...exploreArguments(fault.subject),
    ];
    for (let attempt = 1;; attempt++) {
      const { output } = await run(source, args);
      const result = readExploration(output);
      if (typeof result !== "string") return result.failed;
      if (attempt === MAX_ATTEMPTS) throw new UnfinishedRun(result);
    }
  };
  /** Whether a seed that takes too long on a busy machine does so again. */
  const isRepeatable = async ({ seed, failure }: FailedSeed) =>
    failure !== SEED_TIMED_OUT || await explore(broken, seed, 1) !== undefined;
  const passesTest = async (source: string, test: string) => {
    const { outcome } = await run(source, ["test", "--quiet", "--no-check", "--allow-all", test]);
    if (outcome === "timed out") throw new UnfinishedRun(`${test} did not end`);
    return outcome === "passed";
  };
  try {
    for (let from = 0; from < maxSeeds;) {
      const count = Math.min(SEEDS_PER_RUN, maxSeeds - from);
      const found = await explore(broken, from, count);
      if (found === undefined) from += count;
      else {
        const { seed, failure } = found;
        const passesUnbroken = await explore(text, seed, 1) === undefined;
        if (passesUnbroken && await isRepeatable(found)) return { fault, failure, seeds: seed + 1 };
        from = seed + 1;
      }
    }
    const { test } = fault;
    if (test === undefined || await passesTest(broken, test)) {
      return { fault, seeds: undefined, failure: "" };
    }
    if (!await passesTest(text, test)) throw new UnfinishedRun(`${test} fails without the fault`);
    return { fault, seeds: undefined, failure: test };
  } catch (error) {
    if (!(error instanceof UnfinishedRun)) throw error;
    return { fault, seeds: undefined, failure: "", problem: error.message };
  } finally {
    copy.write(fault.file, text);
  }
}

/** An exploration or a test did not show whether it finds the fault. */
class UnfinishedRun extends Error {
  override readonly name = "UnfinishedRun";
}

/** A seed that failed, and what failed: checkers and anomalies. */
export interface FailedSeed {
  readonly seed: number;
  readonly failure: string;
}

/**
 * Reads the output of explore. Returns the first seed that failed, if one did; a text if the exploration
 * did not end properly, for example because the node did not load in time.
 */
export function readExploration(output: string): { readonly failed?: FailedSeed } | string {
  const [, seed, failure] = /^ {2}seed (\d+)(?: and \d+ more)? failed: (.*)$/m.exec(output) ?? [];
  if (seed !== undefined && failure !== undefined) {
    return { failed: { seed: Number(seed), failure } };
  }
  if (/^ {2}no seed failed$/m.test(output)) return {};
  return output.trimEnd().split("\n").at(-1) || "explore printed nothing";
}

/** Returns a source text with the fault. Throws a RangeError unless it applies exactly once. */
export function withFault({ name, file, from, to }: PlantedFault, text: string): string {
  const [before, after, ...others] = text.split(from);
  if (before !== undefined && after !== undefined && others.length === 0) {
    return before + to + after;
  }
  throw new RangeError(
    `the fault "${name}" must apply to ${file} exactly once; its text occurs ` +
      `${after === undefined ? 0 : others.length + 1} times`,
  );
}
