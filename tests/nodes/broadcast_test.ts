import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { type Json, UsageError } from "../../lib/node/mod.ts";
import { simulate, type SimulationOptions } from "../../lib/workbench/mod.ts";
import { broadcast as workload } from "../../lib/workload/broadcast.ts";
import broadcast from "../../nodes/broadcast.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

/** What `node.exposeState` of the broadcast node returns. */
interface State {
  readonly values: readonly Json[];
}

const STRATEGIES = ["hub", "mesh", "retry", "batch", "tree", "plumtree"] as const;
const faults = ["partition", "one-way", "loss", "duplicate", "reorder", "slow", "pause", "skew"];

/** The options of challenges 3d and 3e. */
const challenge3d = {
  nodes: 25,
  timeLimitSeconds: 20,
  ratePerSecond: 100,
  latency: { meanMs: 100, distribution: "constant" },
} as const;

function run(options: SimulationOptions) {
  return simulate(broadcast, workload, options);
}

/** Returns messages between servers per operation, median and maximum latency of a valid run. */
async function figures(options: SimulationOptions) {
  const { results, verdict } = await run(options);
  assertEquals(results["valid?"], true, JSON.stringify(results.workload));
  const latencies = verdict["stable-latencies"];
  return {
    messages: results.net.servers["msgs-per-op"] ?? NaN,
    medianMs: latencies?.get(0.5) ?? NaN,
    maxMs: latencies?.get(1) ?? NaN,
  };
}

Deno.test("the node that acknowledged a value returns it from the next read", async () => {
  const node = new FakeNode(broadcast);
  assertEquals(await node.ask({ type: "topology", topology: { n1: ["n2"] } }), {
    type: "topology_ok",
  });
  assertEquals(await node.ask({ type: "read" }), { type: "read_ok", messages: [] });
  for (const message of [1, "1", null, { a: [1] }, 1]) {
    assertEquals(await node.ask({ type: "broadcast", message }), { type: "broadcast_ok" });
  }
  assertEquals(await node.ask({ type: "read" }), {
    type: "read_ok",
    messages: [1, "1", null, { a: [1] }],
  });
});

Deno.test("malformed messages of clients and nodes are answered with error 12", async () => {
  const node = new FakeNode(broadcast);
  const refusal = await node.ask({ type: "broadcast" });
  assertEquals([refusal?.type, refusal?.code], ["error", 12]);
  const malformed = await node.ask(
    { type: "update", me: "x", from: -1, to: 0, ack: 0, time: 0 },
    "n2",
  );
  assertEquals([malformed?.type, malformed?.code], ["error", 12]);
});

Deno.test("node messages from clients and unknown nodes are ignored", async () => {
  for (const strategy of STRATEGIES) {
    const node = new FakeNode(broadcast, { args: ["--strategy", strategy] });
    const delta = [["n2.x", 0, false]];
    const update = { type: "update", me: "x", from: 0, to: 1, delta, ack: 0, time: 0 };
    for (const src of ["c7", "n9"]) node.receive(update, src);
    assertEquals(await node.ask({ type: "read" }), { type: "read_ok", messages: [] }, strategy);
    await node.host.advance(60_000);
    const peers = new Set(node.host.sent.map(({ dest }) => dest));
    assert(!peers.has("n9") && !peers.has("c7"), strategy);
    node.receive(update, "n2");
    assertEquals(
      await node.ask({ type: "read" }),
      { type: "read_ok", messages: [false] },
      strategy,
    );
  }
});

Deno.test("a node missing from the topology keeps its default neighbours", async () => {
  for (const strategy of ["retry", "batch", "flood"]) {
    const cases: [topology: Record<string, string[]>, isSent: boolean][] = [
      [{}, true],
      [{ n1: [] }, false],
    ];
    for (const [topology, isSent] of cases) {
      const args = ["--strategy", strategy];
      const node = new FakeNode(broadcast, { nodes: ["n1", "n2", "n3"], args });
      await node.ask({ type: "topology", topology });
      await node.ask({ type: "broadcast", message: 1 });
      await node.host.advance(500);
      const hasSent = node.host.sent.some(({ dest }) => dest.startsWith("n"));
      assertEquals(hasSent, isSent, `${strategy} ${JSON.stringify(topology)}`);
    }
  }
});

Deno.test("a single node sends no messages to nodes", async () => {
  for (const strategy of STRATEGIES) {
    const node = new FakeNode(broadcast, { nodes: ["n1"], args: ["--strategy", strategy] });
    await node.ask({ type: "broadcast", message: 1 });
    await node.host.advance(60_000);
    assertEquals(node.host.sent.filter(({ dest }) => !dest.startsWith("c")), [], strategy);
  }
});

