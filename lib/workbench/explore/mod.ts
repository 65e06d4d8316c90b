/**
 * Explores what a node does under many seeds: cases drawn, run, judged, and shrunk when they fail.
 *
 * @module
 */

export { announcedFeatures } from "./announced_features.ts";
export { caseSize, describeSize } from "./case_size.ts";
export { expectedFeatures, type FeatureCounts, nodeFeature } from "./coverage.ts";
export { Exploration, type FeatureCoverage, type FoundFailure } from "./exploration.ts";
export { exploreSeed, type SeedReport } from "./explore_seed.ts";
export { type Failure, failureOf, sameFailure } from "./failure.ts";
export { type CaseObserver, type CaseOutcome, type EngineFactory, runCase } from "./run_case.ts";
export { DEFAULT_MOST_RUNS, shrink, type Shrunk, type Trial } from "./shrink.ts";
export { simulated } from "./simulated.ts";
export { drawCase, DRAWN, type Pinned, type SwarmRequest } from "./swarm.ts";
export {
  CaseError,
  type CaseFile,
  decodeCase,
  encodeCase,
  type TestCase,
  withSchedule,
} from "./test_case.ts";
export { traceObserver } from "./trace.ts";
export type { ExploreSetup, ShrunkCase } from "./worker_messages.ts";
export { NEVER_ENDED, WorkerPool } from "./worker_pool.ts";
