import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { type Node, type NodeFunction, schema } from "../../../lib/node/mod.ts";
import type { NemesisEvent } from "../../../lib/workbench/fault/mod.ts";
import { simEngineFactory } from "../../../lib/workbench/explore/sim_engine_factory.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import { type TestCase, withSchedule } from "../../../lib/workbench/explore/test_case.ts";
import { DEFAULT_OPTIONS, nodeIds } from "../../../lib/workload/mod.ts";
import kafka from "../../../nodes/kafka.ts";
import retryingBroadcast from "../../support/explore_nodes/retrying_broadcast.ts";

/** Returns a case with three nodes and a time limit of two seconds. */
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
      timeLimitSeconds: 2,
      ratePerSecond: 50,
    },
  }, events);
}

/** Runs an echo program under the given events and returns its log lines and the outcome. */
async function logsOf(program: NodeFunction, schedule: readonly Partial<NemesisEvent>[]) {
  const lines: string[] = [];
  const outcome = await runCase(caseOf("echo", schedule), simEngineFactory(program), {
    log: (node, line) => lines.push(`${node} ${line}`),
  });
  return { lines, outcome };
}

function echo(node: Node) {
  node.on("echo", { echo: schema.json }, ({ echo }) => ({ type: "echo_ok", echo }));
}

