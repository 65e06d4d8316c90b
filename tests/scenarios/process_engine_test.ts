import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "std/testing";
import type { Verdict } from "../../lib/check/mod.ts";
import { ProcessEngine, StartError } from "../../lib/workbench/mod.ts";
import { isRunning } from "../support/processes.ts";
import { type ProcessTest, runProcessTest } from "../support/run_process_test.ts";

const programs = "tests/support/programs";
const broken = `${programs}/broken_echo.ts`;

function part(results: Verdict, name: string): Verdict {
  return results[name] as Verdict;
}

Deno.test("correct echo node is valid", async () => {
  const { results, record } = await runProcessTest({ bin: "nodes/echo.ts" });
  assertEquals(results["valid?"], true);
  assert(record.history.length > 5, `only ${record.history.length} operations`);
  assertEquals(part(results, "availability")["ok-fraction"], 1);
});

Deno.test("unique-ids node generates unique ids without server messages, also during partitions", async () => {
  const { results, record } = await runProcessTest({
    bin: "nodes/unique_ids.ts",
    nodeCount: 3,
    options: {
      workload: "unique-ids",
      ratePerSecond: 300,
      availability: "total",
      nemesis: ["partition"],
      nemesisIntervalSeconds: 0.3,
    },
  });
  assertEquals(results["valid?"], true);
  const { servers } = part(results, "net") as unknown as { servers: Record<string, number> };
  assertEquals(servers["msgs-per-op"], 0);
  assert(
    record.history.some(({ f }) => f === "stop-partition"),
    "expected a healed partition in the history",
  );
});

