/**
 * Finds out whether a program that is not a node function persists. It cannot declare that, but a
 * program that keeps files does.
 *
 * @module
 */

import { completeOptions, type Workload } from "../../workload/mod.ts";
import { StartError } from "../engine.ts";
import { runTest } from "../run_test.ts";
import { DeadlockError, type GuestProgram, LivelockError, SimEngine } from "../sim/mod.ts";
import type { FixedOptions } from "./swarm.ts";

/** How long the program runs without faults. */
const TIME_LIMIT_SECONDS = 1;
const RATE_PER_SECOND = 20;

/** How a program is run. */
export interface TrialSetup {
  readonly args: readonly string[];
  readonly workload: Workload;
  readonly fixedOptions: FixedOptions;
}

/** Runs a program for a moment; returns whether one of its nodes creates a file in its folder. */
export async function keepsFiles(program: GuestProgram, setup: TrialSetup): Promise<boolean> {
  const options = completeOptions(setup.workload, {
    ...setup.fixedOptions,
    timeLimitSeconds: TIME_LIMIT_SECONDS,
    ratePerSecond: RATE_PER_SECOND,
  });
  const engine = new SimEngine(program, setup.args, options.seed);
  const { workload } = setup;
  const { signal } = new AbortController();
  try {
    await runTest({ options, workload, engine, signal, journal() {}, log() {} });
  } catch (error) {
    const isKnown = error instanceof StartError || error instanceof DeadlockError ||
      error instanceof LivelockError;
    // The exploration runs into the same problem, and reports it.
    if (!isKnown) throw error;
  }
  return engine.keepsFiles;
}
