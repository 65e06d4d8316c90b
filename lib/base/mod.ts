/**
 * The lowest layer: seeded random numbers, a priority queue, JSON that keeps all digits, assertions.
 *
 * @module
 */

export { Heap } from "./heap.ts";
export { invariant, InvariantError } from "./invariant.ts";
export {
  canonicalJson,
  isJsonObject,
  type Json,
  jsonEquals,
  type JsonObject,
  nestsDeeperThan,
  parseJson,
  stringifyJson,
} from "./json.ts";
export { Random } from "./random.ts";
