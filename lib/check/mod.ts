/**
 * Checkers: functions from a history to a verdict with the operations that prove each anomaly.
 *
 * @module
 */

export {
  type AvailabilityGoal,
  type AvailabilityVerdict,
  checkAvailability,
} from "./availability.ts";
export { checkAll, type Checker, checkSafely, maelstromValid, mergeVerdicts } from "./compose.ts";
export { checkCounter, type CounterVerdict } from "./counter.ts";
export { checkCrashes, type CrashReport, MAX_LAST_LINES } from "./crash.ts";
export { checkEcho, type EchoVerdict } from "./echo.ts";
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
  type KafkaVerdict,
  type PollLag,
  realtimeLag,
  type Unseen,
  type UnseenChange,
  unseenOverTime,
} from "./kafka/mod.ts";
export {
  type Call,
  casRegister,
  checkKeys,
  checkLinearizable,
  checkLinearizableRegisters,
  type CompleteModel,
  type KeyVerdict,
  type LinearizableOptions,
  type Model,
  mutex,
  register,
  type RegistersVerdict,
} from "./linearizable/mod.ts";
export { checkMalformedReplies } from "./malformed_replies.ts";
export {
  checkNet,
  countInvocations,
  type MessageCounts,
  type MessageCountsPerOperation,
  type NetEvent,
  NetStatistics,
  type NetVerdict,
} from "./net.ts";
export { plainResults } from "./plain_results.ts";
export { QUANTILE_POINTS, quantiles } from "./quantiles.ts";
export { checkSetFull, type SetFullOptions } from "./set_full.ts";
export { type SetFullVerdict } from "./set_full_verdict.ts";
export { checkStats, type CompletionCounts, type StatsVerdict } from "./stats.ts";
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
export {
  decodeHistory,
  type History,
  type HistoryText,
  isClientOperation,
  MalformedHistoryError,
  NEMESIS,
  type Operation,
  type OperationPair,
  type OperationType,
  pairOperations,
} from "../history/mod.ts";
export type { Interval } from "./intervals.ts";
export { checkUniqueIds, type UniqueIdsVerdict } from "./unique_ids.ts";
export { mergeValid, type Valid, type Verdict } from "./verdict.ts";
