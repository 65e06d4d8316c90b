import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import type { NemesisEvent } from "../../../lib/workbench/fault/mod.ts";
import {
  describeRun,
  expectValid,
  LivelockError,
  simulate,
  type SimulationOptions,
  UnexpectedVerdictError,
} from "../../../lib/workbench/sim/mod.ts";
import { completeOptions, InvalidOptionsError, workloads } from "../../../lib/workload/mod.ts";
import { isClientOperation } from "../../../lib/history/mod.ts";
import type { Node } from "../../../lib/node/mod.ts";
import { loadProgram } from "../../../lib/workbench/sim/load_program.ts";
import linKv from "../../../nodes/lin_kv.ts";
import hub from "../../../examples/hub.ts";
import uniqueIds from "../../../examples/unique_ids.ts";

const echo = await loadProgram(new URL("../../../nodes/echo.ts", import.meta.url).pathname);

function faultEvent(at: number, f: string, plan: unknown = null): NemesisEvent {
  return { at, f, value: null, plan };
}

Deno.test("the project's echo node passes at the requested rate", async () => {
  const run = await simulate(echo, workloads.echo, {
    nodes: 3,
    ratePerSecond: 50,
    timeLimitSeconds: 20,
  });
  run.expectValid();
  const invocations = run.history.filter(({ type }) => type === "invoke").length;
  assert(invocations > 900 && invocations < 1100, `${invocations} requests in 20 s at rate 50`);
  assertEquals(run.elapsedMs >= 20_000 && run.elapsedMs < 21_000, true);
});

Deno.test("unique ids need no messages between servers and stay available in a partition", async () => {
  const run = await simulate(uniqueIds, workloads.uniqueIds, {
    nodes: 3,
    timeLimitSeconds: 10,
    ratePerSecond: 100,
    faults: ["partition"],
    nemesisIntervalSeconds: 1,
    availability: "total",
  });
  run.expectValid();
  assertEquals(run.results.net.servers["msg-count"], 0);
  assert(run.schedule.length > 4);
});

Deno.test("a broadcast cluster converges after partitions, and its nodes' states are readable", async () => {
  const run = await simulate(hub, workloads.broadcast, {
    timeLimitSeconds: 10,
    nodes: 5,
    ratePerSecond: 30,
    faults: ["partition", "loss", "pause"],
    nemesisIntervalSeconds: 2,
    latency: { meanMs: 30, distribution: "uniform" },
    args: ["--up", "10"],
    seed: 4,
  });
  run.expectValid();
  const sorted = (id: string) => run.node<number[]>(id).state.toSorted((a, b) => a - b);
  assert(sorted("n0").length > 50);
  for (const node of run.options.nodes) assertEquals(sorted(node), sorted("n0"));
});

Deno.test("onJournalEvent sees each event and the nodes' states at that time", async () => {
  const sizes: number[] = [];
  await simulate(hub, workloads.broadcast, {
    nodes: 3,
    ratePerSecond: 20,
    timeLimitSeconds: 3,
    onJournalEvent(event, node) {
      const body = event.message.body as { readonly type: string };
      if (event.type === "send" && body.type === "broadcast_ok") {
        sizes.push(node<unknown[]>(event.message.src).state.length);
      }
    },
  });
  assert(sizes.length > 10 && sizes.every((size) => size > 0));
});

Deno.test("a restarted node gets init again, and the checker finds the elements that it lost", async () => {
  const run = await simulate(
    (node: Node) => {
      const elements: unknown[] = [];
      node.on("add", ({ element }) => {
        elements.push(element);
        return { type: "add_ok" };
      });
      node.on("read", () => ({ type: "read_ok", value: elements as number[] }));
    },
    workloads.gSet,
    {
      nodes: 1,
      concurrency: 2,
      ratePerSecond: 20,
      timeLimitSeconds: 5,
      schedule: [faultEvent(2000, "start-kill", { nodes: ["n0"] }), faultEvent(3000, "stop-kill")],
    },
  );
  const inits = run.journal.filter(({ type, message }) =>
    type === "recv" && (message.body as { readonly type: string }).type === "init"
  );
  assertEquals(inits.map(({ time }) => time / 1e6), [0, 3000]);
  assertEquals(run.verdict["valid?"], false);
  assertEquals(run.crashes, [], "the nemesis ended it");
});

