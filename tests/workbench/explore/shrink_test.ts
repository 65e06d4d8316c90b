import { assert, assertEquals } from "std/testing";
import { encodeHistoryJsonl } from "../../../lib/history/mod.ts";
import { caseSize } from "../../../lib/workbench/explore/case_size.ts";
import { exploreSeed } from "../../../lib/workbench/explore/explore_seed.ts";
import { sameFailure } from "../../../lib/workbench/explore/failure.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../../lib/workbench/explore/shrink.ts";
import { generateCase } from "../../../lib/workbench/explore/swarm.ts";
import { decodeCase, encodeCase, type TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { CORRECT, type Explored, PLANTED } from "./planted.ts";

async function firstFailure({ config, createEngine }: Explored, seeds: number) {
  for (let seed = 0; seed < seeds; seed++) {
    const { failure } = await exploreSeed(config, seed, createEngine);
    if (failure.length > 0) return { failure, case: generateCase(config, String(seed)) };
  }
  return undefined;
}

async function traceOf({ createEngine }: Explored, testCase: TestCase) {
  const events: string[] = [];
  const outcome = await runCase(testCase, createEngine, {
    journal: (event) => events.push(JSON.stringify(event)),
    log: (node, line) => events.push(`${node} ${line}`),
  });
  return { outcome, text: events.join("\n") + encodeHistoryJsonl(outcome.record.history) };
}

for (const planted of PLANTED) {
  const { name, withinSeeds, createEngine } = planted;
  Deno.test(`${name} is found within ${withinSeeds} seeds, shrunk and replayed byte for byte`, async () => {
    const found = await firstFailure(planted, withinSeeds);
    assert(found !== undefined, "no seed failed");
    assert(found.failure.includes(planted.failure), found.failure.join());
    const test = async (testCase: TestCase) => (await runCase(testCase, createEngine)).failure;
    const shrunk = await shrink(found, test, { maxRuns: 150 });
    assert(caseSize(shrunk.case) < caseSize(found.case), "the shrunk case is smaller");
    assert(shrunk.runs <= 150);
    assert(sameFailure(shrunk.failure, found.failure), shrunk.failure.join());
    const first = await traceOf(planted, shrunk.case);
    const again = await traceOf(planted, decodeCase(encodeCase(shrunk)).case);
    assertEquals(first.outcome.failure, shrunk.failure);
    assertEquals(again.text, first.text, "the decoded case replays the same run");
  });
}

Deno.test("a correct node fails under no seed", async () => {
  assertEquals(await firstFailure(CORRECT, 20), undefined);
});

Deno.test("shrink is deterministic", async () => {
  const planted = PLANTED[0] as (typeof PLANTED)[number];
  const found = await firstFailure(planted, planted.withinSeeds);
  assert(found !== undefined);
  const test = async (testCase: TestCase) =>
    (await runCase(testCase, planted.createEngine)).failure;
  const once = await shrink(found, test, { maxRuns: 40 });
  const twice = await shrink(found, test, { maxRuns: 40 });
  assertEquals(twice, once);
});

Deno.test("shrink stops after maxRuns with the smallest case so far", async () => {
  const planted = PLANTED[0] as (typeof PLANTED)[number];
  const found = { case: generateCase(planted.config, "3"), failure: ["always: fails"] };
  const steps: number[] = [];
  const shrunk = await shrink(found, () => Promise.resolve(["always: fails"]), {
    maxRuns: 5,
    onStep: (testCase) => steps.push(caseSize(testCase)),
  });
  assertEquals(shrunk.runs, 5);
  assertEquals(
    steps,
    steps.toSorted((a, b) => b - a),
    "each step is smaller than the previous one",
  );
  assertEquals(caseSize(shrunk.case), steps.at(-1));
});

Deno.test("shrink reaches the minimum when every candidate fails, and keeps the case when none does", async () => {
  const { config } = PLANTED[2] as (typeof PLANTED)[number];
  const found = { case: generateCase(config, "16"), failure: ["always: fails"] };
  const smallest = await shrink(found, () => Promise.resolve(["always: fails"]));
  assertEquals(smallest.case.schedule, []);
  assertEquals(smallest.case.options.nodes, ["n0"]);
  assertEquals(smallest.case.mostOperations, 0);
  assertEquals(smallest.case.options.ratePerSecond, 1);
  const unchanged = await shrink(found, () => Promise.resolve([]));
  assertEquals(unchanged.case, found.case);
  assertEquals(unchanged.failure, found.failure);
});
