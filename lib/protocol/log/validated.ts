/**
 * Validates a peer's message, or a stored value, against a schema.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import type { Schema } from "../../wire/mod.ts";

/**
 * Returns the value, typed by the schema. `name` stands for the value in the error text. Throws a
 * TypeError for a value that does not match.
 */
export function validated<T>(schema: Schema<T>, value: Json, name: string): T {
  const problem = schema.problem(value, name);
  if (problem !== undefined) throw new TypeError(problem);
  return value as T;
}