Deno.test("requests to a paused node wait until it resumes", async () => {
  const run = await simulate(echo, workloads.echo, {
    nodes: 1,
    ratePerSecond: 10,
    timeLimitSeconds: 10,
    schedule: [faultEvent(1000, "start-pause", { nodes: ["n0"] }), faultEvent(4000, "stop-pause")],
  });
  run.expectValid();
  const during = run.history.filter(({ time, type, ...operation }) =>
    isClientOperation({ time, type, ...operation }) && type === "ok" &&
    time > 1000e6 && time < 4000e6
  );
  assertEquals(during, []);
  assert(run.history.some(({ type, time }) => type === "ok" && time === 4000e6));
});

Deno.test("a node that throws, or never replies to init, is a StartError with its last lines", async () => {
  const silent = await assertRejects(
    () =>
      simulate(() => new Promise(() => {}), workloads.echo, {
        nodes: 3,
        timeLimitSeconds: 10,
        ratePerSecond: 10,
      }),
    StartError,
  );
  assertStringIncludes(silent.message, "did not reply to init within 10 s");
  const throwing = await assertRejects(
    () =>
      simulate(
        () => {
          throw new Error("planted");
        },
        workloads.echo,
        { nodes: 3, timeLimitSeconds: 10, ratePerSecond: 10 },
      ),
    StartError,
  );
  assertStringIncludes(
    throwing.message,
    "Node n0 ended with exit status 1 before it replied to init",
  );
  assertStringIncludes(throwing.message, "Error: planted");
});

Deno.test("a node that exits during the test is a crash with its exit status", async () => {
  const run = await simulate(
    (node) => {
      node.on("echo", ({ echo }) => ({ type: "echo_ok", echo }));
      node.after(3000, () => {
        node.log("exiting");
        Deno.exit(3);
      });
    },
    workloads.echo,
    { ratePerSecond: 10, nodes: 1, timeLimitSeconds: 5 },
  );
  assertEquals(run.crashes.map(({ node, exit, stderr }) => [node, exit.code, stderr]), [
    ["n0", 3, ["exiting"]],
  ]);
  assertThrows(() => run.expectValid(), UnexpectedVerdictError, "n0");
});

Deno.test("a LivelockError names nodes that reply to each other without end at latency 0", async () => {
  const error = await assertRejects(
    () =>
      simulate(
        (node) => {
          node.on("ping", (_, { src }) => node.send(src, { type: "ping" }));
          node.on("echo", ({ echo }) => {
            for (const peer of node.peers) node.send(peer, { type: "ping" });
            return { type: "echo_ok", echo };
          });
        },
        workloads.echo,
        {
          timeLimitSeconds: 10,
          ratePerSecond: 10,
          nodes: 2,
          engine: { maxEventsPerInstant: 20_000 },
        },
      ),
    LivelockError,
  );
  assertMatch(error.message, /n0 \(\d+\), n1 \(\d+\)|n1 \(\d+\), n0 \(\d+\)/);
});

Deno.test("an abort ends a run early and keeps the history so far", async () => {
  const abort = new AbortController();
  const run = await simulate(echo, workloads.echo, {
    nodes: 3,
    ratePerSecond: 10,
    timeLimitSeconds: 1e9,
    signal: abort.signal,
    onJournalEvent: ({ id }) => {
      if (id === 500) abort.abort();
    },
  });
  assertEquals(run.interrupted, true);
  assert(run.history.length > 200 && run.history.length < 1000);
});

Deno.test("expectValid throws a report of a broken node: settings, reasons, logs, messages", async () => {
  const run = await simulate(
    (node) => {
      node.on("echo", ({ echo }) => {
        node.log("planted");
        return { type: "echo_ok", echo: `not ${echo}` };
      });
    },
    workloads.echo,
    { nodes: 1, timeLimitSeconds: 1, ratePerSecond: 10, seed: 9 },
  );
  const { message } = assertThrows(() => expectValid(run), UnexpectedVerdictError);
  expectValid(run, false);
  for (
    const part of [
      "expected `valid?` true, got false",
      "seed 9: echo, 1 nodes, 1 workers, 1 s at rate 10",
      /- Operation \d+ \(echo of process 0\) sent "Please echo \d+" and received .*not Please/,
      "The last lines of the nodes' logs:",
      "n0: planted",
      "●──",
    ]
  ) {
    if (typeof part === "string") assertStringIncludes(message, part);
    else assertMatch(message, part);
  }
  const path = /\S+\.svg/.exec(describeRun(run))?.[0] ?? "";
  assertStringIncludes(Deno.readTextFileSync(path), "<svg");
  for (const file of [path, /\S+\.svg/.exec(message)?.[0] ?? ""]) Deno.removeSync(file);
});

