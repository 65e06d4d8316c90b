/**
 * One seed of an exploration: draw its case, run it, and say in short what came of it.
 *
 * @module
 */

import type { Valid } from "../../check/mod.ts";
import type { FeatureCounts } from "./coverage.ts";
import type { Failure } from "./failure.ts";
import { type EngineFactory, runCase } from "./run_case.ts";
import { drawCase, type SwarmRequest } from "./swarm.ts";

/** What came of a seed, small enough to be sent from one worker to another. */
export interface SeedReport {
  readonly seed: number;
  readonly valid: Valid;
  readonly failure: Failure;
  readonly features: FeatureCounts;
  /** The faults that its case had. */
  readonly faults: readonly string[];
  readonly operations: number;
  readonly messages: number;
  /** Milliseconds of virtual time. */
  readonly elapsed: number;
}

/** Runs one seed. Throws what {@link runCase} and {@link drawCase} throw. */
export async function exploreSeed(
  request: SwarmRequest,
  seed: number,
  createEngine: EngineFactory,
): Promise<SeedReport> {
  const testCase = drawCase(request, String(seed));
  const outcome = await runCase(testCase, createEngine);
  return {
    seed,
    valid: outcome.valid,
    failure: outcome.failure,
    features: outcome.features,
    faults: testCase.options.nemesis,
    operations:
      outcome.record.history.filter(({ type, process }) =>
        type === "invoke" && process !== "nemesis"
      ).length,
    messages: outcome.messages,
    elapsed: outcome.elapsed,
  };
}
