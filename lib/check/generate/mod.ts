/**
 * Generated histories of correct systems, for tests and benchmarks of checkers.
 *
 * @module
 */

export {
  DEFINITE_FAILURE,
  generateHistory,
  type GenerateOptions,
  type ReferenceModel,
  type Request,
} from "./generate_history.ts";
export { logModel } from "./log_model.ts";
export { counterModel, echoModel, registersModel, setModel, uniqueIdsModel } from "./models.ts";
export { listAppendModel, rwRegisterModel } from "./transaction_models.ts";
