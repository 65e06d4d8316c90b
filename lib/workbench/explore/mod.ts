/**
 * Explores a node's behaviour over many seeds: generates test cases, runs and checks them, and
 * shrinks those that fail.
 *
 * An exploration runs one case per seed. A case is a deterministic test as data, a run executes a
 * case once, and an outcome is the checked result of a run.
 *
 * @module
 */

export { announcedCoveragePoints } from "./announced_coverage_points.ts";
export { caseSize, describeSize } from "./case_size.ts";
export { type CoverageCounts, expectedCoveragePoints, nodeCoveragePoint } from "./coverage.ts";
export { Exploration, type FoundFailure, type PointCoverage } from "./exploration.ts";
export { exploreSeed, failedCase, type SeedReport } from "./explore_seed.ts";
export { type Failure, failureOf, sameFailure } from "./failure.ts";
export { type EngineFactory, runCase, type RunObserver, type RunOutcome } from "./run_case.ts";
export { RESTART_ANY, RESTART_NAMES } from "./restarts.ts";
export { DEFAULT_MAX_RUNS, shrink, type Shrunk, type TestFunction } from "./shrink.ts";
export { loadEngineFactory, loadFeatures, simEngineFactory } from "./sim_engine_factory.ts";
export {
  ALLOWED_FAULT_NAMES,
  EXPLORED_FAULT_NAMES,
  type FixedOptions,
  generateCase,
  GENERATED_VALUES,
  type SwarmConfig,
} from "./swarm.ts";
export {
  CaseError,
  type CaseFile,
  decodeCase,
  encodeCase,
  type TestCase,
  withSchedule,
} from "./test_case.ts";
export type { ExploreSetup, ShrunkCase } from "./thread_messages.ts";
export { OUT_OF_MEMORY, SEED_TIMED_OUT, ThreadPool } from "./thread_pool.ts";
export { traceObserver } from "./trace.ts";
