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
  UnexpectedVerdictError,
} from "../../../lib/workbench/sim/mod.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { isClientOperation } from "../../../lib/history/mod.ts";
import type { Node } from "../../../lib/node/mod.ts";
import { loadProgram } from "../../../lib/workbench/sim/load_program.ts";
import hub from "../../support/nodes/hub.ts";
import uniqueIds from "../../support/nodes/unique_ids.ts";

const echo = await loadProgram(new URL("../../../nodes/echo.ts", import.meta.url).pathname);
const workload = (name: string) => findWorkload(name) as Workload;

function faultEvent(at: number, f: string, plan: unknown = null): NemesisEvent {
  return { at, f, value: null, plan };
}

Deno.test("the project's echo node passes at the requested rate", async () => {
  const run = await simulate({
    program: echo,
    workload: workload("echo"),
    options: { ratePerSecond: 50, timeLimitSeconds: 20 },
  });
  expectValid(run);
  const invocations = run.record.history.filter(({ type }) => type === "invoke").length;
  assert(invocations > 900 && invocations < 1100, `${invocations} requests in 20 s at rate 50`);
  assertEquals(run.elapsedMs >= 20_000 && run.elapsedMs < 21_000, true);
});

Deno.test("unique ids need no messages between servers and stay available in a partition", async () => {
  const run = await simulate({
    program: uniqueIds,
    workload: workload("unique-ids"),
    options: {
      ratePerSecond: 100,
      nemesis: ["partition"],
      nemesisIntervalSeconds: 1,
      availability: "total",
    },
  });
  expectValid(run);
  const net = run.results.net as { readonly servers: { readonly "msg-count": number } };
  assertEquals(net.servers["msg-count"], 0);
  assert(run.record.schedule.length > 4);
});

Deno.test("a broadcast cluster converges after partitions, and its nodes' states are readable", async () => {
  const run = await simulate({
    program: hub,
    args: ["--up", "10"],
    workload: workload("broadcast"),
    options: {
      nodes: 5,
      ratePerSecond: 30,
      nemesis: ["partition", "loss", "pause"],
      nemesisIntervalSeconds: 2,
      latency: { meanMs: 30, distribution: "uniform" },
    },
    seed: 4,
  });
  expectValid(run);
  const sorted = (node: string) => (run.stateOf(node) as number[]).toSorted((a, b) => a - b);
  assert(sorted("n0").length > 50);
  for (const node of run.options.nodes) assertEquals(sorted(node), sorted("n0"));
});

Deno.test("onJournalEvent sees each event and the nodes' states at that time", async () => {
  const sizes: number[] = [];
  await simulate({
    program: hub,
    workload: workload("broadcast"),
    options: { ratePerSecond: 20, timeLimitSeconds: 3 },
    onJournalEvent(event, stateOf) {
      const body = event.message.body as { readonly type: string };
      if (event.type === "send" && body.type === "broadcast_ok") {
        sizes.push((stateOf(event.message.src) as unknown[]).length);
      }
    },
  });
  assert(sizes.length > 10 && sizes.every((size) => size > 0));
});

Deno.test("a restarted node gets init again, and the checker finds the elements that it lost", async () => {
  const run = await simulate({
    program: (node: Node) => {
      const elements: unknown[] = [];
      node.on("add", ({ element }) => {
        elements.push(element);
        return { type: "add_ok" };
      });
      node.on("read", () => ({ type: "read_ok", value: elements as number[] }));
    },
    workload: workload("g-set"),
    options: { nodes: 1, concurrency: 2, ratePerSecond: 20, timeLimitSeconds: 5 },
    schedule: [faultEvent(2000, "start-kill", { nodes: ["n0"] }), faultEvent(3000, "stop-kill")],
  });
  const inits = run.journal.filter(({ type, message }) =>
    type === "recv" && (message.body as { readonly type: string }).type === "init"
  );
  assertEquals(inits.map(({ time }) => time / 1e6), [0, 3000]);
  assertEquals(run.verdict["valid?"], false);
  assertEquals(run.record.crashes, [], "the nemesis ended it");
});

