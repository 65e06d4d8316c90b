/**
 * The flag that makes a reference node break its promise in one particular way.
 *
 * @module
 */

import { choice, type Node } from "../../../lib/node/mod.ts";

/** The node's `--fault`: one of these names, or `none` for a correct node. */
export function faultOf<const T extends string>(
  node: Node,
  ...faults: readonly [T, ...T[]]
): T | "none" {
  const table = { fault: choice<T | "none">(["none", ...faults], "the promise to break") };
  return node.flags(table).fault;
}

/** A function that says yes every `count` calls: the way in which faults come now and then. */
export function everyNth(count: number): () => boolean {
  let calls = 0;
  return () => ++calls % count === 0;
}
