/**
 * A copy of the project, and the process that runs tests in it.
 *
 * @module
 */

import { StartError } from "../../lib/workbench/mod.ts";
import { type Baseline, type MeasuredTest, measureTests } from "./baseline.ts";
import { applyMutant, type Mutant } from "./mutants.ts";
import { ProjectCopy } from "./project_copy.ts";
import type { MutantResult, MutationRun } from "./run_mutants.ts";
import { RunnerProcess, type RunnerProgram, type TestResult } from "./runner_process.ts";

/** The outcome of a mutant, and the test that killed it. */
export interface Outcome {
  readonly outcome: MutantResult["outcome"];
  readonly killer?: MeasuredTest;
}

/** Bounds the first run of a command. */
const MAX_BASELINE_MS = 600_000;
/** The default timeout is this multiple of the usual time, and a margin for a busy machine. */
const TIMEOUT_FACTOR = 4;
const TIMEOUT_MARGIN_MS = 5000;
const MAX_SHOWN_LINES = 30;

/** A copy of the project and the process that runs tests in it. */
export class Bench {
  readonly #run: MutationRun;
  readonly #program: RunnerProgram;
  readonly #copy = ProjectCopy.create();
  #runner: RunnerProcess | undefined;
  readonly #commandMs: Map<readonly string[], number>;

  /** The usual times of the commands are measured by one copy, and used by all. */
  constructor(run: MutationRun, commandMs: Map<readonly string[], number>) {
    this.#run = run;
    this.#commandMs = commandMs;
    const mutants = new Map(run.mutants.map((mutant, index) => [index + 1, mutant]));
    const { testFiles, texts } = run;
    this.#program = { testFiles, texts, mutants };
    for (const [file, text] of texts) this.#copy.write(file, text);
  }

  /** Runs all tests and commands without a mutant. */
  async measure(): Promise<Baseline> {
    const { commands, signal, testFiles } = this.#run;
    const begun = performance.now();
    let baseline: Baseline = { tests: [], loadHits: new Set() };
    if (testFiles.length > 0) {
      this.#runner = await this.#start(0);
      baseline = await measureTests(this.#runner, this.#run);
    }
    for (const args of commands) {
      const begun = performance.now();
      const { outcome, output } = await this.#copy.deno(args, MAX_BASELINE_MS, signal);
      if (outcome !== "passed" && !signal.aborted) {
        const end = output.trimEnd().split("\n").slice(-MAX_SHOWN_LINES).join("\n");
        throw new StartError(`deno ${args.join(" ")} ${outcome} without a mutant:\n${end}`);
      }
      this.#commandMs.set(args, performance.now() - begun);
    }
    if (!signal.aborted) this.#run.onBaseline(baseline.tests.length, performance.now() - begun);
    return baseline;
  }

  /** Tests a mutant. One that is active while files are loaded needs a process of its own. */
  async test(
    id: number,
    mutant: Mutant,
    tests: readonly MeasuredTest[],
    isLoaded: boolean,
  ): Promise<Outcome> {
    try {
      if (isLoaded && tests.length > 0) {
        await this.#endRunner();
        try {
          this.#runner = await this.#start(id);
        } catch (error) {
          if (error instanceof StartError) return { outcome: "killed" };
          throw error;
        }
      }
      // Programs that a test starts load the mutant from the file.
      this.#write(mutant);
      const outcome = await this.#runTests(id, mutant, tests, isLoaded);
      return outcome ?? await this.#runCommands();
    } finally {
      if (isLoaded) await this.#endRunner();
      this.#restore(mutant);
    }
  }

  async remove(): Promise<void> {
    await this.#endRunner();
    this.#copy.remove();
  }

  async #runTests(
    id: number,
    mutant: Mutant,
    tests: readonly MeasuredTest[],
    isLoaded: boolean,
  ): Promise<Outcome | undefined> {
    for (const test of tests) {
      const { outcome } = await this.#runTest(id, mutant, test);
      if (outcome === "timed out") return { outcome, killer: test };
      if (outcome === "passed") continue;
      if (isLoaded || await this.#isIntact(mutant, test)) {
        return { outcome: "killed", killer: test };
      }
      // An earlier mutant may have spoilt the state of the process.
      const { outcome: second } = await this.#runTest(id, mutant, test);
      if (second === "timed out") return { outcome: second, killer: test };
      if (second === "failed") return { outcome: "killed", killer: test };
    }
    return undefined;
  }

  /** Runs a test in the present process, or in a new one. */
  async #runTest(id: number, mutant: Mutant, test: MeasuredTest): Promise<TestResult> {
    if (this.#runner === undefined) {
      this.#runner = await this.#start(0);
      if (id > 0) this.#write(mutant);
    }
    const result = await this.#runner.run(test.index, id, this.#timeoutMs(test.elapsedMs));
    if (this.#runner.hasEnded) await this.#endRunner();
    return result;
  }

  /** Whether the test passes without a mutant; ends the process if not. */
  async #isIntact(mutant: Mutant, test: MeasuredTest): Promise<boolean> {
    this.#restore(mutant);
    const { outcome } = await this.#runTest(0, mutant, test);
    if (outcome !== "passed") await this.#endRunner();
    return outcome === "passed";
  }

  async #runCommands(): Promise<Outcome> {
    const { commands, signal } = this.#run;
    for (const args of commands) {
      const timeoutMs = this.#timeoutMs(this.#commandMs.get(args) ?? MAX_BASELINE_MS);
      const { outcome } = await this.#copy.deno(args, timeoutMs, signal);
      if (outcome === "failed") return { outcome: "killed" };
      if (outcome === "timed out") return { outcome };
    }
    return { outcome: "survived" };
  }

  #write(mutant: Mutant): void {
    this.#copy.write(mutant.file, applyMutant(mutant, this.#textOf(mutant)));
  }

  #restore(mutant: Mutant): void {
    this.#copy.write(mutant.file, this.#textOf(mutant));
  }

  #textOf({ file }: Mutant): string {
    return this.#run.texts.get(file) as string;
  }

  #timeoutMs(usualMs: number): number {
    return this.#run.timeoutMs ?? TIMEOUT_FACTOR * usualMs + TIMEOUT_MARGIN_MS;
  }

  #start(active: number): Promise<RunnerProcess> {
    return RunnerProcess.start(this.#copy, this.#program, active, this.#run.signal);
  }

  async #endRunner(): Promise<void> {
    await this.#runner?.end();
    this.#runner = undefined;
  }
}