Deno.test("unknown strategies and invalid numbers are refused with the valid values", () => {
  const start = (...args: string[]) => () => new FakeNode(broadcast, { args });
  assertStringIncludes(assertThrows(start("--strategy", "gossip"), UsageError).message, "plumtree");
  assertStringIncludes(assertThrows(start("--interval", "0"), UsageError).message, "from 1");
  assertStringIncludes(assertThrows(start("--fanout", "1.5"), UsageError).message, "integer");
});

Deno.test("challenge 3d: at most 1.1 messages per operation within its latencies, ten seeds", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const { messages, medianMs, maxMs } = await figures({ seed, ...challenge3d });
    const label = `${messages} at ${medianMs}/${maxMs} with seed ${seed}`;
    assert(messages <= 1.1 && medianMs < 400 && maxMs < 600, label);
  }
});

Deno.test("challenge 3e: at most 0.6 messages per operation within its latencies, ten seeds", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const args = ["--interval", "1500"];
    const { messages, medianMs, maxMs } = await figures({ seed, args, ...challenge3d });
    const label = `${messages} at ${medianMs}/${maxMs} with seed ${seed}`;
    assert(messages <= 0.6 && medianMs < 1000 && maxMs < 2000, label);
  }
});

Deno.test("mesh: at most 12.5 messages per operation at 100 and 120 ms, ten seeds", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const args = ["--strategy", "mesh"];
    const { messages, medianMs, maxMs } = await figures({ seed, args, ...challenge3d });
    const label = `${messages} at ${medianMs}/${maxMs} with seed ${seed}`;
    assert(messages <= 12.5 && medianMs <= 100 && maxMs <= 120, label);
  }
});

for (const strategy of STRATEGIES) {
  Deno.test(`${strategy}: no value is lost under any fault except loss of memory`, async () => {
    for (let seed = 0; seed < 6; seed++) {
      const { results, verdict, log } = await run({
        args: ["--strategy", strategy],
        seed,
        nodes: [1, 2, 3, 5, 7, 9][seed] as number,
        ratePerSecond: 40,
        timeLimitSeconds: 12,
        latency: { meanMs: [0, 10, 100][seed % 3] as number, distribution: "exponential" },
        faults,
        nemesisIntervalSeconds: 1.5,
      });
      assertEquals(results["valid?"], true, `seed ${seed}: ${JSON.stringify(verdict)}`);
      assert(verdict["stable-count"] > 50);
      const failures = log.filter(({ line }) => line.includes("threw") || line.includes("failed"));
      assertEquals(failures, [], `seed ${seed}`);
    }
  });

  Deno.test(`${strategy}: converges within a second of the heal`, async () => {
    for (let seed = 0; seed < 4; seed++) {
      const nodes = ["n0", "n1", "n2", "n3", "n4"];
      const healMs = 10_000;
      let lastDisagreementMs = 0;
      await run({
        args: ["--strategy", strategy],
        seed,
        nodes,
        ratePerSecond: 20,
        timeLimitSeconds: 10,
        faults: ["partition", "one-way"],
        nemesisIntervalSeconds: 2,
        onJournalEvent({ time }, node) {
          const counts = nodes.map((id) => node<State | undefined>(id).state?.values.length);
          if (new Set(counts).size > 1) lastDisagreementMs = time / 1e6;
        },
      });
      const convergenceMs = lastDisagreementMs - healMs;
      assert(convergenceMs < 1000, `seed ${seed}: ${convergenceMs} ms after the heal`);
    }
  });

  Deno.test(`${strategy}: a killed node catches up from its peers`, async () => {
    for (const killed of [["n0"], ["n3"]]) {
      const finished = await run({
        args: ["--strategy", strategy],
        nodes: 5,
        ratePerSecond: 20,
        timeLimitSeconds: 5,
        async script({ sleep, kill, restart }) {
          await sleep(3000);
          await kill(...killed);
          await sleep(500);
          await restart();
        },
      });
      const counts = finished.options.nodes.map((id) =>
        finished.node<State>(id).state.values.length
      );
      assert((counts[0] as number) > 20 && new Set(counts).size === 1, counts.join());
    }
  });
}

Deno.test("flood: all nodes get all values without faults", async () => {
  const { results } = await run({ args: ["--strategy", "flood"], nodes: 9 });
  assertEquals(results["valid?"], true);
});
