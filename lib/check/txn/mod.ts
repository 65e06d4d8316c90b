/**
 * Checkers of transactions: which consistency models a history of transactions on lists or registers
 * refutes, and the operations that prove it.
 *
 * @module
 */

export {
  anomaliesForbiddenBy,
  consistencyModels,
  isConsistencyModel,
  modelsRuledOutBy,
  type RuledOut,
  ruledOut,
} from "./consistency_models.ts";
export {
  decidableModels,
  requireDecidable,
  type TransactionalWorkload,
  UndecidableModelError,
} from "./decidable_models.ts";
export type { CycleProof, CycleStep } from "./explain.ts";
export { checkListAppend } from "./list_append.ts";
export { checkRwRegister } from "./rw_register.ts";
export type { TransactionalOptions } from "./transactional_check.ts";
export type { TransactionalVerdict } from "./transactional_verdict.ts";
