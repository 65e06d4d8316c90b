import { assertEquals } from "std/testing";
import { exploreSeed } from "../../lib/workbench/explore/explore_seed.ts";
import { simEngineFactory } from "../../lib/workbench/explore/sim_engine_factory.ts";
import { findWorkload, nodeIds, type Workload, WORKLOADS } from "../../lib/workload/mod.ts";
import { PROJECT_NODES, type ProjectNode } from "../support/project_nodes.ts";

/** The number of seeds of `deno task explore` that each strategy runs with. */
const SEEDS = 25;

function requestOf({ workload, file, args, faults, restarts, options, onlyNodes }: ProjectNode) {
  const { consistencyModels } = options;
  return {
    args,
    faults: [...faults, ...restarts],
    agreement: true,
    bin: file,
    workload: findWorkload(workload) as Workload,
    fixedOptions: {
      ...(consistencyModels === undefined ? {} : { consistencyModels }),
      ...(onlyNodes === undefined ? {} : { nodes: nodeIds(onlyNodes) }),
    },
  };
}

for (const node of PROJECT_NODES) {
  const { workload, args, faults, restarts, program } = node;
  const name = [workload, ...args].join(" ");
  Deno.test(`${name} is valid under ${[...faults, ...restarts].join(", ")}`, async () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const { failure } = await exploreSeed(requestOf(node), seed, simEngineFactory(program));
      assertEquals(failure, [], `deno task explore ${workload} --from ${seed} --seeds 1`);
    }
  });
}

Deno.test("every workload has a node in nodes/", () => {
  const solved = new Set(PROJECT_NODES.map(({ workload }) => workload));
  assertEquals(WORKLOADS.filter(({ name }) => !solved.has(name)).map(({ name }) => name), []);
});
