/**
 * Histories of correct systems, for tests and benchmarks of checkers.
 *
 * @module
 */

export {
  generateHistory,
  type GenerateOptions,
  type Model,
  REFUSED,
  type Request,
} from "./generate_history.ts";
export { logModel } from "./log_model.ts";
export { counterModel, echoModel, registersModel, setModel, uniqueIdsModel } from "./models.ts";
export { listAppendModel, writeRegisterModel } from "./transaction_models.ts";
