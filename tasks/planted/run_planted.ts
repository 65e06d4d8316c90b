/**
 * Plants faults in copies of the project, and explores each until a seed fails.
 *
 * @module
 */

import { ProjectCopy } from "../mutate/project_copy.ts";
import { exploreArguments, type PlantedFault } from "./planted_fault.ts";

/** What exploring a fault found. */
export interface PlantedResult {
  readonly fault: PlantedFault;
  /** The number of seeds up to the first that failed; undefined when none did. */
  readonly seeds: number | undefined;
  /** What failed: checkers and anomalies, or the test; empty when nothing did. */
  readonly failure: string;
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
/** An exploration that takes longer found nothing; the explorer ends a seed that hangs itself. */
const MAX_EXPLORATION_MS = 900_000;

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
 * the fault it must pass.
 */
async function exploreFault(
  { maxSeeds, signal }: PlantedRun,
  copy: ProjectCopy,
  fault: PlantedFault,
): Promise<PlantedResult> {
  const text = Deno.readTextFileSync(fault.file);
  const broken = withFault(fault, text);
  const explore = async (source: string, from: number, count: number) => {
    copy.write(fault.file, source);
    const { output } = await copy.deno(
      [
        ...["run", "--quiet", "--no-check", ...PERMISSIONS, "tasks/explore.ts"],
        ...exploreArguments(fault.subject),
        ...["--from", String(from), "--seeds", String(count), "--jobs", "1", "--shrink-runs", "0"],
      ],
      MAX_EXPLORATION_MS,
      signal,
    );
    const [, seed, failure] = /^ {2}seed (\d+) failed: (.*)$/m.exec(output) ?? [];
    if (seed !== undefined && failure !== undefined) return { seed: Number(seed), failure };
    return { failure: output.includes("no seed failed") ? "" : lastLine(output) };
  };
  try {
    for (let from = 0; from < maxSeeds;) {
      const { seed, failure } = await explore(broken, from, maxSeeds - from);
      if (seed === undefined) {
        if (fault.test === undefined) return { fault, seeds: undefined, failure };
        const args = ["test", "--quiet", "--no-check", "--allow-all", fault.test];
        const { outcome } = await copy.deno(args, MAX_EXPLORATION_MS, signal);
        return { fault, seeds: undefined, failure: outcome === "passed" ? "" : fault.test };
      }
      const unbroken = await explore(text, seed, 1);
      if (unbroken.seed === undefined) return { fault, failure, seeds: seed + 1 };
      from = seed + 1;
    }
    return { fault, seeds: undefined, failure: "" };
  } finally {
    copy.write(fault.file, text);
  }
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

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}
