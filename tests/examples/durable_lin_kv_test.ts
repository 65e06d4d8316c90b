import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import durableLinKv from "../../examples/durable_lin_kv.ts";
import { TORN_RECORD_CUT } from "../../lib/node/storage/mod.ts";
import { checkDeterminism, simulate, workloads } from "../../lib/testing/mod.ts";
import { exploreSeed } from "../../lib/workbench/explore/explore_seed.ts";
import type { Failure } from "../../lib/workbench/explore/failure.ts";
import { runCase } from "../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../lib/workbench/explore/shrink.ts";
import { loadFeatures, simEngineFactory } from "../../lib/workbench/explore/sim_engine_factory.ts";
import { generateCase, type SwarmConfig } from "../../lib/workbench/explore/swarm.ts";
import type { TestCase } from "../../lib/workbench/explore/test_case.ts";
import { findWorkload, type Workload } from "../../lib/workload/mod.ts";
import { runProcessTest } from "../support/run_process_test.ts";

const BIN = "examples/durable_lin_kv.ts";
const createEngine = simEngineFactory(durableLinKv);
const failureOf = async (testCase: TestCase): Promise<Failure> =>
  (await runCase(testCase, createEngine)).failure;

/** One node with many writes, and losses of power. */
function configOf(fault: string): SwarmConfig {
  return {
    workload: findWorkload("lin-kv") as Workload,
    bin: BIN,
    args: ["--fault", fault],
    faults: ["kill", "disk"],
    fixedOptions: { nodes: ["n0"], ratePerSecond: 100, timeLimitSeconds: 3, keyCount: 2 },
  };
}

/** The numbers of seeds within which each fault is found, and the fault events that it needs. */
const FAULTS = {
  "early-reply": { seeds: 10, needs: "start-disk" },
  "no-recovery": { seeds: 10, needs: "start-kill" },
  "empty-snapshot": { seeds: 60, needs: "start-kill" },
};

for (const [fault, { seeds, needs }] of Object.entries(FAULTS)) {
  Deno.test(`${fault} is found within ${seeds} seeds, and needs one ${needs}`, async () => {
    const config = configOf(fault);
    for (let seed = 0; seed < seeds; seed++) {
      const { failure } = await exploreSeed(config, seed, createEngine);
      if (failure.length === 0) continue;
      const found = { case: generateCase(config, String(seed)), failure };
      const shrunk = await shrink(found, failureOf, { maxRuns: 150 });
      assertEquals(shrunk.case.schedule.map(({ f }) => f), [needs]);
      assertMatch(shrunk.failure.join(), /^workload: not (linearizable|lost-key)$/);
      assertEquals(await failureOf(shrunk.case), shrunk.failure);
      return;
    }
    throw new Error(`no seed below ${seeds} finds it`);
  });
}

Deno.test("without a fault no seed fails, although records are lost, torn and cut", async () => {
  const config = { ...configOf("none"), faults: ["kill", "disk", "pause"] };
  const reached = new Map<string, number>();
  for (let seed = 0; seed < 120; seed++) {
    const { failure, coverage } = await exploreSeed(config, seed, createEngine);
    assertEquals(failure, [], `seed ${seed}`);
    for (const [point, times] of Object.entries(coverage)) {
      reached.set(point, (reached.get(point) ?? 0) + times);
    }
  }
  for (
    const point of [
      "disk: a record was torn",
      "disk: records that were not synced were lost",
      "disk: a machine was restarted",
      "kill: a process was killed with requests in flight",
      `nodes: ${TORN_RECORD_CUT}`,
    ]
  ) assert((reached.get(point) ?? 0) > 0, point);
});

Deno.test("the same seed gives the same run, with losses of power and slow disks", async () => {
  const { differences } = await checkDeterminism(durableLinKv, workloads.linKv, {
    nodes: 2,
    faults: ["kill", "disk", "partition"],
    timeLimitSeconds: 10,
    nemesisIntervalSeconds: 0.5,
    engine: { meanDiskLatencyMs: 20 },
    seed: 3,
  });
  assertEquals(differences, []);
});

Deno.test("a program declares that it persists", async () => {
  const setup = { workload: findWorkload("lin-kv") as Workload, fixedOptions: {} };
  const features = await loadFeatures({ path: BIN }, { ...setup, args: ["--fault", "none"] });
  assertEquals([features.persists, features.changesMembership], [true, false]);
  assertEquals(
    (await loadFeatures({ path: "nodes/echo.ts" }, { ...setup, args: [] })).persists,
    false,
  );
});

Deno.test("the disk of a node process survives kills", async () => {
  const kills = [0, 1, 2].flatMap((round) => [
    { at: 1500 * round + 900, f: "start-kill", value: "all", plan: { nodes: ["n0"] } },
    { at: 1500 * round + 1000, f: "stop-kill", value: null, plan: null },
  ]);
  const { results, logs } = await runProcessTest({
    bin: BIN,
    schedule: kills,
    options: { workload: "lin-kv", timeLimitSeconds: 6, ratePerSecond: 50, concurrency: 2 },
  });
  assertEquals(results["valid?"], true);
  const found = logs.filter((line) => line.includes("node.storage is storage/n0.log"));
  assertEquals(found.length, 4);
  assertStringIncludes(found[0] as string, ": 0 bytes found");
  assert(!found[3]?.includes(": 0 bytes found"), found[3]);
});

Deno.test("a node without a folder keeps its data in memory and logs that", async () => {
  for (
    const [permissions, reason] of [
      [
        ["--allow-read=storage", "--allow-write=storage"],
        "its working directory has no folder named storage",
      ],
      [[], "the node needs --allow-read=storage --allow-write=storage"],
    ] as const
  ) {
    const cwd = await Deno.makeTempDir();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", ...permissions, await Deno.realPath(BIN)],
      cwd,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    const init = { type: "init", node_id: "n1", node_ids: ["n1"], msg_id: 0 };
    const lines = [init, { type: "write", key: 1, value: 2, msg_id: 1 }]
      .map((body) => `${JSON.stringify({ src: "c1", dest: "n1", body })}\n`).join("");
    await writer.write(new TextEncoder().encode(lines));
    await writer.close();
    const { stdout, stderr } = await child.output();
    assertStringIncludes(new TextDecoder().decode(stderr), `in memory only, and is lost when the`);
    assertStringIncludes(new TextDecoder().decode(stderr), reason);
    assertStringIncludes(new TextDecoder().decode(stdout), '"type":"write_ok"');
    assertEquals([...Deno.readDirSync(cwd)], []);
    await Deno.remove(cwd);
  }
});

Deno.test("a register on one disk is linearizable while its power fails", async () => {
  const run = await simulate(durableLinKv, workloads.linKv, {
    nodes: 1,
    faults: ["kill", "disk"],
    timeLimitSeconds: 20,
    nemesisIntervalSeconds: 0.5,
    seed: 5,
  });
  run.expectValid();
});
