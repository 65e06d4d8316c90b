/**
 * Tests mutants, several at a time, each in a temporary copy of the project.
 *
 * @module
 */

import { StartError } from "../../lib/workbench/mod.ts";
import { applyMutant, type Mutant } from "./mutants.ts";
import { type CommandOutcome, ProjectCopy } from "./project_copy.ts";

/** The outcome of a mutant. A timeout counts as killed: the mutant may loop forever. */
export interface MutantResult {
  readonly mutant: Mutant;
  readonly outcome: "killed" | "timed out" | "survived";
}

/** How to test mutants. */
export interface MutationRun {
  readonly mutants: readonly Mutant[];
  /** The arguments of each deno command that tests a mutant; a mutant survives if all pass. */
  readonly commands: readonly (readonly string[])[];
  /** The number of copies, in each of which a mutant is tested at a time. */
  readonly jobs: number;
  /** The timeout of one command in milliseconds; by default derived from the unchanged program. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  onBaseline(elapsedMs: number, timeoutMs: number): void;
  onResult(result: MutantResult): void;
}

/** Bounds the first run of the unchanged program. */
const MAX_BASELINE_MS = 600_000;
/** The default timeout is this multiple of the slowest command, and a margin for a busy machine. */
const TIMEOUT_FACTOR = 4;
const TIMEOUT_MARGIN_MS = 10_000;
const MAX_SHOWN_LINES = 30;

/**
 * Runs the commands on the unchanged program, then on each mutant. Returns the results in the order
 * of the mutants; those of an aborted run are incomplete.
 *
 * @throws {StartError} When a command fails on the unchanged program.
 */
export async function runMutants(run: MutationRun): Promise<MutantResult[]> {
  const { mutants, jobs, signal } = run;
  const results = new Map<number, MutantResult>();
  const copies: ProjectCopy[] = [];
  try {
    copies.push(ProjectCopy.create());
    const timeoutMs = await testBaseline(run, copies[0] as ProjectCopy);
    while (copies.length < Math.min(jobs, mutants.length)) copies.push(ProjectCopy.create());
    let next = 0;
    await Promise.all(copies.map(async (copy) => {
      while (next < mutants.length && !signal.aborted) {
        const index = next++;
        const mutant = mutants[index] as Mutant;
        const outcome = await testMutant(run, copy, mutant, timeoutMs);
        if (signal.aborted) return;
        const result = { mutant, outcome };
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

/** Runs the commands on the unchanged program; returns the timeout for mutants. */
async function testBaseline(run: MutationRun, copy: ProjectCopy): Promise<number> {
  const { commands, signal } = run;
  let totalMs = 0;
  let slowestMs = 0;
  for (const args of commands) {
    const begun = performance.now();
    const { outcome, output } = await copy.deno(args, MAX_BASELINE_MS, signal);
    if (outcome !== "passed" && !signal.aborted) {
      const end = output.trimEnd().split("\n").slice(-MAX_SHOWN_LINES).join("\n");
      throw new StartError(`deno ${args.join(" ")} ${outcome} without a mutant:\n${end}`);
    }
    const elapsedMs = performance.now() - begun;
    totalMs += elapsedMs;
    slowestMs = Math.max(slowestMs, elapsedMs);
  }
  const timeoutMs = run.timeoutMs ?? TIMEOUT_FACTOR * slowestMs + TIMEOUT_MARGIN_MS;
  if (!signal.aborted) run.onBaseline(totalMs, timeoutMs);
  return timeoutMs;
}

async function testMutant(
  { commands, signal }: MutationRun,
  copy: ProjectCopy,
  mutant: Mutant,
  timeoutMs: number,
): Promise<MutantResult["outcome"]> {
  const text = Deno.readTextFileSync(mutant.file);
  copy.write(mutant.file, applyMutant(mutant, text));
  try {
    for (const args of commands) {
      const { outcome }: { outcome: CommandOutcome } = await copy.deno(args, timeoutMs, signal);
      if (outcome === "failed") return "killed";
      if (outcome === "timed out") return "timed out";
    }
    return "survived";
  } finally {
    copy.write(mutant.file, text);
  }
}
