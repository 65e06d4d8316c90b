import { assert, assertEquals, assertRejects } from "std/testing";
import { UsageError } from "../../lib/base/mod.ts";
import program from "../../nodes/lin_kv.ts";
import { compareRegisters } from "../../tasks/compare/lin_kv.ts";
import { measureOutages, measureRegisters } from "../../tasks/compare/lin_kv_figures.ts";

const options = {
  nodes: 5,
  concurrency: 20,
  ratePerSecond: 50,
  latency: { meanMs: 5, distribution: "constant" },
  timeLimitSeconds: 5,
} as const;

Deno.test("compare lin-kv measures messages, bytes, latency and what was served", async () => {
  const measure = (strategy: string) => measureRegisters({ program, strategy, seeds: 2, options });
  const raft = await measure("raft");
  const caspaxos = await measure("caspaxos");
  const proxy = await measure("proxy");
  for (const { isValid, messages, mostMessages, unknownFraction } of [raft, caspaxos, proxy]) {
    assert(isValid && mostMessages >= messages && unknownFraction < 0.05);
  }
  assertEquals(proxy.servedFraction, 1);
  assertEquals(proxy.latency.median, 10);
  assert(proxy.messages < raft.messages && raft.messages < caspaxos.messages);
  assert(proxy.bytes < raft.bytes && raft.bytes < caspaxos.bytes);
  assert(Math.abs(proxy.throughput - 50) < 10, String(proxy.throughput));
});

Deno.test("compare lin-kv counts what partitions leave without a reply", async () => {
  const partitioned = { ...options, faults: ["partition"], nemesisIntervalSeconds: 1 };
  const figures = await measureRegisters({
    program,
    strategy: "caspaxos",
    seeds: 1,
    options: partitioned,
  });
  assert(figures.isValid && figures.servedFraction < 1, String(figures.servedFraction));
});

Deno.test("compare lin-kv measures how long clients wait after faults", async () => {
  const measure = (strategy: string) => measureOutages({ program, strategy, seeds: 1, options });
  const raft = await measure("raft");
  // Partitions do not affect the service, and a round trip to it takes 10 ms.
  const proxy = await measure("proxy");
  assertEquals([raft.isValid, proxy.isValid], [true, true]);
  assertEquals([proxy.partition.longest, proxy.heal.longest, proxy.kill.longest], [10, 10, 10]);
  // The majority elects a leader, which takes longer than a round trip.
  assert(
    raft.partition.longest > 50 && raft.partition.longest < 5000,
    String(raft.partition.longest),
  );
  assert(raft.kill.mean > 50 && raft.kill.mean < 3000, String(raft.kill.mean));
});

Deno.test("compare lin-kv rejects invalid arguments", async () => {
  await assertRejects(() => compareRegisters(["--latency", "-1"]), UsageError);
  await assertRejects(() => compareRegisters(["loud"]), UsageError);
});
