import { assert, assertEquals, assertRejects } from "std/testing";
import { UsageError } from "../../lib/base/mod.ts";
import { txnRwRegister } from "../../lib/workload/txn_rw_register.ts";
import program from "../../nodes/txn_rw_register.ts";
import { alignColumns } from "../../tasks/compare/columns.ts";
import { compareTransactions } from "../../tasks/compare/txn.ts";
import { measureTransactions } from "../../tasks/compare/txn_figures.ts";

Deno.test("alignColumns pads columns to their widest cell and right-aligns numbers", () => {
  assertEquals(alignColumns([["name", "cost"], ["a", "10.5"], ["longer", "7.0"]]), [
    "name    cost",
    "a       10.5",
    "longer   7.0",
  ]);
});

function measure(strategy: string, nemesis: readonly string[] = []) {
  return measureTransactions({
    program,
    strategy,
    workload: txnRwRegister,
    options: {
      nodes: 2,
      concurrency: 4,
      ratePerSecond: 200,
      timeLimitSeconds: 5,
      faults: nemesis,
      nemesisIntervalSeconds: 1,
    },
    seeds: 2,
  });
}

Deno.test("compare txn measures the cost of each isolation level and the strongest model it satisfies", async () => {
  const local = await measure("local");
  assertEquals([local.messages, local.bytes, local.agree, local.okFraction], [0, 0, false, 1]);
  const causal = await measure("causal", ["partition"]);
  assertEquals([causal.agree, causal.okFraction], [true, 1]);
  assertEquals([causal.holds, causal.refuted?.model], ["causal-cerone", "snapshot-isolation"]);
  assert(causal.refuted?.anomalies.includes("lost-update"));
  const strict = await measure("lin-kv", ["partition"]);
  assertEquals([strict.holds, strict.refuted, strict.agree], [
    "strict-serializable",
    undefined,
    true,
  ]);
  assert(strict.messages > 10 * causal.messages && strict.bytes > 10 * causal.bytes);
  assert(strict.latency.high >= strict.latency.median && causal.latency.high === 0);
});

Deno.test("compare txn rejects invalid arguments", async () => {
  await assertRejects(() => compareTransactions(["--rate", "0"]), UsageError);
  await assertRejects(() => compareTransactions(["loud"]), UsageError);
  await assertRejects(() => compareTransactions(["--", "--strategy", "x"]), UsageError);
});
