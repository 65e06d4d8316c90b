import { assert, assertEquals, assertRejects } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { NEMESIS } from "../../../lib/history/mod.ts";
import { FaultScriptError } from "../../../lib/workbench/mod.ts";
import {
  simulate,
  type SimulationControls,
  type SimulationOptions,
  transcriptOf,
} from "../../../lib/workbench/sim/mod.ts";
import { workloads } from "../../../lib/workload/mod.ts";
import hub from "../../../examples/hub.ts";

/**
 * Sends a number to all peers every 100 ms, and a message without effect every second; its state is
 * the last number from each peer.
 */
function beacon(node: Node): void {
  const received: Record<string, number> = {};
  let sent = 0;
  node.on("beat", ({ count }, { src }) => {
    received[src] = count as number;
  });
  node.on("echo", ({ echo }) => ({ type: "echo_ok", echo }));
  node.every(100, () => {
    sent++;
    for (const peer of node.peers) node.send(peer, { type: "beat", count: sent });
  });
  node.on("tick", () => {});
  node.every(1000, () => {
    for (const peer of node.peers) node.send(peer, { type: "tick" });
  });
  node.exposeState(() => ({ ...received }));
}

type Received = Readonly<Record<string, number>>;

/** Without latency, all beats arrive at the instants at which faults start and stop. */
const options: SimulationOptions = { nodes: 3, timeLimitSeconds: 8, ratePerSecond: 2 };

function simulateScript(script: (controls: SimulationControls) => void | Promise<void>) {
  return simulate(beacon, workloads.echo, { ...options, script });
}

Deno.test("a partition drops messages in both directions until it is healed", async () => {
  const seen: Received[] = [];
  const run = await simulateScript(async ({ sleep, partition, heal, node }) => {
    const look = () => seen.push(node<Received>("n0").state, node<Received>("n1").state);
    await sleep(1000);
    partition("n0", "n1");
    await sleep(2000);
    look();
    heal();
    await sleep(1000);
    look();
  });
  const [n0, n1, healed0, healed1] = seen;
  assert((n0?.n1 ?? 0) <= 10 && (n1?.n0 ?? 0) <= 10, "n0 and n1 received nothing after 1 s");
  assert((n0?.n2 ?? 0) >= 29 && (n1?.n2 ?? 0) >= 29, "both received everything from n2");
  assert((healed0?.n1 ?? 0) >= 39 && (healed1?.n0 ?? 0) >= 39, "all messages after 3 s");
  assertEquals(run.schedule, [
    {
      at: 1000,
      f: "start-partition",
      value: [["n0"], ["n1"]],
      plan: { n1: ["n0"], n0: ["n1"] },
    },
    { at: 3000, f: "stop-partition", value: null, plan: null },
  ]);
  assertEquals(
    run.history.filter(({ process }) => process === NEMESIS).map(({ time, f }) => [time / 1e9, f]),
    [[1, "start-partition"], [1, "start-partition"], [3, "stop-partition"], [
      3,
      "stop-partition",
    ]],
  );
});

Deno.test("partitions of groups and of one direction add up, and heal in part", async () => {
  const run = await simulateScript(({ partition, partitionOneWay, heal }) => {
    partition(["n0"], ["n1", "n2"]);
    partitionOneWay("n1", "n2");
    heal("n0", "n1");
    heal();
    heal();
  });
  const all = { n1: ["n0"], n2: ["n0"], n0: ["n1", "n2"] };
  assertEquals(run.schedule.map(({ f, plan }) => [f, plan]), [
    ["start-partition", all],
    ["start-one-way", { n2: ["n1"] }],
    ["start-partition", { n2: ["n0"], n0: ["n2"] }],
    ["stop-partition", null],
    ["stop-one-way", null],
  ]);
});

Deno.test("nodes are killed and restarted, paused and resumed, one by one or all", async () => {
  const run = await simulateScript(async (controls) => {
    const { kill, restart, pause, resume, skew, resetClocks, start, stop, node, sleep } = controls;
    await sleep(1050);
    await kill("n0", "n1");
    await restart("n1");
    assertEquals(node("n1").state, {}, "n1 has no memory of its previous incarnation");
    await restart();
    await pause("n2");
    await resume();
    await skew("n0", 5000);
    await resetClocks();
    await start("loss", { probability: 1 });
    await stop("loss");
  });
  assertEquals(run.schedule.map(({ f, plan }) => [f, plan]), [
    ["start-kill", { nodes: ["n0", "n1"] }],
    ["stop-kill", { nodes: ["n1"] }],
    ["stop-kill", null],
    ["start-pause", { nodes: ["n2"] }],
    ["stop-pause", null],
    ["start-skew", { jumps: [{ node: "n0", after: 0, offset: 5000 }] }],
    ["stop-skew", null],
    ["start-loss", { probability: 1, seed: "0/0" }],
    ["stop-loss", null],
  ]);
});

