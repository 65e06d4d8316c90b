/**
 * The engines of an exploration: a simulated engine for each run.
 *
 * @module
 */

import type { NodeFunction } from "../../node/mod.ts";
import { SimEngine } from "../sim/mod.ts";
import type { EngineFactory } from "./run_case.ts";

/** Generated cases are small, so a run that exceeds this limit is in a livelock. */
const MAX_EVENTS_PER_INSTANT = 200_000;

/** Returns a factory of simulated engines whose nodes run a program. */
export function simEngineFactory(program: NodeFunction): EngineFactory {
  return ({ args, options }) =>
    new SimEngine(program, args, options.seed, { maxEventsPerInstant: MAX_EVENTS_PER_INSTANT });
}
