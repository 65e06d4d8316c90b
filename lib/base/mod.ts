/**
 * The lowest layer: seeded random numbers, a priority queue, JSON that keeps all digits, assertions,
 * back-off, command-line flags.
 *
 * @module
 */

export { Backoff, type BackoffOptions } from "./backoff.ts";
export { compareAscending } from "./compare.ts";
export { Double } from "./double.ts";
export * as flag from "./flag_kinds.ts";
export {
  asksForHelp,
  type CommandLine,
  type Defaulted,
  type DefaultedFlag,
  describeFlags,
  type Flag,
  type FlagTable,
  type FlagValues,
  HelpRequest,
  parseFlags,
  UsageError,
  type ValueOf,
} from "./flags.ts";
export { FailureDetector, type FailureDetectorOptions } from "./failure_detector.ts";
export { Heap, isDueBefore } from "./heap.ts";
export { invariant, InvariantError } from "./invariant.ts";
export {
  canonicalJson,
  isJsonObject,
  type Json,
  jsonEquals,
  type JsonObject,
  nestsDeeperThan,
  parseJson,
  parseJsonWithDoubles,
  stringifyJson,
} from "./json.ts";
export { printable } from "./printable.ts";
export { Random } from "./random.ts";
export { suggestNames } from "./suggest.ts";
export { RoundTripEstimator, type RoundTripOptions } from "./round_trip.ts";
