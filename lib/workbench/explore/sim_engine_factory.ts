/**
 * The engines of an exploration: a simulated engine for each run.
 *
 * @module
 */

import type { NodeFunction } from "../../node/mod.ts";
import { loadProgram, SimEngine } from "../sim/mod.ts";
import type { EngineFactory } from "./run_case.ts";

/** Generated cases are small, so a run that exceeds this limit is in a livelock. */
const MAX_EVENTS_PER_INSTANT = 200_000;

const OTHER_PROGRAM_HINT = "explore and replay simulate TypeScript nodes; " +
  "`deno task maelstrom test … --test-count 20` repeats a test of any program.";

/** Returns a factory of engines for the module at a path. Throws a `StartError`. */
export async function loadEngineFactory(bin: string): Promise<EngineFactory> {
  return simEngineFactory(await loadProgram(bin, OTHER_PROGRAM_HINT));
}

/** Returns a factory of simulated engines whose nodes run a program. */
export function simEngineFactory(program: NodeFunction): EngineFactory {
  return ({ args, options }) =>
    new SimEngine(program, args, options.seed, { maxEventsPerInstant: MAX_EVENTS_PER_INSTANT });
}
