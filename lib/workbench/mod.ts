/**
 * The workbench: runs tests, injects faults, and writes the results to a folder.
 *
 * @module
 */

// The types of what tests take and return.
export type * from "../check/mod.ts";
export type * from "../node/mod.ts";
export type * from "../workload/mod.ts";
export type { LamportRange } from "../report/mod.ts";
export type { RawMessage } from "../wire/mod.ts";
export { DEFAULT_TIMEOUT_MS } from "./connection.ts";
export { analyse, type AnalysisInput, type TestResults } from "./analysis.ts";
export type { Clock } from "./clock.ts";
export type { MaelstromReaction, NodeProblem, UnexpectedExit } from "./cluster.ts";
export {
  type DiskDamage,
  type Engine,
  type ExitStatus,
  type NodeHandle,
  type NodeListener,
  type PowerLoss,
  StartError,
} from "./engine.ts";
export { FAULT_NAMES, type NemesisEvent, PERSISTENT_FAULT_NAMES } from "./fault/mod.ts";
export {
  type FaultControls,
  type FaultScript,
  FaultScriptError,
  type MessageFaultPlans,
  type Nodes,
} from "./fault_script.ts";
export type { Journal, JournalEvent } from "./journal.ts";
export { ProcessEngine } from "./process/process_engine.ts";
export { Watchdog, type WatchedGroup } from "./process/watchdog.ts";
export type { Trigger } from "./nemesis.ts";
export type { OperationCounts } from "./recorder.ts";
export {
  type Progress,
  type RunRecord,
  runTest,
  type TestPhase,
  type TestSetup,
} from "./run_test.ts";
export {
  checkDeterminism,
  DeadlockError,
  describeRun,
  type DeterminismResult,
  type Difference,
  expectValid,
  type GuestProgram,
  isWasm,
  LivelockError,
  loadAnyProgram,
  loadProgram,
  type LogLine,
  type NodeLookup,
  type ProgramFile,
  SimEngine,
  type SimOptions,
  simulate,
  type SimulatedNode,
  type SimulationControls,
  type SimulationOptions,
  SimulationResult,
  StateLog,
  type Transcript,
  UnexpectedVerdictError,
} from "./sim/mod.ts";
export { loadWorkload } from "./load_workload.ts";
export { decodeSchedule, encodeSchedule, ScheduleError } from "./schedule_file.ts";
export { RunFolder, type TestDescription } from "./run_folder.ts";
