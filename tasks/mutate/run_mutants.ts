/**
 * Tests mutants, several at a time, each in a temporary copy of the project. A mutant runs the tests
 * that reach it, the fastest first, until one fails.
 *
 * @module
 */

import { TestOrder } from "./baseline.ts";
import { Bench } from "./bench.ts";
import type { Mutant } from "./mutants.ts";

/** The outcome of a mutant. A timeout counts as killed: the mutant may loop forever. */
export interface MutantResult {
  readonly mutant: Mutant;
  readonly outcome: "killed" | "timed out" | "survived";
  /** The test that killed the mutant. */
  readonly killer?: string;
  /** The number of tests that reach the mutant. */
  readonly tests: number;
}

/** How to test mutants. */
export interface MutationRun {
  readonly mutants: readonly Mutant[];
  /** The unchanged texts of the mutated files. The project may change meanwhile. */
  readonly texts: ReadonlyMap<string, string>;
  readonly testFiles: readonly string[];
  /** The arguments of further deno commands; a mutant survives if all pass. */
  readonly commands: readonly (readonly string[])[];
  /** The number of copies, in each of which a mutant is tested at a time. */
  readonly jobs: number;
  /** The timeout of a test or command in milliseconds; by default derived from the usual time. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  /** Reports the number of tests that have run without a mutant, and of all. */
  onMeasured(tests: number, total: number): void;
  onBaseline(tests: number, elapsedMs: number): void;
  onResult(result: MutantResult): void;
}

/**
 * Runs the tests and commands on the unchanged program, then on each mutant. Returns the results in
 * the order of the mutants; those of an aborted run are incomplete.
 *
 * @throws {StartError} When a test or command fails on the unchanged program.
 */
export async function runMutants(run: MutationRun): Promise<MutantResult[]> {
  const { mutants, jobs, signal } = run;
  const commandMs = new Map<readonly string[], number>();
  const results = new Map<number, MutantResult>();
  const benches: Bench[] = [];
  const order = new TestOrder();
  try {
    benches.push(new Bench(run, commandMs));
    const baseline = await (benches[0] as Bench).measure();
    while (benches.length < Math.min(jobs, mutants.length)) benches.push(new Bench(run, commandMs));
    let next = 0;
    await Promise.all(benches.map(async (bench) => {
      while (next < mutants.length && !signal.aborted) {
        const id = ++next;
        const mutant = mutants[id - 1] as Mutant;
        const isLoaded = baseline.loadHits.has(id);
        const reaching = baseline.tests.filter((test) => isLoaded || test.reaches(id));
        const tests = order.of(mutant.file, reaching);
        const { outcome, killer } = await bench.test(id, mutant, tests, isLoaded);
        if (signal.aborted) return;
        if (killer !== undefined) order.killed(mutant.file, killer);
        const result = {
          mutant,
          outcome,
          tests: tests.length,
          ...(killer === undefined ? {} : { killer: killer.name }),
        };
        results.set(id, result);
        run.onResult(result);
      }
    }));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const bench of benches) await bench.remove();
  }
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
