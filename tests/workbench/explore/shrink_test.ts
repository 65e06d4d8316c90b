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
  assert(smallest.case.finalWorkers?.length !== 0, "without final reads all would be lost");
  const unchanged = await shrink(found, () => Promise.resolve([]));
  assertEquals(unchanged.case, found.case);
  assertEquals(unchanged.failure, found.failure);
});

Deno.test("a broadcast without retransmission shrinks to one broadcast, one read and one lost message", async () => {
  const planted = PLANTED[0] as (typeof PLANTED)[number];
  const found = await firstFailure(planted, planted.withinSeeds);
  assert(found !== undefined);
  const run = (testCase: TestCase) => runCase(testCase, planted.createEngine);
  const shrunk = await shrink(found, async (testCase) => (await run(testCase)).failure);
  assertEquals(shrunk.case.schedule.map(({ f }) => f), ["start-loss"]);
  assertEquals((shrunk.case.schedule[0]?.plan as { messages: number[] }).messages.length, 1);
  const { history } = (await run(decodeCase(encodeCase(shrunk)).case)).record;
  const invoked = history.filter(({ type }) => type === "invoke").map(({ f }) => f);
  assertEquals(invoked, ["broadcast", "read"]);
});

Deno.test("a case makes only the operations that it lists, and final ones of listed workers", async () => {
  const { config, createEngine } = CORRECT;
  const whole = { ...generateCase(config, "1"), schedule: [] };
  const made = async (testCase: TestCase) =>
    (await runCase(testCase, createEngine)).record.history.filter(({ type }) => type === "invoke");
  const all = await made(whole);
  const some = await made({ ...whole, operations: [1, 3], finalWorkers: [1] });
  const main = some.filter(({ final }) => final !== true);
  assertEquals(main.length, 2);
  assertEquals(
    main.map(({ f, value }) => [f, value]),
    [1, 3].map((number) => {
      const { f, value } = all[number]!;
      return [f, value];
    }),
  );
  const final = some.filter(({ final }) => final === true);
  assertEquals(new Set(final.map(({ process }) => process)), new Set([1]));
});
