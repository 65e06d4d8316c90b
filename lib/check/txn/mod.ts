/**
 * Checkers of transactions on lists and registers. A checker reports the anomalies in a history,
 * the consistency models that these anomalies rule out, and the transactions that show each
 * anomaly.
 *
 * @module
 */

export {
  checkableModels,
  requireCheckable,
  type TransactionalWorkload,
  UncheckableModelError,
} from "./checkable_models.ts";
export {
  anomaliesProhibitedBy,
  consistencyModels,
  impossibleModels,
  isConsistencyModel,
  type ModelBoundary,
  modelBoundary,
} from "./consistency_models.ts";
export type { CycleEvidence, CycleStep } from "./cycle_explanation.ts";
export { checkListAppend } from "./list_append.ts";
export { checkRwRegister } from "./rw_register.ts";
export type { TransactionalOptions } from "./transactional_check.ts";
export type { TransactionalVerdict } from "./transactional_verdict.ts";
