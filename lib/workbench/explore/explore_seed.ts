/**
 * One seed of an exploration: generates a case, runs it and summarises the outcome.
 *
 * @module
 */

import type { Valid } from "../../check/mod.ts";
import type { CoverageCounts } from "./coverage.ts";
import { type Failure, sameFailure } from "./failure.ts";
import { type EngineFactory, runCase, type RunObserver } from "./run_case.ts";
import { generateCase, type SwarmConfig } from "./swarm.ts";
import type { TestCase } from "./test_case.ts";

/** The summary of a seed's outcome. Threads pass it by structured clone. */
export interface SeedReport {
  readonly seed: number;
  readonly valid: Valid;
  readonly failure: Failure;
  /** A line in plain words for each entry of the failure. */
  readonly signature: readonly string[];
  readonly coverage: CoverageCounts;
  /** The names of the faults in the case's schedule. */
  readonly faults: readonly string[];
  /** The number of operations that clients invoked. */
  readonly operations: number;
  /** The number of messages sent. */
  readonly messages: number;
  /** The duration of the run in virtual time. */
  readonly elapsedMs: number;
}

/** Runs one seed. Throws what {@link runCase} and {@link generateCase} throw. */
export async function exploreSeed(
  config: SwarmConfig,
  seed: number,
  createEngine: EngineFactory,
  observer: RunObserver = {},
): Promise<SeedReport> {
  const testCase = generateCase(config, String(seed));
  const outcome = await runCase(testCase, createEngine, observer, config.workload);
  return {
    seed,
    valid: outcome.valid,
    failure: outcome.failure,
    signature: outcome.signature,
    coverage: outcome.coverage,
    faults: testCase.options.nemesis,
    operations:
      outcome.record.history.filter(({ type, process }) =>
        type === "invoke" && process !== "nemesis"
      ).length,
    messages: outcome.messages,
    elapsedMs: outcome.elapsedMs,
  };
}

/** Returns the case of a seed that failed, with all faults in its schedule, so that it can be shrunk. */
export async function failedCase(
  config: SwarmConfig,
  { seed, failure }: Pick<SeedReport, "seed" | "failure">,
  createEngine: EngineFactory,
): Promise<TestCase> {
  const testCase = generateCase(config, String(seed));
  if (testCase.triggers === undefined) return testCase;
  const { scheduledCase } = await runCase(testCase, createEngine, {}, config.workload);
  const repeated = await runCase(scheduledCase, createEngine, {}, config.workload);
  return sameFailure(repeated.failure, failure) ? scheduledCase : testCase;
}
