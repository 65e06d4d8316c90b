import { assertEquals, assertRejects } from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import { exploreSeed } from "../../../lib/workbench/explore/explore_seed.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { generateCase } from "../../../lib/workbench/explore/swarm.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { CORRECT, PLANTED } from "./planted.ts";

Deno.test("the report of a seed is that of its case's run", async () => {
  for (const { config, createEngine } of PLANTED.slice(0, 2)) {
    for (const seed of [0, 3]) {
      const testCase = generateCase(config, String(seed));
      const journal: string[] = [];
      const { valid, failure, signature, coverage, elapsedMs, record, messages } = await runCase(
        testCase,
        createEngine,
        { journal: ({ type }) => journal.push(type) },
      );
      const invoked = record.history.filter(({ type, process }) =>
        type === "invoke" && process !== "nemesis"
      );
      assertEquals(messages, journal.filter((type) => type === "send").length);
      assertEquals(await exploreSeed(config, seed, createEngine), {
        ...{ seed, valid, failure, signature, coverage, elapsedMs, messages },
        faults: testCase.options.nemesis,
        operations: invoked.length,
      });
    }
  }
});

Deno.test("an unknown workload, and a problem that is not a node's, are errors", async () => {
  const { config, createEngine } = CORRECT;
  const testCase = generateCase(config, "1");
  const unknown: TestCase = { ...testCase, options: { ...testCase.options, workload: "x" } };
  await assertRejects(() => runCase(unknown, createEngine), RangeError, 'unknown workload "x"');
  const failing = (created: TestCase) =>
    Object.assign(createEngine(created), {
      run: () => Promise.reject(new StartError("planted")),
    });
  await assertRejects(() => runCase(testCase, failing), StartError, "planted");
});