Deno.test("a killed process loses its state, restarts and is initialised again", async () => {
  const program = (node: Node) => {
    echo(node);
    let ticks = 0;
    node.log(`init after ${ticks} ticks`);
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
  assertEquals(outcome.failure, [], "a kill is not a crash");
  assertEquals(outcome.coverage["kill: a process was restarted"], 1);
});

Deno.test("nodes must agree as soon as a case says", async () => {
  const slow = (node: Node) => {
    const elements = new Set<unknown>();
    node.on("add", ({ element }) => {
      elements.add(element);
      node.after(3000, () => {
        for (const peer of node.peers) node.send(peer, { type: "store", element: Number(element) });
      });
      return { type: "add_ok" };
    });
    node.on("store", ({ element }) => void elements.add(element));
    node.on("read", () => ({ type: "read_ok", value: [...elements] as number[] }));
  };
  const failure = async (convergenceMs?: number) => {
    const claim = convergenceMs === undefined ? {} : { convergenceMs };
    return (await runCase({ ...caseOf("g-set"), ...claim }, simEngineFactory(slow))).failure;
  };
  assertEquals(await failure(), []);
  assertEquals(await failure(4000), []);
  assert((await failure(1000)).includes("workload: lost"));
});

Deno.test("a paused process runs its overdue timers when it resumes", async () => {
  const program = (node: Node) => {
    echo(node);
    const startedMs = node.now();
    node.after(600, () => node.log(`timer at ${Math.round(node.now() - startedMs)}`));
  };
  const { lines } = await logsOf(program, [
    { at: 500, f: "start-pause", plan: { nodes: ["n2"] } },
    { at: 1200, f: "stop-pause" },
  ]);
  assertEquals(lines.sort(), ["n0 timer at 600", "n1 timer at 600", "n2 timer at 1200"]);
});

Deno.test("a skewed clock jumps without affecting timers", async () => {
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

Deno.test("runs of a case are byte for byte equal, and another seed gives another run", async () => {
  const testCase = caseOf("broadcast", [
    { at: 0, f: "start-loss", plan: { probability: 0.5, seed: "x" } },
    { at: 100, f: "start-partition", plan: { n0: ["n1"], n2: ["n1"] } },
    { at: 900, f: "start-kill", plan: { nodes: ["n0"] } },
    { at: 1400, f: "stop-kill" },
  ]);
  const textOf = async (testCase: TestCase) => {
    const lines: string[] = [];
    const outcome = await runCase(testCase, simEngineFactory(retryingBroadcast), {
      journal: (event) => lines.push(JSON.stringify(event)),
      log: (node, line) => lines.push(`${node} ${line}`),
      onFaultEffect: (fault, effect, to) => lines.push(`${fault} ${effect} ${to}`),
    });
    return JSON.stringify([lines, outcome.record.history, outcome.verdict]);
  };
  const once = await textOf(testCase);
  assertEquals(await textOf(testCase), once);
  const other = { ...testCase, options: { ...testCase.options, seed: "other" } };
  assert(await textOf(other) !== once);
});

Deno.test("mostOperations truncates the main phase without changing earlier operations", async () => {
  const full = caseOf("broadcast");
  const history = async (testCase: TestCase) =>
    (await runCase(testCase, simEngineFactory(retryingBroadcast))).record.history;
  const bounded = await history({ ...full, mostOperations: 10 });
  const main = bounded.filter(({ type, final }) => type === "invoke" && final !== true);
  assertEquals(main.length, 10);
  const whole = await history(full);
  const last = (main.at(-1)?.index ?? 0) + 1;
  assertEquals(bounded.slice(0, last), whole.slice(0, last));
});

Deno.test("a workload without final operations generates three per worker after the faults", async () => {
  for (const workload of ["echo", "unique-ids"]) {
    const program = (node: Node) => {
      echo(node);
      let next = 0;
      node.on("generate", () => ({ type: "generate_ok", id: `${node.id}/${next++}` }));
    };
    const { record, failure } = await runCase(caseOf(workload), simEngineFactory(program));
    assertEquals(failure, []);
    const final = record.history.filter(({ type, final }) => type === "ok" && final === true);
    assertEquals(final.length, 9, "three per worker");
  }
});

Deno.test("a node that never recovers from a fault is not live", async () => {
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

Deno.test("no reply is owed in time when the working links of a slow network may form a chain", async () => {
  const silent = (node: Node) => node.on("read", () => node.sleep(60_000));
  const whole = caseOf("lin-kv");
  const failureAt = async (meanMs: number, nemesis: readonly string[]) => {
    const latency = { meanMs, distribution: "constant" } as const;
    const options = { ...whole.options, latency, nemesis };
    return (await runCase({ ...whole, options }, simEngineFactory(silent))).failure;
  };
  // Three nodes: 8 latencies at most, and the client waits for a second, or for 10 latencies.
  assert((await failureAt(100, ["partial-partition"])).includes("liveness: not-live"));
  const nodes = nodeIds(4);
  Object.assign(whole, { options: { ...whole.options, nodes, concurrency: 8 } });
  assert((await failureAt(80, ["partial-partition"])).includes("liveness: not-live"));
  assert(!(await failureAt(100, ["partial-partition"])).includes("liveness: not-live"));
  assert((await failureAt(100, ["partition"])).includes("liveness: not-live"));
});

Deno.test("malformed replies and livelocks are failures", async () => {
  const malformed = (node: Node) => node.on("echo", () => ({ type: "echo_ok", ecko: 1 }));
  assert((await logsOf(malformed, [])).outcome.failure.includes("replies: malformed-reply"));
  const livelock = (node: Node) => {
    echo(node);
    node.on("ping", (_body, { src }) => node.send(src, { type: "ping" }));
    node.after(500, () => node.send(node.peers[0] as string, { type: "ping" }));
  };
  assertEquals((await logsOf(livelock, [])).outcome.failure, ["engine: livelock"]);
});

Deno.test("a node that rejects init is a failure", async () => {
  const rejecting = (node: Node) => {
    if (node.peers.length > 0) throw new Error("expected a single node");
  };
  const { outcome } = await logsOf(rejecting, []);
  assertEquals(outcome.failure, ["engine: not-ready"]);
  assertStringIncludes(JSON.stringify(outcome.verdict), "expected a single node");
});

Deno.test("a node that does not restart after a kill is a failure", async () => {
  let incarnations = 0;
  const program = (node: Node) => {
    echo(node);
    incarnations++;
    return incarnations > 3 ? node.sleep(3_600_000) : undefined;
  };
  const { outcome } = await logsOf(program, [
    { at: 500, f: "start-kill", plan: { nodes: ["n0"] } },
    { at: 600, f: "stop-kill" },
  ]);
  assertEquals(outcome.failure, ["nodes: no-restart"]);
});

Deno.test("availability excludes the operations that clients abort themselves", async () => {
  const { options, ...others } = caseOf("kafka");
  const testCase = { ...others, options: { ...options, availability: "total" as const } };
  const { failure, record } = await runCase(testCase, simEngineFactory(kafka));
  assert(record.history.some(({ f, type }) => f === "crash" && type === "info"));
  assertEquals(failure, []);
});

Deno.test("the signature of a lost element names a node that never showed it", async () => {
  const local = (node: Node) => {
    const elements: number[] = [];
    node.on("add", ({ element }) => {
      elements.push(element as number);
      return { type: "add_ok" };
    });
    node.on("read", () => ({ type: "read_ok", value: elements }));
  };
  const { failure, signature } = await runCase(caseOf("g-set"), simEngineFactory(local));
  assert(failure.length > 0);
  assertEquals(signature[0], "n1 never showed 1, which n2 acknowledged");
});
