/**
 * The engine on which explored cases run.
 *
 * @module
 */

import type { NodeFunction } from "../../node/mod.ts";
import { SimEngine } from "../sim/mod.ts";
import type { EngineFactory } from "./run_case.ts";

/** Cases are small: with so many events at one instant time stands still for good. */
const MOST_AT_ONCE = 200_000;

/** Simulated engines that run a program. */
export function simulated(program: NodeFunction): EngineFactory {
  return ({ args, options }) =>
    new SimEngine(program, args, options.seed, { maxEventsPerInstant: MOST_AT_ONCE });
}
