/**
 * A worker of an exploration: a thread that runs seeds, one after another, and shrinks what fails.
 *
 * @module
 */

import { findWorkload } from "../../workload/mod.ts";
import { loadProgram } from "../sim/mod.ts";
import { describeSize } from "./case_size.ts";
import { exploreSeed } from "./explore_seed.ts";
import type { Failure } from "./failure.ts";
import { type EngineFactory, runCase } from "./run_case.ts";
import { shrink } from "./shrink.ts";
import { simulated } from "./simulated.ts";
import { drawCase, type SwarmRequest } from "./swarm.ts";
import type { ExploreSetup, ShrunkCase, WorkerAnswer, WorkerRequest } from "./worker_messages.ts";

/** What a worker works on. */
interface Task {
  readonly request: SwarmRequest;
  readonly createEngine: EngineFactory;
}

/** The part of a worker's global scope that is used; the library has no type for it here. */
interface WorkerScope {
  postMessage(answer: WorkerAnswer): void;
  onmessage: ((event: { readonly data: WorkerRequest }) => void) | null;
}

async function prepare({ workload, bin, args, faults, pinned }: ExploreSetup): Promise<Task> {
  const found = findWorkload(workload);
  if (found === undefined) throw new RangeError(`there is no workload '${workload}'`);
  return {
    request: { workload: found, bin, args, faults, pinned },
    createEngine: simulated(await loadProgram(bin)),
  };
}

/** Shrinks the case of a seed; `onSmaller` is told of each step. */
async function shrinkSeed(
  { request, createEngine }: Task,
  seed: number,
  failure: Failure,
  mostRuns: number,
  onSmaller: (size: string, runs: number) => void,
): Promise<ShrunkCase> {
  const found = { case: drawCase(request, String(seed)), failure };
  const { runs, ...shrunk } = await shrink(
    found,
    async (testCase) => (await runCase(testCase, createEngine)).failure,
    { mostRuns, onStep: (testCase, runs) => onSmaller(describeSize(testCase), runs) },
  );
  return { found, shrunk, runs };
}

function serveRequests(scope: WorkerScope): void {
  let task: Task | undefined;
  async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
    if (request.kind === "setup") {
      task = await prepare(request.setup);
      return { kind: "ready" };
    }
    if (task === undefined) throw new Error("a worker must be set up first");
    if (request.kind === "explore") {
      const report = await exploreSeed(task.request, request.seed, task.createEngine);
      return { kind: "explored", report };
    }
    const { seed, failure, mostRuns } = request;
    const onSmaller = (size: string, runs: number) =>
      scope.postMessage({ kind: "smaller", size, runs });
    const result = await shrinkSeed(task, seed, failure, mostRuns, onSmaller);
    return { kind: "shrunk", result };
  }
  scope.onmessage = ({ data }) => {
    answer(data).catch((error: unknown): WorkerAnswer => ({
      kind: "failed",
      name: error instanceof Error ? error.name : "Error",
      message: error instanceof Error ? error.message : String(error),
    })).then((outcome) => scope.postMessage(outcome));
  };
}

serveRequests(globalThis as typeof globalThis & WorkerScope);
