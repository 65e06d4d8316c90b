/**
 * The flag that gives a reference node a planted fault.
 *
 * @module
 */

import { choice, type Node } from "../../../lib/node/mod.ts";

/** Returns the value of the node's flag `--fault`: one of the names, or `none` for a correct node. */
export function faultOf<const T extends string>(
  node: Node,
  ...faults: readonly [T, ...T[]]
): T | "none" {
  const table = { fault: choice<T | "none">(["none", ...faults], "the planted fault") };
  return node.flags(table).fault;
}

/** Returns a function that returns true on every `count`th call, so that a fault is intermittent. */
export function everyNth(count: number): () => boolean {
  let calls = 0;
  return () => ++calls % count === 0;
}
