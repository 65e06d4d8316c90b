/**
 * What the tests do without a mutant: how long each takes, and which mutants it reaches.
 *
 * @module
 */

import { StartError } from "../../lib/workbench/mod.ts";
import type { MutationRun } from "./run_mutants.ts";
import type { RunnerProcess } from "./runner_process.ts";

/** A test of the unchanged program. */
export interface MeasuredTest {
  readonly index: number;
  readonly name: string;
  readonly elapsedMs: number;
  /** Whether the test can reach the mutant of an id. */
  reaches(id: number): boolean;
}

/** All tests, and the mutants that are reached while their files are loaded. */
export interface Baseline {
  readonly tests: readonly MeasuredTest[];
  readonly loadHits: ReadonlySet<number>;
}

/** Bounds a test of the unchanged program. */
const MAX_TEST_MS = 600_000;
const MAX_SHOWN_LINES = 30;
/** The weight of a mutant that a test has killed, when tests are ordered. */
const KILL_WEIGHT = 4;

/**
 * Runs each test once.
 *
 * @throws {StartError} When a test fails.
 */
export async function measureTests(
  runner: RunnerProcess,
  { signal, onMeasured }: Pick<MutationRun, "signal" | "onMeasured">,
): Promise<Baseline> {
  const tests: MeasuredTest[] = [];
  for (const [index, name] of runner.tests.entries()) {
    const result = await runner.run(index, 0, MAX_TEST_MS);
    signal.throwIfAborted();
    if (result.outcome !== "passed") {
      const failure = result.failure.split("\n").slice(0, MAX_SHOWN_LINES).join("\n");
      throw new StartError(`a test failed without a mutant: ${name}\n${failure}`);
    }
    const { elapsedMs, hasStartedPrograms } = result;
    const hits = new Set(result.hits);
    const reaches = (id: number) => hasStartedPrograms || hits.has(id);
    tests.push({ index, name, elapsedMs, reaches });
    onMeasured(tests.length, runner.tests.length);
  }
  return { tests, loadHits: new Set(runner.loadHits) };
}

/** Orders the tests of a mutant: fast ones first, and those that killed mutants of the same file. */
export class TestOrder {
  readonly #kills = new Map<string, Map<number, number>>();

  /** Counts a mutant of the file that the test killed. */
  killed(file: string, { index }: MeasuredTest): void {
    const kills = this.#kills.get(file) ?? new Map<number, number>();
    this.#kills.set(file, kills.set(index, (kills.get(index) ?? 0) + 1));
  }

  /** Returns the tests in the order in which mutants of the file should run. */
  of(file: string, tests: readonly MeasuredTest[]): MeasuredTest[] {
    const kills = this.#kills.get(file);
    const cost = ({ index, elapsedMs }: MeasuredTest) =>
      (elapsedMs + 1) / (1 + KILL_WEIGHT * (kills?.get(index) ?? 0));
    return [...tests].sort((a, b) => cost(a) - cost(b));
  }
}
