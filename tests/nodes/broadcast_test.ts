import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { UsageError } from "../../lib/node/mod.ts";
import type { Strategy } from "../../lib/protocol/broadcast/mod.ts";
import { simulate, type Simulation } from "../../lib/workbench/mod.ts";
import { broadcast as workload } from "../../lib/workload/broadcast.ts";
import broadcast from "../../nodes/broadcast.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

const STRATEGIES = ["hub", "mesh", "retry", "batch", "tree", "plumtree"] as const;
const faults = ["partition", "one-way", "loss", "duplicate", "reorder", "slow", "pause", "skew"];

/** The setting of challenges 3d and 3e. */
const spread = {
  nodes: 25,
  timeLimitSeconds: 20,
  ratePerSecond: 100,
  latency: { meanMs: 100, distribution: "constant" },
} as const;

function run(simulation: Partial<Simulation>) {
  return simulate({ program: broadcast, workload, ...simulation });
}

/** Messages between servers per operation, median and maximum latency; the run has to be valid. */
async function figures(simulation: Partial<Simulation>) {
  const { results, verdict } = await run(simulation);
  assertEquals(results["valid?"], true, JSON.stringify(results.workload));
  const net = results.net as unknown as { readonly servers: Record<string, number> };
  const latencies = verdict["stable-latencies"] as ReadonlyMap<number, number>;
  return {
    messages: net.servers["msgs-per-op"] as number,
    median: latencies.get(0.5) as number,
    longest: latencies.get(1) as number,
  };
}

Deno.test("a value that was acknowledged is read at once from the node that took it", async () => {
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

Deno.test("a request without a message, and a malformed one of a node, are refused", async () => {
  const node = new FakeNode(broadcast);
  const refusal = await node.ask({ type: "broadcast" });
  assertEquals([refusal?.type, refusal?.code], ["error", 12]);
  const malformed = await node.ask({ type: "delta", inc: "x", from: -1, to: 0, runs: [] }, "n2");
  assertEquals([malformed?.type, malformed?.code], ["error", 12]);
});

Deno.test("what clients and strangers say in the name of nodes is not believed", async () => {
  for (const strategy of STRATEGIES) {
    const node = new FakeNode(broadcast, { args: ["--strategy", strategy] });
    const runs = [["n2.x", 0, "false"]];
    const delta = { type: "delta", inc: "x", from: 0, to: 1, runs, ack: 0, delay: 0 };
    for (const src of ["c7", "n9"]) node.receive(delta, src);
    assertEquals(await node.ask({ type: "read" }), { type: "read_ok", messages: [] }, strategy);
    await node.host.advance(60_000);
    const peers = new Set(node.host.sent.map(({ dest }) => dest));
    assert(!peers.has("n9") && !peers.has("c7"), strategy);
  }
});

Deno.test("a node that a topology leaves out keeps the neighbours that it would have without", async () => {
  for (const strategy of ["retry", "batch", "flood"]) {
    const cases: [topology: Record<string, string[]>, told: boolean][] = [
      [{}, true],
      [{ n1: [] }, false],
    ];
    for (const [topology, told] of cases) {
      const args = ["--strategy", strategy];
      const node = new FakeNode(broadcast, { nodes: ["n1", "n2", "n3"], args });
      await node.ask({ type: "topology", topology });
      await node.ask({ type: "broadcast", message: 1 });
      await node.host.advance(500);
      const isTold = node.host.sent.some(({ dest }) => dest.startsWith("n"));
      assertEquals(isTold, told, `${strategy} ${JSON.stringify(topology)}`);
    }
  }
});

Deno.test("a node alone says nothing to anybody", async () => {
  for (const strategy of STRATEGIES) {
    const node = new FakeNode(broadcast, { nodes: ["n1"], args: ["--strategy", strategy] });
    await node.ask({ type: "broadcast", message: 1 });
    await node.host.advance(60_000);
    assertEquals(node.host.sent.filter(({ dest }) => !dest.startsWith("c")), [], strategy);
  }
});

Deno.test("unknown strategies and wrong numbers are refused with a list of what there is", () => {
  const start = (...args: string[]) => () => new FakeNode(broadcast, { args });
  assertStringIncludes(assertThrows(start("--strategy", "gossip"), UsageError).message, "plumtree");
  assertStringIncludes(assertThrows(start("--interval", "0"), UsageError).message, "from 1");
  assertStringIncludes(assertThrows(start("--fanout", "1.5"), UsageError).message, "integer");
});

Deno.test("challenge 3d: at most 1.1 messages an operation inside its latencies, ten seeds", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const { messages, median, longest } = await figures({ seed, options: spread });
    const label = `${messages} at ${median}/${longest} with seed ${seed}`;
    assert(messages <= 1.1 && median < 400 && longest < 600, label);
  }
});

