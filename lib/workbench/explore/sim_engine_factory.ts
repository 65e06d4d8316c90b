/**
 * The engines of an exploration: a simulated engine for each run.
 *
 * @module
 */

import {
  type NodeFunction,
  type PreparedProgram,
  prepareProgram,
  UsageError,
} from "../../node/mod.ts";
import { StartError } from "../engine.ts";
import { type GuestProgram, loadAnyProgram, type ProgramFile, SimEngine } from "../sim/mod.ts";
import { keepsFiles, type TrialSetup } from "./kept_files.ts";
import type { EngineFactory } from "./run_case.ts";
import { argumentsOf } from "./test_case.ts";

/** Generated cases are small, so a run that exceeds this limit is in a livelock. */
const MAX_EVENTS_PER_INSTANT = 200_000;

const OTHER_PROGRAM_HINT =
  "explore and replay simulate TypeScript nodes, Go source and WebAssembly modules; " +
  "`deno task maelstrom test … --test-count 20` repeats a test of any program.";

/** Returns a factory of engines for the program of a file. Throws a `StartError`. */
export async function loadEngineFactory(file: ProgramFile): Promise<EngineFactory> {
  return simEngineFactory(await loadAnyProgram(file, OTHER_PROGRAM_HINT));
}

/** What a program declares about its nodes. */
type Features = Pick<PreparedProgram, "persists" | "changesMembership" | "explores">;

/**
 * Returns what the program of a file declares about its nodes. A program that is not a node function
 * is run for a moment: it persists if it creates files. Throws a `StartError` if the program cannot be
 * loaded, or does not accept the arguments.
 */
export async function loadFeatures(file: ProgramFile, setup: TrialSetup): Promise<Features> {
  const program = await loadAnyProgram(file, OTHER_PROGRAM_HINT);
  if (typeof program !== "function") {
    const persists = await keepsFiles(program, setup);
    return { persists, changesMembership: false, explores: {} };
  }
  try {
    return prepareProgram(program, setup.args);
  } catch (error) {
    // The message is a node's that rejects its arguments, as a run reports it, too.
    throw error instanceof UsageError ? new StartError(error.message) : error;
  }
}

/** Returns a factory of simulated engines whose nodes run a program. */
export function simEngineFactory(program: NodeFunction | GuestProgram): EngineFactory {
  return (testCase) => {
    const { options, diskLatencyMs } = testCase;
    return new SimEngine(program, argumentsOf(testCase), options.seed, {
      maxEventsPerInstant: MAX_EVENTS_PER_INSTANT,
      ...(diskLatencyMs === undefined ? {} : { meanDiskLatencyMs: diskLatencyMs }),
    });
  };
}
