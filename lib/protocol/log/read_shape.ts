/**
 * Takes what another node said for what it should be.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import type { Schema } from "../../wire/mod.ts";

/** The value, known to be of a shape. Throws a TypeError, with what is wrong, when it is not. */
export function readShape<T>(shape: Schema<T>, value: Json): T {
  const problem = shape.problem(value, "what was said");
  if (problem !== undefined) throw new TypeError(problem);
  return value as T;
}
