import { assert, assertEquals } from "std/testing";
import { flag, type Node, withFlags } from "../../../lib/node/mod.ts";
import { prepareProgram } from "../../../lib/node/prepare_program.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { shrink } from "../../../lib/workbench/explore/shrink.ts";
import { simEngineFactory } from "../../../lib/workbench/explore/sim_engine_factory.ts";
import { generateCase, type SwarmConfig } from "../../../lib/workbench/explore/swarm.ts";
import { decodeCase, encodeCase, type TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";

const number = { placeholder: "N", help: "a number", default: 100 } as const;

/** An echo node that is wrong when one of its limits is small. */
const limited = withFlags({
  flags: { limit: flag.number(number), other: flag.number(number) },
  explores: ({ other }) => other === 7 ? {} : { limit: [1, 2], other: [3] },
}, (node: Node, { limit }) => {
  node.on("echo", ({ echo }) => ({ type: "echo_ok", echo: limit === 1 ? "wrong" : echo ?? null }));
});

const CONFIG: SwarmConfig = {
  workload: findWorkload("echo") as Workload,
  bin: "node.ts",
  args: [],
  faults: ["loss"],
  fixedOptions: {},
  exploredFlags: prepareProgram(limited, []).explores,
};

Deno.test("a program's flags are explored unless they are given", () => {
  assertEquals(prepareProgram(limited, []).explores, { limit: [1, 2], other: [3] });
  assertEquals(prepareProgram(limited, ["--limit", "1"]).explores, { other: [3] });
  assertEquals(prepareProgram(limited, ["--limit=1"]).explores, { other: [3] });
  assertEquals(prepareProgram(limited, ["--other", "7"]).explores, {});
  assertEquals(prepareProgram(() => {}, []).explores, {});
});

Deno.test("about half of the cases have a value of each explored flag, and nothing else changes", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 60; seed++) {
    const found = generateCase(CONFIG, String(seed));
    const { flags = {}, ...rest } = found;
    assertEquals(rest, generateCase({ ...CONFIG, exploredFlags: {} }, String(seed)));
    for (const [name, value] of Object.entries(flags)) {
      const key = `${name} ${value}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const file = { case: found, failure: [] };
    assertEquals(decodeCase(encodeCase(file)), file);
  }
  const limits = ["limit 1", "limit 2"].map((key) => counts.get(key) ?? 0);
  const other = counts.get("other 3") ?? 0;
  assert(Math.min(...limits) > 5 && other > 15 && other < 45, `${limits} ${other}`);
});

Deno.test("shrinking keeps the flags that a failure needs", async () => {
  const createEngine = simEngineFactory(limited);
  const test = async (testCase: TestCase) => (await runCase(testCase, createEngine)).failure;
  for (let seed = 0;; seed++) {
    const found = generateCase(CONFIG, String(seed));
    if (found.flags?.limit !== 1 || found.flags.other === undefined) continue;
    const failure = await test(found);
    assert(failure.length > 0, "the limit makes the node wrong");
    const shrunk = await shrink({ case: found, failure }, test, { maxRuns: 100 });
    assertEquals(shrunk.case.flags, { limit: 1 });
    return;
  }
});
