/**
 * The flag that gives an example a planted fault.
 *
 * @module
 */

import { flag, type Node, type NodeProgram, withFlags } from "../../lib/node/mod.ts";

/**
 * Defines a node with a flag `--fault`: one of the names, or `none` for a correct node; with a disk if
 * it `persists`.
 */
export function defineFaultyNode<const T extends string>(
  faults: readonly [T, ...T[]],
  start: (node: Node, fault: T | "none") => unknown,
  { persists = false }: { readonly persists?: boolean } = {},
): NodeProgram {
  const fault = flag.oneOf<T | "none">(["none", ...faults], {
    help: `the planted fault: ${faults.join(", ")} or none`,
    default: "none",
  });
  return withFlags({ flags: { fault }, persists }, (node, flags) => start(node, flags.fault));
}

/** Returns a function that returns true on every `count`th call, for an intermittent fault. */
export function everyNth(count: number): () => boolean {
  let calls = 0;
  return () => ++calls % count === 0;
}