Deno.test("without options a simulation has Maelstrom's defaults and those of the workload", async () => {
  const run = await simulate(linKv, workloads.linKv);
  run.expectValid();
  assertEquals(run.options, completeOptions(workloads.linKv, {}));
  assertEquals(run.options.concurrency, 10);
  assertEquals(run.verdict.failures, []);
  const invocations = run.history.filter(({ type }) => type === "invoke").length;
  assert(invocations > 250 && invocations < 350, `${invocations} requests in 60 s at rate 5`);
});

const rejected: readonly (readonly [SimulationOptions, message: string])[] = [
  [{ rate: 20 } as SimulationOptions, 'unknown option "rate"; did you mean ratePerSecond?'],
  [{ timeLimitSecond: 20 } as SimulationOptions, "did you mean timeLimitSeconds?"],
  [{ nemesis: ["kill"] } as SimulationOptions, 'unknown option "nemesis"; did you mean faults?'],
  [{ faults: ["parttion"] }, 'unknown fault "parttion"; choose from partition, one-way, kill'],
  [{ topology: "star" }, 'unknown topology "star"; choose one of line, grid'],
  [{ nodes: 0 }, "nodes must be an integer from 1, got 0"],
  [{ ratePerSecond: -1 }, "ratePerSecond must be a number from 0, got -1"],
  [{ quiescenceMs: NaN }, "quiescenceMs must be a number from 0, got NaN"],
  [{ script: () => {}, schedule: [] }, "script and schedule exclude each other"],
  [{ script: () => {}, faults: ["kill"] }, "script and faults exclude each other"],
  [
    { nodes: 3, schedule: [faultEvent(1000, "start-kill", { nodes: ["n7"] })] },
    "schedule: event 1 (start-kill): the plan of kill names unknown nodes",
  ],
  [
    { timeLimitSeconds: 5, schedule: [faultEvent(5000, "stop-kill")] },
    "schedule: stop-kill at 5000 ms is not before the end of the main phase (timeLimitSeconds 5)",
  ],
];
for (const [options, message] of rejected) {
  Deno.test(`simulate rejects invalid options: ${message}`, async () => {
    await assertRejects(
      () => simulate(echo, workloads.echo, options),
      InvalidOptionsError,
      message,
    );
  });
}

Deno.test("the verdicts and the nodes' states have types", async () => {
  const run = await simulate(hub, workloads.broadcast, { nodes: 2, timeLimitSeconds: 2 });
  // Each line compiles only if the left side's type is that of the right side.
  const stable: number = run.verdict["stable-count"];
  const serverMessages: number = run.results.net.servers["msg-count"];
  const succeeded: number | undefined = run.results.stats["by-f"].broadcast?.["ok-count"];
  const state: readonly number[] = run.node<number[]>("n0").state;
  assertEquals(state.length, stable);
  assert(serverMessages > 0 && (succeeded ?? 0) >= stable);
  assertThrows(() => run.node("n9"), RangeError, 'unknown node "n9"; choose from n0, n1');
  const ids = await simulate(uniqueIds, workloads.uniqueIds, { nodes: 1, timeLimitSeconds: 1 });
  assertEquals(ids.verdict["acknowledged-count"], ids.results.stats["ok-count"]);
  // @ts-expect-error A verdict of unique-ids has no such key of this type.
  const typo: number = ids.verdict["stable-count"];
  assertEquals(typo, undefined);
});

Deno.test("a node's log is the part of the run's log that the node wrote", async () => {
  const run = await simulate(
    (node) => {
      node.on("echo", ({ echo }) => ({ type: "echo_ok", echo }));
      node.log(`started ${node.id}`);
    },
    workloads.echo,
    { nodes: 2, timeLimitSeconds: 1 },
  );
  assertEquals(run.node("n1").log, [{ node: "n1", timeMs: 0, line: "started n1" }]);
});
