import { assert, assertEquals, assertMatch } from "std/testing";
import durableBroadcast from "../../examples/durable_broadcast.ts";
import { exploreSeed } from "../../lib/workbench/explore/explore_seed.ts";
import { simEngineFactory } from "../../lib/workbench/explore/sim_engine_factory.ts";
import type { SwarmConfig } from "../../lib/workbench/explore/swarm.ts";
import { findWorkload, type Workload } from "../../lib/workload/mod.ts";

const createEngine = simEngineFactory(durableBroadcast);

function configOf(fault: string, faults: SwarmConfig["faults"]): SwarmConfig {
  return {
    workload: findWorkload("broadcast") as Workload,
    bin: "examples/durable_broadcast.ts",
    args: ["--fault", fault],
    faults,
    fixedOptions: { timeLimitSeconds: 5 },
  };
}

for (const fault of ["early-reply", "no-recovery"]) {
  Deno.test(`durable broadcast with the fault ${fault} loses values within 60 seeds`, async () => {
    const config = configOf(fault, ["kill", "disk"]);
    for (let seed = 0; seed < 60; seed++) {
      const { failure } = await exploreSeed(config, seed, createEngine);
      if (failure.length === 0) continue;
      assertMatch(failure.join(), /workload: lost/);
      return;
    }
    throw new Error("no seed below 60 finds it");
  });
}

Deno.test("durable broadcast loses nothing to kills, losses of power and partitions", async () => {
  const config = configOf("none", ["kill", "disk", "partition", "one-way", "pause", "loss"]);
  let lost = 0;
  for (let seed = 0; seed < 60; seed++) {
    const { failure, coverage } = await exploreSeed(config, seed, createEngine);
    assertEquals(failure, [], `seed ${seed}`);
    lost += coverage["disk: records that were not synced were lost"] ?? 0;
  }
  assert(lost > 0, "records were lost");
});
