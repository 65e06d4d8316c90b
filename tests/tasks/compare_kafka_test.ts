import { assert, assertEquals, assertRejects } from "std/testing";
import { UsageError } from "../../lib/base/mod.ts";
import { kafka } from "../../lib/workload/kafka.ts";
import program from "../../nodes/kafka.ts";
import { compareLogs } from "../../tasks/compare/kafka.ts";
import { measureLog } from "../../tasks/compare/kafka_figures.ts";

function measure(
  args: readonly string[],
  nemesis: readonly string[] = [],
  nemesisIntervalSeconds = 1,
) {
  return measureLog({
    program,
    args: ["--strategy", ...args],
    workload: kafka,
    options: {
      nodes: 2,
      concurrency: 4,
      ratePerSecond: 200,
      timeLimitSeconds: 5,
      faults: nemesis,
      nemesisIntervalSeconds,
    },
    seeds: 2,
  });
}

Deno.test("compare kafka measures messages, bytes, latency and realtime lag", async () => {
  const lamport = await measure(["lamport"]);
  const single = await measure(["single"]);
  const store = await measure(["lin-kv"]);
  for (const figures of [lamport, single, store]) {
    const { isValid, okFraction, lostTime, messages, mostMessages } = figures;
    assertEquals([isValid, okFraction, lostTime], [true, 1, 0]);
    assert(mostMessages >= messages && messages > 0);
  }
  assert(lamport.messages < single.messages && single.messages < store.messages);
  assert(lamport.bytes < single.bytes && single.bytes < store.bytes);
  assertEquals([lamport.send.high, store.lag.high], [0, 0]);
  assert(lamport.lag.high > 0 && single.lag.high === 0);
});

Deno.test("compare kafka measures lag and lost time under partitions", async () => {
  const lamport = await measure(["lamport"], ["partition"]);
  assertEquals([lamport.isValid, lamport.okFraction, lamport.lostTime], [true, 1, 0]);
  assert(lamport.lag.high > (await measure(["lamport"])).lag.high);
  // A partition that lasts longer than a request may wait.
  const single = await measure(["single"], ["partition"], 1.5);
  assert(single.isValid && single.okFraction < 1, String(single.okFraction));
  assert(single.lostTime > 0 && single.lostTime < 0.5, String(single.lostTime));
});

Deno.test("compare kafka rejects invalid arguments", async () => {
  await assertRejects(() => compareLogs(["--rate", "0"]), UsageError);
  await assertRejects(() => compareLogs(["loud"]), UsageError);
});
