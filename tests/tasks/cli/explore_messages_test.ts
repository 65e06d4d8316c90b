import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import { loadEngineFactory } from "../../../lib/workbench/explore/mod.ts";
import { StartError } from "../../../lib/workbench/mod.ts";
import { readExploreCommandLine } from "../../../tasks/cli/explore_flags.ts";
import { describeReplay } from "../../../tasks/cli/explore_report.ts";
import { readCase } from "../../../tasks/cli/replay_command.ts";

Deno.test("explore prints --allow-outside when replay would refuse the node or the workload", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const outside = `${folder}/node.ts`;
    Deno.writeTextFileSync(outside, "");
    const replay = (bin: string, workload: string, glue?: string) =>
      describeReplay("store/x", { bin, workload, args: [], faults: [], fixedOptions: {} }, glue);
    const inside = "deno task replay store/x/case.json";
    assertEquals(replay("nodes/echo.ts", "echo"), inside);
    assertEquals(replay(outside, "echo"), `${inside} --allow-outside`);
    assertEquals(replay("nodes/echo.ts", outside), `${inside} --allow-outside`);
    assertEquals(replay("nodes/echo.ts", "echo", "go.js"), `${inside} --wasm-exec go.js`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("explore rejects a program of another language and names what repeats a test of it", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const bin = `${folder}/node.py`;
    Deno.writeTextFileSync(bin, "print()");
    const { message } = await assertRejects(() => loadEngineFactory({ path: bin }), StartError);
    assertStringIncludes(message, "explore and replay simulate TypeScript nodes");
    assertStringIncludes(message, "`deno task maelstrom test … --test-count 20` repeats a test");
    assertEquals(message.includes("--engine"), false, message);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("explore takes what is claimed of the nodes, if the workload allows it", () => {
  const setup = (...args: string[]) => readExploreCommandLine(args)?.setup;
  const claiming = setup("g-counter", "--claims", "monotonic-reads", "--convergence", "1.5");
  assertEquals([claiming?.monotonicReads, claiming?.convergenceMs], [true, 1500]);
  const usual = setup("g-counter");
  assertEquals([usual?.monotonicReads, usual?.convergenceMs], [undefined, undefined]);
  assertEquals(setup("kafka", "--nemesis", "loss,restart-any")?.faults, ["loss", "restart-any"]);
  assertEquals(setup("kafka", "--nemesis", "all")?.faults.includes("restart-any"), false);
  assertThrows(
    () => setup("pn-counter", "--claims", "monotonic-reads"),
    UsageError,
    "--claims monotonic-reads needs a state that only grows, not that of pn-counter",
  );
  assertThrows(
    () => setup("lin-kv", "--nemesis", "restart-any"),
    UsageError,
    "--nemesis restart-any needs a workload that may lose writes, not lin-kv",
  );
});

Deno.test("explore suggests --node-count for --nodes", () => {
  assertThrows(
    () => readExploreCommandLine(["echo", "--nodes", "3"]),
    UsageError,
    'unknown flag "--nodes"; did you mean --node-count?',
  );
});

Deno.test("replay rejects a folder without a case and names where explore stores cases", () => {
  const folder = Deno.makeTempDirSync();
  try {
    assertThrows(
      () => readCase(`${folder}/`),
      UsageError,
      `the folder ${folder}/ has no case.json; explore stores each failing case in a folder of ` +
        "its own: store/explore/WORKLOAD/TIME/case.json",
    );
    Deno.writeTextFileSync(`${folder}/case.json`, "{}");
    assertThrows(
      () => readCase(`${folder}/`),
      UsageError,
      `${folder}/case.json is not a case file: "format" must be`,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
