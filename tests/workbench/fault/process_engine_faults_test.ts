import { assert, assertEquals } from "std/testing";
import { checkUniqueIds } from "../../../lib/check/mod.ts";
import { pairOperations } from "../../../lib/history/mod.ts";
import { ProcessEngine, runTest } from "../../../lib/workbench/mod.ts";
import type { NemesisEvent } from "../../../lib/workbench/fault/mod.ts";
import { DEFAULT_OPTIONS, findWorkload, type Workload } from "../../../lib/workload/mod.ts";

/** Runs an id generator that counts from zero as two processes for 1.5 s. */
async function runIdsUnder(
  schedule: readonly NemesisEvent[],
  load: { readonly ratePerSecond: number; readonly concurrency: number },
) {
  const engine = new ProcessEngine("tests/support/explore_nodes/volatile_ids.ts");
  const log: string[] = [];
  const record = await runTest({
    engine,
    schedule,
    workload: findWorkload("unique-ids") as Workload,
    options: {
      ...DEFAULT_OPTIONS,
      workload: "unique-ids",
      nodes: ["n0", "n1"],
      timeLimitSeconds: 1.5,
      ...load,
    },
    journal: () => {},
    log: (node, line) => log.push(`${node} ${line}`),
    signal: new AbortController().signal,
  });
  assertEquals(engine.processIds, [], "no process is left");
  assertEquals(record.problems, []);
  return record;
}

Deno.test("a killed process restarts without its memory", async () => {
  const record = await runIdsUnder([
    { at: 600, f: "start-kill", value: "one", plan: { nodes: ["n1"] } },
    { at: 600, f: "stop-kill", value: null, plan: null },
  ], { ratePerSecond: 30, concurrency: 12 });
  assertEquals(record.crashes, [], "a kill is not a crash");
  const { duplicated } = checkUniqueIds(record.history);
  assert(duplicated instanceof Map);
  const owners = new Set([...duplicated.keys()].map((id) => String(id).split("-")[0]));
  assertEquals([...owners], ["n1"], "n1 counts from zero again, n0 continues");
});

Deno.test("a paused process replies after it resumes and keeps its memory", async () => {
  const record = await runIdsUnder([
    { at: 300, f: "start-pause", value: "all", plan: { nodes: ["n0", "n1"] } },
    { at: 900, f: "stop-pause", value: null, plan: null },
  ], { ratePerSecond: 100, concurrency: 4 });
  assertEquals(checkUniqueIds(record.history)["valid?"], true);
  const waits = pairOperations(record.history)
    .map(({ invocation, completion }) => ((completion?.time ?? 0) - invocation.time) / 1e6);
  assert(waits.some((wait) => wait > 300), "requests during the pause waited");
  assert(record.history.some(({ f }) => f === "stop-pause"));
});
