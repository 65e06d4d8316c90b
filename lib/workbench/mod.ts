/**
 * The workbench: runs tests, injects faults, and writes the results to a folder.
 *
 * @module
 */

export { DEFAULT_TIMEOUT_MS } from "./connection.ts";
export { analyse, type AnalysisInput, type TestResults } from "./analysis.ts";
export type { Clock } from "./clock.ts";
export type { NodeProblem, UnexpectedExit } from "./cluster.ts";
export { type Engine, StartError } from "./engine.ts";
export { FAULT_NAMES, type NemesisEvent, PERSISTENT_FAULT_NAMES } from "./fault/mod.ts";
export { type FaultControls, type FaultScript, FaultScriptError } from "./fault_script.ts";
export type { Journal, JournalEvent } from "./journal.ts";
export { ProcessEngine } from "./process/process_engine.ts";
export { Watchdog } from "./process/watchdog.ts";
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
  expectValid,
  LivelockError,
  loadProgram,
  SimEngine,
  simulate,
  type SimulatedNode,
  type SimulationControls,
  type SimulationOptions,
  SimulationResult,
  StateLog,
  UnexpectedVerdictError,
} from "./sim/mod.ts";
export { loadWorkload } from "./load_workload.ts";
export { decodeSchedule, encodeSchedule, ScheduleError } from "./schedule_file.ts";
export { RunFolder, type TestDescription } from "./run_folder.ts";
