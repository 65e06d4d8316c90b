/**
 * The generator and the reply schema that the workloads with a set share: broadcast and g-set.
 *
 * @module
 */

import type { Json, Random } from "../base/mod.ts";
import type { Schema } from "../wire/mod.ts";
import { type Generator, mix } from "./generator.ts";

/**
 * The elements of a read: a JSON array of any values, or null, because some languages write an
 * empty list as null. The checker judges the elements.
 */
export const elementList: Schema<Json[] | null> = {
  expectation: "an array",
  problem: (value, path) =>
    Array.isArray(value) || value === null ? undefined : `${path} must be an array`,
};

/** Adds 0, 1, 2, … with the function `addition`, and reads equally often, in random order. */
export function additionsAndReads(addition: string, random: Random): Generator {
  let next = 0;
  return mix(random, [
    () => ({ f: addition, value: next++ }),
    () => ({ f: "read", value: null }),
  ]);
}
