/**
 * Gets the node function out of a node's module.
 *
 * @module
 */

import type { NodeFunction } from "../../node/mod.ts";
import { StartError } from "../engine.ts";
import { SimEngine } from "../sim/sim_engine.ts";
import type { EngineFactory } from "./run_case.ts";

/**
 * The default export of the module at a path. Throws a {@link StartError} when there is none, or it
 * is no function.
 */
export async function loadProgram(bin: string): Promise<NodeFunction> {
  const module = await importModule(bin);
  const program = module.default;
  if (typeof program === "function") return program as NodeFunction;
  throw new StartError(
    `${bin} exports no node function. Its default export must be a function that takes a Node: ` +
      "export default function (node: Node) {…}",
  );
}

async function importModule(bin: string): Promise<{ readonly default?: unknown }> {
  let path: string;
  try {
    path = Deno.realPathSync(bin);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StartError(`--bin ${bin}: there is no such file (looked for it in ${Deno.cwd()}).`);
  }
  try {
    return await import(new URL(`file://${path}`).href);
  } catch (error) {
    throw new StartError(`--bin ${bin} cannot be loaded: ${(error as Error).message}`);
  }
}

/** Cases are small: with so many events at one instant time stands still for good. */
const MOST_AT_ONCE = 200_000;

/** Simulated engines that run a program. */
export function simulated(program: NodeFunction): EngineFactory {
  return ({ args, options }) =>
    new SimEngine(program, args, options.seed, { mostAtOnce: MOST_AT_ONCE });
}