Deno.test("until waits for a condition on the nodes' states", async () => {
  let reachedMs = 0;
  await simulateScript(async ({ until, node, now }) => {
    await until(() => (node<Received | undefined>("n0").state?.n1 ?? 0) >= 20);
    reachedMs = now();
  });
  assert(reachedMs >= 2000 && reachedMs <= 2010, `${reachedMs} ms`);
});

const scripts: Readonly<Record<string, (controls: SimulationControls) => void | Promise<void>>> = {
  "one operation after the other": async ({ sleep, partition, heal, kill, restart, at }) => {
    await sleep(1000);
    await partition("n0", ["n1", "n2"]);
    await at(3000);
    await heal();
    await kill("n1");
    await sleep(500);
    await restart("n1");
    await sleep(100);
    await partition("n1", "n2");
  },
  "operations that are not awaited": async ({ sleep, partition, heal, kill, restart }) => {
    partition("n0", "n1");
    await sleep(1500);
    kill("n2");
    restart("n2");
    partition("n0", "n2");
    await sleep(500);
    await sleep(500);
    heal("n0", "n1");
    await sleep(1000);
    heal();
  },
  "several waits before an operation": async ({ sleep, kill, restart, pause, resume }) => {
    await sleep(1500);
    // The nodes' timers for this instant were set at 1000 ms.
    await sleep(500);
    await kill("n0");
    await sleep(700);
    await sleep(300);
    await restart();
    await pause("n1");
    await sleep(1000);
    await resume();
  },
  "concurrent parts": async ({ sleep, at, pause, resume, partition, heal, start, stop }) => {
    const slowly = async () => {
      await at(1000);
      await pause("n0");
      await sleep(2000);
      await resume("n0");
    };
    const often = async () => {
      for (let round = 0; round < 6; round++) {
        await partition("n1", "n2");
        await sleep(300);
        await heal();
        await sleep(200);
      }
    };
    const loss = async () => {
      await sleep(2000);
      await start("loss", { probability: 0.5 });
      await sleep(1000);
      await stop("loss");
    };
    await Promise.all([slowly(), often(), loss()]);
  },
};
for (const [name, script] of Object.entries(scripts)) {
  for (
    const [kind, program, workload] of [
      ["beacon", beacon, workloads.echo],
      ["hub", hub, workloads.broadcast],
    ] as const
  ) {
    Deno.test(`${kind}: the schedule of a script repeats its run: ${name}`, async () => {
      for (const meanMs of [0, 7.3]) {
        const settings: SimulationOptions = {
          ...options,
          ratePerSecond: 50,
          latency: { meanMs, distribution: meanMs === 0 ? "constant" : "exponential" },
        };
        const scripted = await simulate(program, workload, { ...settings, script });
        const replayed = await simulate(program, workload, {
          ...settings,
          schedule: scripted.schedule,
        });
        assert(scripted.schedule.length >= 4);
        assertEquals(replayed.schedule, scripted.schedule);
        assertEquals(transcriptOf(replayed), transcriptOf(scripted));
      }
    });
  }
}

Deno.test("faults that a script leaves active are healed before the final operations", async () => {
  const run = await simulate(hub, workloads.broadcast, {
    ...options,
    ratePerSecond: 20,
    script: ({ partition }) => void partition("n0", ["n1", "n2"]),
  });
  run.expectValid();
  assertEquals(run.history.filter(({ f }) => f === "stop-partition").length, 2);
});

const invalid: Readonly<
  Record<string, [script: (controls: SimulationControls) => unknown, message: string]>
> = {
  "an unknown node": [
    ({ partition }) => partition("n0", "n9"),
    'unknown node "n9"; choose from n0, n1, n2',
  ],
  "a node on both sides": [
    ({ partition }) => partition(["n0", "n1"], "n1"),
    'node "n1" cannot be on both sides of a partition',
  ],
  "a group without nodes": [({ kill }) => kill(), "expected at least one node, got none"],
  "a script that does not end in time": [
    async ({ sleep, partition }) => {
      await sleep(7500);
      await partition("n0", "n1");
      await sleep(1000);
    },
    "the script of faults did not end before the main phase did",
  ],
};
for (const [name, [script, message]] of Object.entries(invalid)) {
  Deno.test(`${name} is a FaultScriptError`, async () => {
    const run = () => simulateScript(async (controls) => void await script(controls));
    await assertRejects(run, FaultScriptError, message);
  });
}

Deno.test("an error in a script ends the run and is thrown", async () => {
  const started = performance.now();
  await assertRejects(
    () =>
      simulate(beacon, workloads.linKv, {
        nodes: 3,
        timeLimitSeconds: 1e6,
        script: async ({ sleep }) => {
          await sleep(1000);
          throw new Error("planted");
        },
      }),
    Error,
    "planted",
  );
  assert(performance.now() - started < 5000);
});

Deno.test("a signal ends a run whose script still waits", async () => {
  const abort = new AbortController();
  const run = await simulate(beacon, workloads.echo, {
    ...options,
    signal: abort.signal,
    async script({ sleep }) {
      await sleep(1000);
      abort.abort();
      await sleep(5000);
    },
  });
  assertEquals(run.interrupted, true);
});
