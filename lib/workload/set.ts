/**
 * What the two workloads that add to a set have in common.
 *
 * @module
 */

import type { Json, Random } from "../base/mod.ts";
import type { Schema } from "../wire/mod.ts";
import { type Generator, mix } from "./generator.ts";

/**
 * A node's elements, whatever they are. Null is taken for none: it is how some languages write an
 * empty list.
 */
export const elementList: Schema<Json[] | null> = {
  expectation: "an array",
  problem: (value, path) =>
    Array.isArray(value) || value === null ? undefined : `${path} must be an array`,
};

/** Adds 0, 1, 2, … by the function `addition`, and reads as often, in random order. */
export function additionsAndReads(addition: string, random: Random): Generator {
  let next = 0;
  return mix(random, [
    () => ({ f: addition, value: next++ }),
    () => ({ f: "read", value: null }),
  ]);
}
