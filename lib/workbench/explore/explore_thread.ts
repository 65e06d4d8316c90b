/**
 * The entry point of a thread of an exploration, which explores seeds and shrinks failing cases.
 *
 * @module
 */

import { type MessagePort, parentPort } from "node:worker_threads";
import { isModulePath } from "../import_module.ts";
import { findOrLoadWorkload } from "../load_workload.ts";
import { exploreSeed, failedCase } from "./explore_seed.ts";
import type { Failure } from "./failure.ts";
import { type EngineFactory, runCase, type RunObserver } from "./run_case.ts";
import { shrink } from "./shrink.ts";
import { loadEngineFactory } from "./sim_engine_factory.ts";
import type { SwarmConfig } from "./swarm.ts";
import type { TestCase } from "./test_case.ts";
import type { ExploreSetup, ShrunkCase, ThreadReply, ThreadRequest } from "./thread_messages.ts";

/** How many sent or received messages of a seed there are between two signs of progress. */
const EVENTS_PER_SIGN = 5000;

/** What the setup request defines for all later requests. */
interface ThreadContext {
  readonly config: SwarmConfig;
  readonly createEngine: EngineFactory;
}

async function setUp(setup: ExploreSetup): Promise<ThreadContext> {
  const { program, workload: name, ...config } = setup;
  const workload = await findOrLoadWorkload(name);
  const module = isModulePath(name) ? { workloadModule: name } : {};
  return {
    config: { ...config, ...module, workload },
    createEngine: await loadEngineFactory(program ?? { path: setup.bin }),
  };
}

/** Returns an observer that calls `onProgress` from time to time while messages are exchanged. */
function progressObserver(onProgress: () => void): RunObserver {
  let events = 0;
  return {
    journal() {
      if (++events % EVENTS_PER_SIGN === 0) onProgress();
    },
  };
}

/** Shrinks the case of a seed; calls `onProgress` with its case, and each smaller one that fails. */
async function shrinkSeed(
  { config, createEngine }: ThreadContext,
  seed: number,
  failure: Failure,
  maxRuns: number,
  onProgress: (smaller: ShrunkCase) => void,
): Promise<ShrunkCase> {
  const { workload } = config;
  const found = { case: await failedCase(config, { seed, failure }, createEngine), failure };
  const onStep = (testCase: TestCase, runs: number) =>
    onProgress({ found, shrunk: { case: testCase, failure }, runs });
  onStep(found.case, 0);
  const { runs, ...shrunk } = await shrink(
    found,
    async (testCase) => (await runCase(testCase, createEngine, {}, workload)).failure,
    { maxRuns, workload, onStep },
  );
  return { found, shrunk, runs };
}

function serveRequests(port: MessagePort): void {
  let context: ThreadContext | undefined;
  async function execute(request: ThreadRequest): Promise<ThreadReply> {
    if (request.kind === "setup") {
      context = await setUp(request.setup);
      return { kind: "ready" };
    }
    if (context === undefined) {
      throw new Error(`expected a setup request first, got "${request.kind}"`);
    }
    if (request.kind === "explore") {
      const { config, createEngine } = context;
      const observer = progressObserver(() => port.postMessage({ kind: "running" }));
      const report = await exploreSeed(config, request.seed, createEngine, observer);
      return { kind: "explored", report };
    }
    const { seed, failure, maxRuns } = request;
    const onProgress = (result: ShrunkCase) => port.postMessage({ kind: "shrinking", result });
    const result = await shrinkSeed(context, seed, failure, maxRuns, onProgress);
    return { kind: "shrunk", result };
  }
  port.on("message", (request: ThreadRequest) => {
    execute(request).catch((error: unknown): ThreadReply => ({
      kind: "failed",
      name: error instanceof Error ? error.name : "Error",
      message: error instanceof Error ? error.message : String(error),
    })).then((reply) => port.postMessage(reply));
  });
}

if (parentPort !== null) serveRequests(parentPort);