Deno.test("requests to a paused node wait until it resumes", async () => {
  const run = await simulate({
    program: echo,
    workload: workload("echo"),
    options: { nodes: 1, ratePerSecond: 10, timeLimitSeconds: 10 },
    schedule: [faultEvent(1000, "start-pause", { nodes: ["n0"] }), faultEvent(4000, "stop-pause")],
  });
  expectValid(run);
  const during = run.record.history.filter(({ time, type, ...operation }) =>
    isClientOperation({ time, type, ...operation }) && type === "ok" &&
    time > 1000e6 && time < 4000e6
  );
  assertEquals(during, []);
  assert(run.record.history.some(({ type, time }) => type === "ok" && time === 4000e6));
});

Deno.test("a node that throws, or never replies to init, is a StartError with its last lines", async () => {
  const silent = await assertRejects(
    () =>
      simulate({
        program: () => new Promise(() => {}),
        workload: workload("echo"),
      }),
    StartError,
  );
  assertStringIncludes(silent.message, "did not reply to init within 10 s");
  const throwing = await assertRejects(
    () =>
      simulate({
        program() {
          throw new Error("planted");
        },
        workload: workload("echo"),
      }),
    StartError,
  );
  assertStringIncludes(
    throwing.message,
    "Node n0 ended with exit status 1 before it replied to init",
  );
  assertStringIncludes(throwing.message, "Error: planted");
});

Deno.test("a node that exits during the test is a crash with its exit status", async () => {
  const run = await simulate({
    program: (node) => {
      node.on("echo", ({ echo }) => ({ type: "echo_ok", echo }));
      node.after(3000, () => {
        node.log("exiting");
        Deno.exit(3);
      });
    },
    workload: workload("echo"),
    options: { nodes: 1, timeLimitSeconds: 5 },
  });
  assertEquals(run.record.crashes.map(({ node, exit, stderr }) => [node, exit.code, stderr]), [
    ["n0", 3, ["exiting"]],
  ]);
  assertThrows(() => expectValid(run), UnexpectedVerdictError, "n0");
});

Deno.test("a LivelockError names nodes that reply to each other without end at latency 0", async () => {
  const error = await assertRejects(
    () =>
      simulate({
        program: (node) => {
          node.on("ping", (_, { src }) => node.send(src, { type: "ping" }));
          node.on("echo", ({ echo }) => {
            for (const peer of node.peers) node.send(peer, { type: "ping" });
            return { type: "echo_ok", echo };
          });
        },
        workload: workload("echo"),
        options: { nodes: 2 },
        engine: { maxEventsPerInstant: 20_000 },
      }),
    LivelockError,
  );
  assertMatch(error.message, /n0 \(\d+\), n1 \(\d+\)|n1 \(\d+\), n0 \(\d+\)/);
});

Deno.test("an abort ends a run early and keeps the history so far", async () => {
  const abort = new AbortController();
  const run = await simulate({
    program: echo,
    workload: workload("echo"),
    options: { timeLimitSeconds: 1e9 },
    signal: abort.signal,
    onJournalEvent: ({ id }) => {
      if (id === 500) abort.abort();
    },
  });
  assertEquals(run.record.interrupted, true);
  assert(run.record.history.length > 200 && run.record.history.length < 1000);
});

Deno.test("describeRun has the settings, the explanations, the logs and the messages", async () => {
  const run = await simulate({
    program: (node) => {
      node.on("echo", ({ echo }) => {
        node.log("planted");
        return { type: "echo_ok", echo: `not ${echo}` };
      });
    },
    workload: workload("echo"),
    options: { nodes: 1, timeLimitSeconds: 1 },
    seed: 9,
  });
  const error = assertThrows(() => expectValid(run), UnexpectedVerdictError) as Error;
  for (
    const part of [
      "expected `valid?` true, got false",
      "seed 9: echo, 1 nodes",
      "n0: planted",
      "●──",
    ]
  ) {
    assertStringIncludes(error.message, part);
  }
  const path = /\S+\.svg/.exec(describeRun(run))?.[0] ?? "";
  assertStringIncludes(Deno.readTextFileSync(path), "<svg");
  for (const file of [path, /\S+\.svg/.exec(error.message)?.[0] ?? ""]) Deno.removeSync(file);
});
