/**
 * What the author of a node tests with:
 *
 * - {@link FakeNode}: one node, whose messages and time a test controls
 * - {@link simulate}: a cluster under a workload, with faults, in virtual time
 * - {@link parseHistory} and its siblings: histories written in a few lines
 * - {@link generateHistory}: random histories of correct systems
 *
 * @module
 */

// The types of what simulations take and return.
export type * from "../workbench/mod.ts";
export { Random } from "../base/mod.ts";
export {
  counterModel,
  DEFINITE_FAILURE,
  echoModel,
  generateHistory,
  type GenerateOptions,
  listAppendModel,
  logModel,
  type ReferenceModel,
  registersModel,
  type Request,
  rwRegisterModel,
  setModel,
  uniqueIdsModel,
} from "../check/generate/mod.ts";
export {
  checkDeterminism,
  describeRun,
  expectValid,
  type FaultControls,
  FaultScriptError,
  loadAnyProgram,
  type NemesisEvent,
  simulate,
  type SimulatedNode,
  type SimulationControls,
  type SimulationOptions,
  SimulationResult,
  UnexpectedVerdictError,
} from "../workbench/mod.ts";
export { InvalidOptionsError, workloads } from "../workload/mod.ts";
export { FakeDisk } from "./fake_disk.ts";
export { type Answer, FakeHost, settled } from "./fake_host.ts";
export { FakeNode, type FakeNodeOptions } from "./fake_node.ts";
export { parseHistory, renumber } from "./history_notation.ts";
export { parseLogHistory } from "./log_notation.ts";
export { parseRegisterHistory } from "./register_notation.ts";
export { parseTransactions, type WriteFunction } from "./transaction_notation.ts";