Deno.test("challenge 3e: at most 0.6 messages an operation inside its latencies, ten seeds", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const args = ["--interval", "1500"];
    const { messages, median, longest } = await figures({ seed, args, options: spread });
    const label = `${messages} at ${median}/${longest} with seed ${seed}`;
    assert(messages <= 0.6 && median < 1000 && longest < 2000, label);
  }
});

Deno.test("mesh: at most 12.5 messages an operation at 100 and 120 ms, ten seeds", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const args = ["--strategy", "mesh"];
    const { messages, median, longest } = await figures({ seed, args, options: spread });
    const label = `${messages} at ${median}/${longest} with seed ${seed}`;
    assert(messages <= 12.5 && median <= 100 && longest <= 120, label);
  }
});

for (const strategy of STRATEGIES) {
  Deno.test(`${strategy}: nothing is lost under every fault but loss of memory`, async () => {
    for (let seed = 0; seed < 6; seed++) {
      const { results, verdict, log } = await run({
        args: ["--strategy", strategy],
        seed,
        options: {
          nodes: [1, 2, 3, 5, 7, 9][seed] as number,
          ratePerSecond: 40,
          timeLimitSeconds: 12,
          latency: { meanMs: [0, 10, 100][seed % 3] as number, distribution: "exponential" },
          nemesis: faults,
          nemesisIntervalSeconds: 1.5,
        },
      });
      assertEquals(results["valid?"], true, `seed ${seed}: ${JSON.stringify(verdict)}`);
      assert((verdict["stable-count"] as number) > 50);
      const threw = log.filter(({ line }) => line.includes("threw") || line.includes("failed"));
      assertEquals(threw, [], `seed ${seed}`);
    }
  });

  Deno.test(`${strategy}: converges within a second of the heal`, async () => {
    for (let seed = 0; seed < 4; seed++) {
      const nodes = ["n0", "n1", "n2", "n3", "n4"];
      const healed = 10_000;
      let last = 0;
      await run({
        args: ["--strategy", strategy],
        seed,
        options: {
          nodes,
          ratePerSecond: 20,
          timeLimitSeconds: 10,
          nemesis: ["partition", "one-way"],
          nemesisIntervalSeconds: 2,
        },
        onJournalEvent({ time }, stateOf) {
          const counts = nodes.map((node) =>
            (stateOf(node) as Strategy | undefined)?.values.length
          );
          if (new Set(counts).size > 1) last = time / 1e6;
        },
      });
      assert(last - healed < 1000, `seed ${seed}: ${last - healed} ms after the heal`);
    }
  });

  Deno.test(`${strategy}: a node that was killed is caught up by its peers`, async () => {
    for (const killed of [["n0"], ["n3"]]) {
      const { stateOf } = await run({
        args: ["--strategy", strategy],
        options: { nodes: 5, ratePerSecond: 20, timeLimitSeconds: 5 },
        schedule: [
          { at: 9000, f: "start-kill", value: "one", plan: { nodes: killed } },
          { at: 9500, f: "stop-kill", value: null, plan: null },
        ],
      });
      const counts = ["n0", "n1", "n2", "n3", "n4"].map((node) =>
        (stateOf(node) as Strategy).values.length
      );
      assert((counts[0] as number) > 20 && new Set(counts).size === 1, counts.join());
    }
  });
}

Deno.test("flood: tells all as long as nothing goes wrong", async () => {
  const { results } = await run({ args: ["--strategy", "flood"], options: { nodes: 9 } });
  assertEquals(results["valid?"], true);
});
