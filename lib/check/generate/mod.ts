/**
 * Histories of correct systems, for tests and benchmarks of checkers.
 *
 * @module
 */

export {
  generateHistory,
  type GenerateOptions,
  type Model,
  type Request,
} from "./generate_history.ts";
export { counterModel, echoModel, setModel, uniqueIdsModel } from "./models.ts";
