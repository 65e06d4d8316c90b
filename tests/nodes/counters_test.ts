import { assert, assertEquals } from "std/testing";
import gCounter from "../../nodes/g_counter.ts";
import gSet from "../../nodes/g_set.ts";
import pnCounter from "../../nodes/pn_counter.ts";
import type { Json, NodeFunction } from "../../lib/node/mod.ts";
import { simulate, type SimulationOptions } from "../../lib/workbench/mod.ts";
import { findWorkload, type Workload, workloads } from "../../lib/workload/mod.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

function workload(name: string): Workload {
  const found = findWorkload(name);
  if (found === undefined) throw new Error(`unknown workload "${name}"`);
  return found;
}

const nodes: Readonly<Record<string, NodeFunction>> = {
  "g-set": gSet,
  "g-counter": gCounter,
  "pn-counter": pnCounter,
};
const strategies = ["crdt", "seq-kv", "cas", "peers"];
const faults = ["partition", "one-way", "loss", "duplicate", "reorder", "slow", "pause", "skew"];

async function serverMessagesPerOperation(options: SimulationOptions): Promise<number> {
  const { results } = await simulate(gCounter, workloads.gCounter, options);
  assertEquals(results["valid?"], true, JSON.stringify(results.workload));
  return results.net.servers["msgs-per-op"] ?? NaN;
}

for (const [name, program] of Object.entries(nodes)) {
  for (const strategy of name === "g-set" ? ["crdt"] : strategies) {
    Deno.test(`${name}, ${strategy}: valid under every fault except kill`, async () => {
      for (let seed = 0; seed < 6; seed++) {
        const { results, verdict } = await simulate(program, workload(name), {
          nodes: [1, 2, 3, 5, 7, 3][seed] as number,
          ratePerSecond: 50,
          timeLimitSeconds: 15,
          latency: { meanMs: [0, 10, 100][seed % 3] as number, distribution: "exponential" },
          faults,
          nemesisIntervalSeconds: 2,
          args: name === "g-set" ? [] : ["--strategy", strategy],
          seed,
        });
        assertEquals(verdict["valid?"], true, `seed ${seed}: ${JSON.stringify(verdict)}`);
        assert(results.stats["ok-count"] > 10, JSON.stringify(results.stats));
      }
    });
  }
}

const challenge = {
  nodes: 3,
  ratePerSecond: 100,
  timeLimitSeconds: 20,
  faults: ["partition"],
} as const;

Deno.test("strategy crdt costs at most 0.2 messages per operation", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const cost = await serverMessagesPerOperation({ ...challenge, seed });
    assert(cost <= 0.2, `${cost} with seed ${seed}`);
  }
});

Deno.test("strategy seq-kv costs at most 0.7 messages per operation", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const args = ["--strategy", "seq-kv"];
    const cost = await serverMessagesPerOperation({ ...challenge, args, seed });
    assert(cost <= 0.7, `${cost} with seed ${seed}`);
  }
});

for (const strategy of strategies) {
  Deno.test(`${strategy}: with latencies of seconds reads are late or fail, and none is invalid`, async () => {
    // A replica sends nothing but probes to a peer that it suspects. With 6000 ms a reply takes
    // longer than the 10 s until the final reads, and with 4900 ms a reply after an interval.
    const latencies = [1500, 2500, 4500, ...(strategy === "crdt" ? [] : [6000])];
    for (const meanMs of latencies) {
      const { verdict, history } = await simulate(gCounter, workloads.gCounter, {
        nodes: 3,
        ratePerSecond: 20,
        timeLimitSeconds: 15,
        latency: { meanMs, distribution: "constant" },
        args: ["--strategy", strategy],
      });
      assertEquals(verdict["valid?"], true, `${meanMs} ms: ${JSON.stringify(verdict)}`);
      const hasReads = history.some(({ f, type }) => f === "read" && type === "ok");
      // Strategies that need replies within some time complete no read above this latency.
      const maxMs = { crdt: Infinity, "seq-kv": 1500, cas: 1500, peers: 1750 }[strategy] as number;
      assertEquals(hasReads, meanMs < maxMs, `${meanMs} ms`);
    }
  });
}

Deno.test("peers: a read fails until every peer has sent its total", async () => {
  const replying = new Set(["n2"]);
  const node = new FakeNode(gCounter, {
    args: ["--strategy", "peers"],
    answer: ({ dest }) =>
      replying.has(dest) ? { type: "total_ok", incarnation: dest, total: 7, seq: 1 } : undefined,
  });
  await node.ask({ type: "add", delta: 1 });
  node.receive({ type: "read", msg_id: 100 });
  await node.host.advance(3500);
  const refused = node.host.sent.at(-1)?.body;
  assertEquals([refused?.in_reply_to, refused?.code], [100, 0]);
  assertEquals(refused?.text, "no total from n3 yet; retry the read");
  replying.add("n3");
  assertEquals(await node.ask({ type: "read" }), { type: "read_ok", value: 15 });
  // From now on n3 counts with its last total, whether it replies or not.
  replying.clear();
  node.receive({ type: "read", msg_id: 101 });
  await node.host.advance(3500);
  assertEquals(node.host.sent.at(-1)?.body, { type: "read_ok", value: 15, in_reply_to: 101 });
});

