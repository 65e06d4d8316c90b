import { assert, assertAlmostEquals, assertEquals, assertRejects } from "std/testing";
import { UsageError } from "../../lib/base/mod.ts";
import { gCounter as workload } from "../../lib/workload/g_counter.ts";
import program from "../../nodes/g_counter.ts";
import { compareCounters } from "../../tasks/compare/counter.ts";
import { measureCounter } from "../../tasks/compare/counter_figures.ts";

function measure(strategy: string, nemesis: readonly string[] = []) {
  return measureCounter({
    program,
    args: ["--strategy", strategy],
    workload,
    options: {
      nodes: 3,
      ratePerSecond: 50,
      timeLimitSeconds: 10,
      faults: nemesis,
      nemesisIntervalSeconds: 2,
    },
    seeds: 2,
  });
}

Deno.test("crdt sends the fewest messages, and a shared key with compare-and-set the most", async () => {
  const crdt = await measure("crdt");
  const seqKv = await measure("seq-kv");
  const peers = await measure("peers");
  const cas = await measure("cas");
  const costs = [crdt, seqKv, peers, cas].map(({ messages }) => messages.mean);
  assertEquals(costs.toSorted((a, b) => a - b), costs);
  for (const { valid, okFraction, messages, bytesPerMessage, bytesPerOperation } of [crdt, cas]) {
    assertEquals([valid, okFraction], [true, 1]);
    assert(messages.worst >= messages.mean);
    assertAlmostEquals(messages.mean * bytesPerMessage, bytesPerOperation, 1e-6);
  }
});

Deno.test("crdt converges within a gossip interval, and within a retry after a heal", async () => {
  const healthy = await measure("crdt");
  assert(healthy.agreed.worst > 0 && healthy.agreed.worst < 700, `${healthy.agreed.worst}`);
  const healed = await measure("crdt", ["partition"]);
  assert(healed.agreed.worst > 0 && healed.agreed.worst < 1000, `${healed.agreed.worst}`);
});

Deno.test("peers returns no stale sum on a healthy network", async () => {
  assertEquals((await measure("peers")).agreed, { median: 0, worst: 0 });
});

Deno.test("a counter that does not replicate never converges", async () => {
  const { agreed, valid } = await measureCounter({
    program: (node) => {
      let total = 0;
      node.on("add", ({ delta }) => {
        total += Number(delta);
        return { type: "add_ok" };
      });
      node.on("read", () => ({ type: "read_ok", value: total }));
    },
    args: [],
    workload,
    options: { nodes: 2, ratePerSecond: 20, timeLimitSeconds: 3 },
    seeds: 1,
  });
  assertEquals([agreed.worst, valid], [Infinity, false]);
});

Deno.test("compare counter writes its tables and a plot", async () => {
  const out = Deno.makeTempDirSync();
  const args = ["--time-limit", "2", "--seeds", "1", "--out", out, "--nemesis", "partition"];
  assertEquals(await compareCounters(args), 0);
  const saved = JSON.parse(Deno.readTextFileSync(`${out}/counter.json`));
  assertEquals(saved.tables.map(({ title }: { title: string }) => title), [
    "g-counter, partition",
    "pn-counter, partition",
  ]);
  assert(Deno.readTextFileSync(`${out}/counter.svg`).startsWith("<svg"));
  Deno.removeSync(out, { recursive: true });
});

Deno.test("compare counter rejects invalid arguments", async () => {
  await assertRejects(() => compareCounters(["--latency", "-1"]), UsageError);
  await assertRejects(() => compareCounters(["loud"]), UsageError);
});