/** Waits until an engine has a number of processes. Returns their ids. */
async function processIdsOf(engine: ProcessEngine, count: number): Promise<readonly number[]> {
  while (engine.processIds.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  return engine.processIds;
}

const otherLanguages = [
  { name: "Python", bin: `${programs}/echo.py`, needs: "python3" },
  {
    name: "Python with its own messages between nodes",
    bin: `${programs}/chatty.py`,
    needs: "python3",
  },
  { name: "Node.js", bin: `${programs}/echo.cjs`, needs: "node" },
];

const programsInPath = (Deno.env.get("PATH") ?? "").split(":");

for (const { name, bin, needs } of otherLanguages) {
  const present = programsInPath.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${needs}`).isFile;
    } catch {
      return false;
    }
  });
  Deno.test({
    name: `echo node in ${name} is valid`,
    ignore: !present,
    fn: async () => {
      const { results } = await runProcessTest({ bin, nodeCount: 2 });
      assertEquals(results["valid?"], true);
    },
  });
}

Deno.test("program with the extension .ts runs without execute permission", async () => {
  const { results } = await runProcessTest({
    bin: `${programs}/repeating_ids.ts`,
    options: { workload: "unique-ids" },
  });
  assertEquals(results["valid?"], true);
});

interface PlantedFault extends Omit<ProcessTest, "bin"> {
  readonly name: string;
  readonly bin?: string;
  readonly finds: (results: Verdict) => unknown;
}

const plantedFaults: readonly PlantedFault[] = [
  {
    name: "an altered payload",
    args: ["--fault", "alter"],
    finds: (results) => part(results, "workload")["valid?"] === false,
  },
  {
    name: "a node that never replies",
    args: ["--fault", "silent"],
    options: { timeLimitSeconds: 1 },
    finds: (results) => part(results, "stats")["valid?"] === false,
  },
  {
    name: "a node that exits during the test",
    args: ["--fault", "exit"],
    finds: (results) => part(results, "crash")["valid?"] === false,
  },
  {
    name: "a stack trace on stdout",
    args: ["--fault", "stack-trace"],
    finds: (results) => part(results, "nodes")["valid?"] === false,
  },
  {
    name: "a message to an unknown node",
    args: ["--fault", "unknown-node"],
    finds: (results) => part(results, "nodes")["valid?"] === false,
  },
  {
    name: "malformed replies",
    args: ["--fault", "wrong-shape"],
    finds: (results) => part(results, "exceptions").exceptions !== undefined,
  },
  {
    name: "repeated ids",
    bin: `${programs}/repeating_ids.ts`,
    nodeCount: 2,
    options: { workload: "unique-ids" },
    finds: (results) => part(results, "workload")["valid?"] === false,
  },
];

for (const { name, bin = broken, finds, ...test } of plantedFaults) {
  Deno.test(`process run finds ${name}`, async () => {
    const { results } = await runProcessTest({ bin, ...test });
    assertEquals(results["valid?"], false, JSON.stringify(results));
    assert(finds(results), JSON.stringify(results));
  });
}

Deno.test("duplicate reply counts once", async () => {
  const { results } = await runProcessTest({ bin: broken, args: ["--fault", "twice"] });
  assertEquals(results["valid?"], true);
  assertEquals(part(results, "availability")["ok-fraction"], 1);
});

Deno.test("crash is reported with its exit status", async () => {
  const { results, record } = await runProcessTest({ bin: broken, args: ["--fault", "exit"] });
  assertEquals(record.crashes.map(({ node, exit }) => [node, exit.code]), [["n0", 3]]);
  assertStringIncludes(JSON.stringify(part(results, "crash")), "exited with status 3");
});

Deno.test("node that rejects its arguments is reported with its stderr", async () => {
  const error = await assertRejects(
    () => runProcessTest({ bin: broken, args: ["--fault", "no-such"] }),
    StartError,
  );
  assertMatch(error.message, /Node n0 ended with exit status 2 before it replied to init/);
  assertStringIncludes(error.message, "--fault must be one of none, alter");
});

Deno.test("program that is missing, a folder or not executable is rejected", () => {
  const messages = ["no/such.ts", "nodes", "deno.json"].map((bin) => {
    try {
      new ProcessEngine(bin);
      return "accepted";
    } catch (error) {
      return error instanceof StartError ? error.message : `threw ${error}`;
    }
  });
  assertMatch(messages[0] as string, /no such file/);
  assertMatch(messages[1] as string, /is a folder/);
  assertMatch(messages[2] as string, /chmod \+x deno\.json/);
});

const startFailures: readonly (readonly [string, string, RegExp])[] = [
  [
    "replies to init with another type",
    `echo '{"src":"n0","dest":"c0","body":{"type":"ok","in_reply_to":1}}'`,
    /Node n0 sent a malformed reply to init: the reply\.type must be "init_ok", got "ok"/,
  ],
  [
    "does not support the request with which a workload starts",
    `echo '{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}'; read line
     echo '{"src":"n0","dest":"c1","body":{"type":"error","code":10,"in_reply_to":1}}'`,
    /Node n0 must reply to \{"type": "topology", …\} with .* first operation\. not-supported \(10\)/,
  ],
];

for (const [name, script, message] of startFailures) {
  Deno.test(`node that ${name} is rejected with the reason`, async () => {
    const bin = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(bin, `#!/bin/sh\nread line\n${script}\nsleep 1000\n`);
      await Deno.chmod(bin, 0o755);
      const test = { bin, options: { workload: "broadcast" } };
      assertMatch((await assertRejects(() => runProcessTest(test), StartError)).message, message);
    } finally {
      await Deno.remove(bin);
    }
  });
}

Deno.test("25 nodes start, reply to init, and exit at the end", async () => {
  const engine = new ProcessEngine("nodes/echo.ts");
  const running = runProcessTest({
    bin: "",
    engine,
    nodeCount: 25,
    options: { timeLimitSeconds: 1 },
  });
  const pids = await processIdsOf(engine, 25);
  const { results } = await running;
  assertEquals(results["valid?"], true);
  for (const pid of pids) assertEquals(await isRunning(pid), false, `${pid} is still running`);
});

Deno.test("interrupted test keeps its history and leaves no process", async () => {
  const interrupt = new AbortController();
  const engine = new ProcessEngine("nodes/echo.ts");
  const running = runProcessTest({
    bin: "",
    engine,
    nodeCount: 3,
    options: { timeLimitSeconds: 60 },
    signal: interrupt.signal,
  });
  const pids = await processIdsOf(engine, 3);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  interrupt.abort();
  const { record } = await running;
  assertEquals(record.interrupted, true);
  assert(record.history.length > 5, `only ${record.history.length} operations`);
  for (const pid of pids) assertEquals(await isRunning(pid), false, `${pid} is still running`);
});

Deno.test("failure to start one node stops the other nodes", async () => {
  const engine = new ProcessEngine(broken, ["--fault", "no-such"]);
  await assertRejects(() => runProcessTest({ bin: "", engine, nodeCount: 5 }), StartError);
  assertEquals(engine.processIds, []);
});
