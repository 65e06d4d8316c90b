/**
 * The node functions whose modules have state at their top level: each node runs an instance of its
 * own, as each process has modules of its own.
 *
 * @module
 */

import type { NodeFunction } from "../../node/mod.ts";

/** Creates a node function whose modules are an instance of their own. */
export type Instantiate = () => NodeFunction | Promise<NodeFunction>;

const instantiations = new WeakMap<NodeFunction, Instantiate>();

/** Notes how to instantiate a program whose modules have state. */
export function setInstantiation(program: NodeFunction, instantiate: Instantiate): void {
  instantiations.set(program, instantiate);
}

/**
 * Returns the function that a new node runs. It is the program itself, unless the program's modules
 * have state at their top level: then it belongs to a new instance of these modules. Throws, or
 * rejects with, what the modules throw.
 */
export function instanceOf(program: NodeFunction): NodeFunction | Promise<NodeFunction> {
  return instantiations.get(program)?.() ?? program;
}
