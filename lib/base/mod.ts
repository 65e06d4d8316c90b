/**
 * What everything else rests on: seeded randomness, a heap, JSON that keeps its digits, invariants.
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
