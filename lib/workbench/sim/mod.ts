/**
 * The simulation engine, and what tests of nodes use with it.
 *
 * @module
 */

export {
  checkDeterminism,
  compareTranscripts,
  type DeterminismResult,
  type Difference,
  type Transcript,
  transcriptOf,
} from "./determinism_check.ts";
export { DeadlockError, LivelockError } from "./drive.ts";
export { describeRun, expectValid, UnexpectedVerdictError } from "./failure_report.ts";
export { isWasm, loadAnyProgram, loadProgram, type ProgramFile } from "./load_program.ts";
export type { GuestProgram } from "./guest_program.ts";
export { SimEngine, type SimOptions } from "./sim_engine.ts";
export {
  type NodeLookup,
  simulate,
  type SimulationControls,
  type SimulationOptions,
} from "./simulate.ts";
export { type LogLine, type SimulatedNode, SimulationResult } from "./simulation_result.ts";
export { VirtualClock } from "./virtual_clock.ts";
export { StateLog } from "./state_log.ts";
