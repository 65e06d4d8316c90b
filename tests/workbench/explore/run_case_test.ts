import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { type Node, type NodeFunction, schema } from "../../../lib/node/mod.ts";
import type { NemesisEvent } from "../../../lib/workbench/fault/mod.ts";
import { simulated } from "../../../lib/workbench/explore/simulated.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { type TestCase, withSchedule } from "../../../lib/workbench/explore/test_case.ts";
import { DEFAULT_OPTIONS, nodeIds } from "../../../lib/workload/mod.ts";
import kafka from "../../../nodes/kafka.ts";
import carefulBroadcast from "../../support/explore_nodes/careful_broadcast.ts";

/** Three nodes for two seconds. */
function caseOf(workload: string, schedule: readonly Partial<NemesisEvent>[] = []): TestCase {
  const events = schedule.map(({ at = 0, f = "", plan = null }) => ({ at, f, value: null, plan }));
  return withSchedule({
    bin: "",
    args: [],
    schedule: [],
    serialDelivery: true,
    options: {
      ...DEFAULT_OPTIONS,
      workload,
      nodes: nodeIds(3),
      concurrency: workload === "lin-kv" ? 6 : 3,
      timeLimit: 2,
      rate: 50,
    },
  }, events);
}

/** Runs a program and returns what it said with the times at which it said it. */
async function logsOf(program: NodeFunction, schedule: readonly Partial<NemesisEvent>[]) {
  const lines: string[] = [];
  const outcome = await runCase(caseOf("echo", schedule), simulated(program), {
    log: (node, line) => lines.push(`${node} ${line}`),
  });
  return { lines, outcome };
}

function echo(node: Node) {
  node.on("echo", { echo: schema.json }, ({ echo }) => ({ type: "echo_ok", echo }));
}

Deno.test("a killed process forgets everything, restarts, and is initialised again", async () => {
  const program = (node: Node) => {
    echo(node);
    let ticks = 0;
    node.on("init", () => void node.log(`init after ${ticks} ticks`));
    node.every(100, () => ticks++);
  };
  const { lines, outcome } = await logsOf(program, [
    { at: 1000, f: "start-kill", plan: { nodes: ["n1"] } },
    { at: 1500, f: "stop-kill" },
  ]);
  assertEquals(lines.filter((line) => line.startsWith("n1")), [
    "n1 init after 0 ticks",
    "n1 init after 0 ticks",
  ]);
  assertEquals(lines.filter((line) => line.startsWith("n0")), ["n0 init after 0 ticks"]);
  assertEquals(outcome.failure, [], "a process that was killed has not crashed");
  assertEquals(outcome.features["kill: a process was restarted"], 1);
});

Deno.test("a paused process does nothing, and then all that it missed", async () => {
  const program = (node: Node) => {
    echo(node);
    const begun = node.now();
    node.after(600, () => node.log(`timer at ${Math.round(node.now() - begun)}`));
  };
  const { lines } = await logsOf(program, [
    { at: 500, f: "start-pause", plan: { nodes: ["n2"] } },
    { at: 1200, f: "stop-pause" },
  ]);
  assertEquals(lines.sort(), ["n0 timer at 600", "n1 timer at 600", "n2 timer at 1200"]);
});

Deno.test("skewed clocks jump, also across a restart, and timers do not care", async () => {
  const program = (node: Node) => {
    echo(node);
    let before = node.now();
    node.every(250, () => {
      const jump = Math.round(node.now() - before) - 250;
      before = node.now();
      if (jump !== 0) node.log(`jumped by ${jump}`);
    });
  };
  const { lines } = await logsOf(program, [
    { at: 600, f: "start-skew", plan: { jumps: [{ node: "n0", after: 0, offset: -90_000 }] } },
    { at: 1100, f: "stop-skew" },
  ]);
  assertEquals(lines, ["n0 jumped by -90000", "n0 jumped by 90000"]);
});

Deno.test("a run is the same, byte for byte, each time, and another with another seed", async () => {
  const testCase = caseOf("broadcast", [
    { at: 0, f: "start-loss", plan: { probability: 0.5, seed: "x" } },
    { at: 100, f: "start-partition", plan: { n0: ["n1"], n2: ["n1"] } },
    { at: 900, f: "start-kill", plan: { nodes: ["n0"] } },
    { at: 1400, f: "stop-kill" },
  ]);
  const textOf = async (own: TestCase) => {
    const lines: string[] = [];
    const outcome = await runCase(own, simulated(carefulBroadcast), {
      journal: (event) => lines.push(JSON.stringify(event)),
      log: (node, line) => lines.push(`${node} ${line}`),
      happened: (fault, effect, to) => lines.push(`${fault} ${effect} ${to}`),
    });
    return JSON.stringify([lines, outcome.record.history, outcome.verdict]);
  };
  const once = await textOf(testCase);
  assertEquals(await textOf(testCase), once);
  const other = { ...testCase, options: { ...testCase.options, seed: "other" } };
  assert(await textOf(other) !== once);
});

