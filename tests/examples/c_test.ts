import { assertEquals } from "std/testing";
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
