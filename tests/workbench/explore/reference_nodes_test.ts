import { assert } from "std/testing";
import { caseSize } from "../../../lib/workbench/explore/case_size.ts";
import { exploreSeed } from "../../../lib/workbench/explore/explore_seed.ts";
import { sameFailure } from "../../../lib/workbench/explore/failure.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../../lib/workbench/explore/shrink.ts";
import { simEngineFactory } from "../../../lib/workbench/explore/sim_engine_factory.ts";
import { generateCase, type SwarmConfig } from "../../../lib/workbench/explore/swarm.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { REFERENCE_NODES, type ReferenceNode } from "../../support/reference_nodes.ts";

/** The number of seeds within which every planted fault must be found. */
const MAX_SEEDS = 15;
const MAX_SHRINK_RUNS = 15;

function configOf({ workload, file, fault, options }: ReferenceNode): SwarmConfig {
  const { consistencyModels } = options;
  return {
    workload: findWorkload(workload) as Workload,
    bin: file,
    args: ["--fault", fault],
    faults: [],
    fixedOptions: consistencyModels === undefined ? {} : { consistencyModels },
  };
}

/** Returns the entry of a failure for an anomaly. */
function failureEntry(anomaly: string): string {
  return `workload: ${anomaly === "nonlinearizable" ? "not linearizable" : anomaly}`;
}

for (const node of REFERENCE_NODES) {
  const { workload, fault, anomaly, program } = node;
  const config = configOf(node);
  const createEngine = simEngineFactory(program);
  if (anomaly === undefined) {
    Deno.test(`the correct reference node of ${workload} fails under no seed`, async () => {
      for (let seed = 0; seed < MAX_SEEDS; seed++) {
        const { failure } = await exploreSeed(config, seed, createEngine);
        assert(failure.length === 0, `seed ${seed}: ${failure.join(", ")}`);
      }
    });
    continue;
  }
  Deno.test(`${workload} with the planted fault ${fault} is found and shrunk`, async () => {
    const test = async (testCase: TestCase) => (await runCase(testCase, createEngine)).failure;
    for (let seed = 0; seed < MAX_SEEDS; seed++) {
      const { failure } = await exploreSeed(config, seed, createEngine);
      if (!failure.includes(failureEntry(anomaly))) continue;
      const found = { case: generateCase(config, String(seed)), failure };
      const shrunk = await shrink(found, test, { maxRuns: MAX_SHRINK_RUNS });
      assert(caseSize(shrunk.case) < caseSize(found.case), "the shrunk case is smaller");
      assert(sameFailure(await test(shrunk.case), failure), "the shrunk case has the same failure");
      return;
    }
    throw new Error(`no seed below ${MAX_SEEDS} shows ${anomaly}`);
  });
}
