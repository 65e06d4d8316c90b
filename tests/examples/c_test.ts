import { assert, assertEquals } from "std/testing";
import { withFault } from "../../tasks/planted/run_planted.ts";
import {
  caseSize,
  exploreSeed,
  generateCase,
  loadEngineFactory,
  loadFeatures,
  runCase,
  shrink,
  type SwarmConfig,
} from "../../lib/workbench/explore/mod.ts";
import { findWorkload, type Workload } from "../../lib/workload/mod.ts";
import { checkDeterminism, loadAnyProgram, simulate } from "../../lib/workbench/sim/mod.ts";
import { workloads } from "../../lib/workload/mod.ts";
import { buildC, canBuildWasi } from "../support/build_c.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { assertBroadcastsUnderPartition } from "../support/run_example.ts";

const SOURCE = "examples/c/broadcast.c";

const ignore = !canBuildWasi();

/** Defines a test that needs clang with the libraries for WASI. */
function testWithClang(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: ignore ? `${name} (skipped: clang cannot build for WASI)` : name,
    ignore,
    fn: () => inTemporaryFolder(fn),
  });
}

testWithClang("the broadcast node in C loses no value under a partition", async (folder) => {
  await assertBroadcastsUnderPartition(await buildC(SOURCE, "native", folder));
});

testWithClang("the broadcast node in C is simulated, the same each time", async (folder) => {
  const program = await loadAnyProgram({ path: await buildC(SOURCE, "wasi", folder) });
  const options = {
    nodes: 5,
    timeLimitSeconds: 10,
    ratePerSecond: 20,
    faults: ["partition", "loss", "pause", "skew", "duplicate", "reorder"],
    nemesisIntervalSeconds: 1,
    seed: 4,
  };
  assertEquals((await checkDeterminism(program, workloads.broadcast, options)).differences, []);
  const { results } = await simulate(program, workloads.broadcast, options);
  assertEquals(results["valid?"], true);
});

const BROADCAST = findWorkload("broadcast") as Workload;
/** Values on disk, and losses of power. */
const ON_DISK: SwarmConfig = {
  bin: SOURCE,
  workload: BROADCAST,
  args: ["storage"],
  faults: ["kill", "disk"],
  fixedOptions: { nodes: ["n0", "n1"], timeLimitSeconds: 3, ratePerSecond: 30 },
  agreement: true,
};
const SEEDS = 20;

testWithClang(
  "the broadcast node in C survives losses of power with its folder",
  async (folder) => {
    const path = await buildC(SOURCE, "wasi", folder);
    const createEngine = await loadEngineFactory({ path });
    const reached = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const { failure, coverage } = await exploreSeed(ON_DISK, seed, createEngine);
      assertEquals(failure, [], `seed ${seed}`);
      for (const point of Object.keys(coverage)) reached.add(point);
    }
    for (const point of ["a record was torn", "records that were not synced were lost"]) {
      assert(reached.has(`disk: ${point}`), point);
    }
    const features = (args: readonly string[]) =>
      loadFeatures({ path }, { args, workload: BROADCAST, fixedOptions: {} });
    assertEquals((await features(["storage"])).persists, true);
    assertEquals((await features([])).persists, false);
  },
);

/** Edits of the program that lose values with the power. */
const SLIPS = {
  "acknowledges values before they are durable": ["fsync(fileno(log_file)) == 0", "1"],
  "does not make the name of its log durable": ["folder >= 0 && fsync(folder) == 0", "folder >= 0"],
  "keeps a torn line": ["ftruncate(fileno(log_file), complete) == 0", "complete >= 0"],
} as const;

for (const [name, [from, to]] of Object.entries(SLIPS)) {
  testWithClang(`explore finds that the broadcast node in C ${name}`, async (folder) => {
    const copy = `${folder}/broadcast.c`;
    const slip = { name, file: SOURCE, from, to, subject: "broadcast" };
    Deno.writeTextFileSync(copy, withFault(slip, Deno.readTextFileSync(SOURCE)));
    const broken = await loadEngineFactory({ path: await buildC(copy, "wasi", folder) });
    for (let seed = 0; seed < SEEDS; seed++) {
      const { failure } = await exploreSeed(ON_DISK, seed, broken);
      if (failure.length === 0) continue;
      const found = { case: generateCase(ON_DISK, String(seed)), failure };
      const runAgain = async (testCase: typeof found.case) =>
        (await runCase(testCase, broken)).failure;
      const shrunk = await shrink(found, runAgain, { maxRuns: 60 });
      assert(caseSize(shrunk.case) < caseSize(found.case), "not smaller");
      assertEquals(await runAgain(shrunk.case), shrunk.failure);
      assertEquals(shrunk.case.schedule.map(({ f }) => f).includes("start-disk"), true);
      return;
    }
    throw new Error(`no seed below ${SEEDS} finds it`);
  });
}
