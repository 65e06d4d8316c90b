import { assert, assertAlmostEquals, assertEquals, assertRejects } from "std/testing";
import { gCounter as workload } from "../../lib/workload/g_counter.ts";
import program from "../../nodes/g_counter.ts";
import { BadArguments } from "../../tasks/cli/exit_code.ts";
import { compareCounters } from "../../tasks/compare/counter.ts";
import { measureCounter } from "../../tasks/compare/counter_figures.ts";

function measure(strategy: string, nemesis: readonly string[] = []) {
  return measureCounter({
    program,
    args: ["--strategy", strategy],
    workload,
    options: { nodes: 3, rate: 50, timeLimit: 10, nemesis, nemesisInterval: 2 },
    seeds: 2,
  });
}

Deno.test("a counter without a store costs the least, and a shared key the most", async () => {
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

Deno.test("gossiped counters agree within an interval, and within a retry after a heal", async () => {
  const whole = await measure("crdt");
  assert(whole.agreed.worst > 0 && whole.agreed.worst < 700, `${whole.agreed.worst}`);
  const healed = await measure("crdt", ["partition"]);
  assert(healed.agreed.worst > 0 && healed.agreed.worst < 1000, `${healed.agreed.worst}`);
});

Deno.test("who asks all peers for each read shows no old sum while links are whole", async () => {
  assertEquals((await measure("peers")).agreed, { median: 0, worst: 0 });
});

Deno.test("a counter that forgets to tell never agrees", async () => {
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
    options: { nodes: 2, rate: 20, timeLimit: 3 },
    seeds: 1,
  });
  assertEquals([agreed.worst, valid], [Infinity, false]);
});

Deno.test("a comparison of counters keeps its tables and a plot", async () => {
  const out = Deno.makeTempDirSync();
  const args = ["--time-limit", "2", "--seeds", "1", "--out", out, "--nemesis", "partition"];
  assertEquals(await compareCounters(args), 0);
  const kept = JSON.parse(Deno.readTextFileSync(`${out}/counter.json`));
  assertEquals(kept.tables.map(({ title }: { title: string }) => title), [
    "g-counter, partition",
    "pn-counter, partition",
  ]);
  assert(Deno.readTextFileSync(`${out}/counter.svg`).startsWith("<svg"));
  Deno.removeSync(out, { recursive: true });
});

Deno.test("a comparison of counters refuses what it does not know", async () => {
  await assertRejects(() => compareCounters(["--latency", "-1"]), BadArguments);
  await assertRejects(() => compareCounters(["loud"]), BadArguments);
});