Deno.test("a bound of operations cuts the main phase and leaves what came before as it was", async () => {
  const full = caseOf("broadcast");
  const history = async (own: TestCase) =>
    (await runCase(own, simulated(carefulBroadcast))).record.history;
  const bounded = await history({ ...full, mostOperations: 10 });
  const main = bounded.filter(({ type, final }) => type === "invoke" && final !== true);
  assertEquals(main.length, 10);
  const whole = await history(full);
  const last = (main.at(-1)?.index ?? 0) + 1;
  assertEquals(bounded.slice(0, last), whole.slice(0, last));
});

Deno.test("a workload without final operations goes on after the faults and must be answered", async () => {
  for (const workload of ["echo", "unique-ids"]) {
    const program = (node: Node) => {
      echo(node);
      let next = 0;
      node.on("generate", () => ({ type: "generate_ok", id: `${node.id}/${next++}` }));
    };
    const { record, failure } = await runCase(caseOf(workload), simulated(program));
    assertEquals(failure, []);
    const final = record.history.filter(({ type, final }) => type === "ok" && final === true);
    assertEquals(final.length, 9, "three a worker");
  }
});

Deno.test("a node that never recovers from a fault is not live, though it never told a lie", async () => {
  const program = (node: Node) => {
    let last = node.now();
    let stuck = false;
    node.every(10, () => {
      stuck ||= node.now() - last > 100;
      last = node.now();
    });
    node.on("echo", { echo: schema.json }, async ({ echo }) => {
      if (stuck) await node.sleep(60_000);
      return { type: "echo_ok", echo };
    });
  };
  const pause = [
    { at: 100, f: "start-pause", plan: { nodes: ["n1"] } },
    { at: 600, f: "stop-pause" },
  ];
  const { outcome } = await logsOf(program, pause);
  assertEquals(outcome.failure, ["liveness: not-live"]);
  assertEquals((await logsOf(program, [])).outcome.failure, []);
});

Deno.test("replies of the wrong shape, crashes and endless talk are failures by name", async () => {
  const malformed = (node: Node) => node.on("echo", () => ({ type: "echo_ok", ecko: 1 }));
  assert((await logsOf(malformed, [])).outcome.failure.includes("replies: malformed-reply"));
  const chatter = (node: Node) => {
    echo(node);
    node.on("ping", (_body, { src }) => node.send(src, { type: "ping" }));
    node.after(500, () => node.send(node.peers[0] as string, { type: "ping" }));
  };
  assertEquals((await logsOf(chatter, [])).outcome.failure, ["engine: livelock"]);
});

Deno.test("nodes that do not get as far as the first operation have failed, too", async () => {
  const lonely = (node: Node) => {
    node.on("init", () => {
      if (node.peers.length > 0) throw new Error("I had rather be alone");
      return { type: "init_ok" };
    });
  };
  const { outcome } = await logsOf(lonely, []);
  assertEquals(outcome.failure, ["engine: not-ready"]);
  assertStringIncludes(JSON.stringify(outcome.verdict), "I had rather be alone");
});

Deno.test("a node that does not come back after it was killed is to blame", async () => {
  let lives = 0;
  const program = (node: Node) => {
    echo(node);
    lives++;
    if (lives > 3) node.on("init", () => node.sleep(3_600_000));
  };
  const { outcome } = await logsOf(program, [
    { at: 500, f: "start-kill", plan: { nodes: ["n0"] } },
    { at: 600, f: "stop-kill" },
  ]);
  assertEquals(outcome.failure, ["nodes: no-restart"]);
});

Deno.test("availability is that of the nodes: what clients end themselves does not count", async () => {
  const { options, ...others } = caseOf("kafka");
  const testCase = { ...others, options: { ...options, availability: "total" as const } };
  const { failure, record } = await runCase(testCase, simulated(kafka));
  assert(record.history.some(({ f, type }) => f === "crash" && type === "info"));
  assertEquals(failure, []);
});
