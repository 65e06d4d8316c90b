import { assert, assertEquals } from "std/testing";
import { encodeHistoryJsonl } from "../../../lib/history/mod.ts";
import { caseSize } from "../../../lib/workbench/explore/case_size.ts";
import { exploreSeed } from "../../../lib/workbench/explore/explore_seed.ts";
import { sameFailure } from "../../../lib/workbench/explore/failure.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../../lib/workbench/explore/shrink.ts";
import { drawCase } from "../../../lib/workbench/explore/swarm.ts";
import { decodeCase, encodeCase, type TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { CORRECT, type Explored, PLANTED } from "./planted.ts";

async function firstFailure({ request, createEngine }: Explored, seeds: number) {
  for (let seed = 0; seed < seeds; seed++) {
    const { failure } = await exploreSeed(request, seed, createEngine);
    if (failure.length > 0) return { failure, case: drawCase(request, String(seed)) };
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
  Deno.test(`${name} is found within ${withinSeeds} seeds, shrunk, and replayed exactly`, async () => {
    const found = await firstFailure(planted, withinSeeds);
    assert(found !== undefined, "no seed failed");
    assert(found.failure.includes(planted.failure), found.failure.join());
    const trial = async (testCase: TestCase) => (await runCase(testCase, createEngine)).failure;
    const shrunk = await shrink(found, trial, { mostRuns: 150 });
    assert(caseSize(shrunk.case) < caseSize(found.case), "it is smaller");
    assert(shrunk.runs <= 150);
    assert(sameFailure(shrunk.failure, found.failure), shrunk.failure.join());
    const first = await traceOf(planted, shrunk.case);
    const again = await traceOf(planted, decodeCase(encodeCase(shrunk)).case);
    assertEquals(first.outcome.failure, shrunk.failure);
    assertEquals(again.text, first.text, "its text replays the same run, byte for byte");
  });
}

Deno.test("a node without a fault fails under no seed", async () => {
  assertEquals(await firstFailure(CORRECT, 20), undefined);
});

Deno.test("a case shrinks in the same way every time", async () => {
  const planted = PLANTED[0] as (typeof PLANTED)[number];
  const found = await firstFailure(planted, planted.withinSeeds);
  assert(found !== undefined);
  const trial = async (testCase: TestCase) =>
    (await runCase(testCase, planted.createEngine)).failure;
  const once = await shrink(found, trial, { mostRuns: 40 });
  const twice = await shrink(found, trial, { mostRuns: 40 });
  assertEquals(twice, once);
});

Deno.test("shrinking ends when its runs are used up, with the best case so far", async () => {
  const planted = PLANTED[0] as (typeof PLANTED)[number];
  const found = { case: drawCase(planted.request, "3"), failure: ["always: fails"] };
  const steps: number[] = [];
  const shrunk = await shrink(found, () => Promise.resolve(["always: fails"]), {
    mostRuns: 5,
    onStep: (testCase) => steps.push(caseSize(testCase)),
  });
  assertEquals(shrunk.runs, 5);
  assertEquals(steps, steps.toSorted((a, b) => b - a), "each step is smaller");
  assertEquals(caseSize(shrunk.case), steps.at(-1));
});

Deno.test("what always fails shrinks to almost nothing, and what never fails again stays", async () => {
  const { request } = PLANTED[2] as (typeof PLANTED)[number];
  const found = { case: drawCase(request, "16"), failure: ["always: fails"] };
  const smallest = await shrink(found, () => Promise.resolve(["always: fails"]));
  assertEquals(smallest.case.schedule, []);
  assertEquals(smallest.case.options.nodes, ["n0"]);
  assertEquals(smallest.case.mostOperations, 0);
  assertEquals(smallest.case.options.rate, 1);
  const stays = await shrink(found, () => Promise.resolve([]));
  assertEquals(stays.case, found.case);
  assertEquals(stays.failure, found.failure);
});
