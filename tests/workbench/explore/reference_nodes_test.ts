import { assert } from "std/testing";
import { caseSize } from "../../../lib/workbench/explore/case_size.ts";
import { exploreSeed } from "../../../lib/workbench/explore/explore_seed.ts";
import { sameFailure } from "../../../lib/workbench/explore/failure.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../../lib/workbench/explore/shrink.ts";
import { simulated } from "../../../lib/workbench/explore/simulated.ts";
import { drawCase, type SwarmRequest } from "../../../lib/workbench/explore/swarm.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { REFERENCE_NODES, type ReferenceNode } from "../../support/nodes/mod.ts";

/** Every planted fault is found within so many seeds. */
const WITHIN_SEEDS = 15;
const SHRINKING_RUNS = 15;

function requestOf({ workload, file, fault, options }: ReferenceNode): SwarmRequest {
  const { consistencyModels } = options;
  return {
    workload: findWorkload(workload) as Workload,
    bin: file,
    args: ["--fault", fault],
    faults: [],
    pinned: consistencyModels === undefined ? {} : { consistencyModels },
  };
}

/** The anomaly in the words of the explorer. */
function wayOf(anomaly: string): string {
  return `workload: ${anomaly === "nonlinearizable" ? "not linearizable" : anomaly}`;
}

for (const node of REFERENCE_NODES) {
  const { workload, fault, anomaly, program } = node;
  const request = requestOf(node);
  const createEngine = simulated(program);
  if (anomaly === undefined) {
    Deno.test(`the reference node of ${workload} fails under no seed`, async () => {
      for (let seed = 0; seed < WITHIN_SEEDS; seed++) {
        const { failure } = await exploreSeed(request, seed, createEngine);
        assert(failure.length === 0, `seed ${seed}: ${failure.join(", ")}`);
      }
    });
    continue;
  }
  Deno.test(`${workload} with the fault ${fault} is found and shrinks`, async () => {
    const trial = async (testCase: TestCase) => (await runCase(testCase, createEngine)).failure;
    for (let seed = 0; seed < WITHIN_SEEDS; seed++) {
      const { failure } = await exploreSeed(request, seed, createEngine);
      if (!failure.includes(wayOf(anomaly))) continue;
      const found = { case: drawCase(request, String(seed)), failure };
      const shrunk = await shrink(found, trial, { mostRuns: SHRINKING_RUNS });
      assert(caseSize(shrunk.case) < caseSize(found.case), "it is smaller");
      assert(sameFailure(await trial(shrunk.case), failure), "it fails in the same way");
      return;
    }
    throw new Error(`no seed below ${WITHIN_SEEDS} shows ${anomaly}`);
  });
}
