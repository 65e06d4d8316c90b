/**
 * Checkers: functions from a history to a verdict with the operations that prove each anomaly.
 *
 * @module
 */

export { type AvailabilityGoal, checkAvailability } from "./availability.ts";
export { checkAll, type Checker, checkSafely, maelstromValid, mergeVerdicts } from "./compose.ts";
export { checkCounter } from "./counter.ts";
export { checkCrashes, type CrashReport, MAX_LAST_LINES } from "./crash.ts";
export { checkEcho } from "./echo.ts";
export { checkExceptions } from "./exceptions.ts";
export {
  capitalise,
  describeOperation,
  describeValue,
  type Explanation,
  MAX_EXPLANATIONS_PER_TYPE,
} from "./explanation.ts";
export {
  type AnomalyCase,
  checkKafka,
  type KafkaOptions,
  type PollLag,
  realtimeLag,
  type Unseen,
  type UnseenChange,
  unseenOverTime,
} from "./kafka/mod.ts";
export {
  type Call,
  casRegister,
  checkLinearizable,
  checkLinearizableRegisters,
  type LinearizableOptions,
  type Model,
} from "./linearizable/mod.ts";
export { checkNet, countInvocations, type NetEvent, NetStatistics } from "./net.ts";
export { plainResults } from "./plain_results.ts";
export { QUANTILE_POINTS, quantiles } from "./quantiles.ts";
export { checkSetFull, type SetFullOptions } from "./set_full.ts";
export { checkStats } from "./stats.ts";
export {
  checkableModels,
  checkListAppend,
  checkRwRegister,
  isConsistencyModel,
  requireCheckable,
  type TransactionalOptions,
  type TransactionalVerdict,
  type TransactionalWorkload,
  UncheckableModelError,
} from "./txn/mod.ts";
export { checkUniqueIds } from "./unique_ids.ts";
export { mergeValid, type Valid, type Verdict } from "./verdict.ts";