Deno.test("peers: reads succeed within a retransmission timeout after a short partition", async () => {
  const cutMs = 500;
  for (let seed = 0; seed < 5; seed++) {
    const { history } = await simulate(gCounter, workloads.gCounter, {
      args: ["--strategy", "peers"],
      seed,
      nodes: 3,
      ratePerSecond: 100,
      timeLimitSeconds: 10,
      async script({ sleep, partition, heal }) {
        await sleep(3000 + 7 * seed);
        await partition("n2", ["n0", "n1"]);
        await sleep(cutMs);
        await heal();
      },
    });
    const reads = history.filter(({ f, type }) => f === "read" && type !== "invoke");
    assert(reads.every(({ type }) => type === "ok"), `seed ${seed}: some read failed`);
    const times = reads.map(({ time }) => time / 1e6).filter((time) => time < 10_000);
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    assert(Math.max(...gaps) <= cutMs + 400, `seed ${seed}: no read for ${Math.max(...gaps)} ms`);
  }
});

Deno.test("a delta beyond 53 bits is malformed, and the error names the bounds", async () => {
  const node = new FakeNode(gCounter);
  const reply = await node.ask({ type: "add", delta: 2 ** 53 });
  assertEquals(reply?.code, 12);
  assertEquals(
    reply?.text,
    "add.delta must be an integer from -(2^53 - 1) to 2^53 - 1, got 9007199254740992",
  );
  assertEquals((await node.ask({ type: "add", delta: 2 ** 53 - 1 }))?.type, "add_ok");
});

Deno.test("a set node that was killed receives all elements again from its peers", async () => {
  const run = await simulate(gSet, workloads.gSet, {
    nodes: 3,
    // Clients add on n0 and n1 only.
    concurrency: 2,
    ratePerSecond: 20,
    timeLimitSeconds: 6,
    async script({ sleep, kill, restart, node }) {
      await sleep(3000);
      assert(node<readonly unknown[]>("n2").state.length > 20);
      await kill("n2");
      await sleep(1000);
      await restart("n2");
      assertEquals(node("n2").state, []);
    },
  });
  run.expectValid();
  const elements = (id: string) => run.node<readonly Json[]>(id).state.map(Number).toSorted();
  assertEquals(elements("n2"), elements("n0"));
});

for (const strategy of strategies) {
  Deno.test(`${strategy}: nodes agree after one was killed, and count what it adds after its restart`, async () => {
    for (const killed of ["n0", "n2"]) {
      const { history } = await simulate(gCounter, workloads.gCounter, {
        nodes: 3,
        ratePerSecond: 50,
        timeLimitSeconds: 14,
        args: ["--strategy", strategy],
        schedule: [
          { at: 8000, f: "start-kill", value: "one", plan: { nodes: [killed] } },
          { at: 8100, f: "stop-kill", value: null, plan: null },
        ],
      });
      const reads = history.filter(({ f, type }) => f === "read" && type === "ok");
      const final = reads.filter(({ final }) => final === true).map(({ value }) => Number(value));
      assertEquals([final.length, new Set(final).size], [3, 1], `${killed}: ${final.join()}`);
      const after = history.filter(({ f, type, time }) =>
        f === "add" && type === "ok" && time > 8.2e9
      );
      const added = after.reduce((sum, { value }) => sum + Number(value), 0);
      assert(added > 0 && (final[0] as number) >= added, `${final[0]} of ${added}`);
    }
  });
}

Deno.test("a grow-only counter refuses negative deltas, and both counters refuse fractions", async () => {
  const replies = await Promise.all([gCounter, pnCounter].map(async (program) => {
    const { history } = await simulate(program, {
      ...workloads.echo,
      generator: () => {
        let left = [-1, 1.5, 0, 2];
        return {
          next: ({ free }) => {
            const [delta, ...rest] = left;
            left = rest;
            if (delta === undefined) return undefined;
            return { worker: free[0] as number, invocation: { f: "add", value: delta } };
          },
        };
      },
      client: (connection) => ({
        invoke: async ({ value }) => {
          try {
            await connection.call({ type: "add", delta: value as number }, {
              expectation: "anything",
              problem: () => undefined,
            });
            return { type: "ok" };
          } catch (error) {
            return { type: "fail", error: (error as { readonly code: number }).code };
          }
        },
      }),
      check: () => ({ "valid?": true }),
    }, { timeLimitSeconds: 10, ratePerSecond: 10, nodes: 1 });
    return history.filter(({ type }) => type !== "invoke").map(({ error }) => error ?? "ok");
  }));
  assertEquals(replies, [[12, 12, "ok", "ok"], ["ok", 12, "ok", "ok"]]);
});
