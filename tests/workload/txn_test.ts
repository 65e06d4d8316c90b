import { assert, assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { DEFAULT_OPTIONS, MalformedReplyError, type Workload } from "../../lib/workload/mod.ts";
import { txnListAppend } from "../../lib/workload/txn_list_append.ts";
import { txnRwRegister } from "../../lib/workload/txn_rw_register.ts";
import { drive, invocations } from "../support/drive_generator.ts";
import { answering, refusing, ScriptedConnection } from "../support/scripted_connection.ts";

const workloads: readonly [workload: Workload, write: string][] = [
  [txnListAppend, "append"],
  [txnRwRegister, "w"],
];

Deno.test("operation is one transaction of writes and of reads with value null", () => {
  for (const [workload, write] of workloads) {
    const options = { ...DEFAULT_OPTIONS, maxTxnLength: 3 };
    const generator = workload.generator(options, new Random(5));
    const invoked = invocations(drive(generator, { concurrency: 5, maxOperations: 500 }));
    for (const { f, value } of invoked) {
      assertEquals(f, "txn");
      const transaction = value as [string, number, number | null][];
      assert(transaction.length >= 1 && transaction.length <= 3);
      for (const [name, key, written] of transaction) {
        assert(Number.isInteger(key));
        assertEquals(name, written === null ? "r" : write);
      }
    }
  }
});

Deno.test("client sends a transaction unchanged and completes it with the reply", async () => {
  const connection = answering({
    txn: { type: "txn_ok", txn: [["r", 1, [8]], ["append", 1, 6], ["r", 2, null]] },
  });
  const value = [["r", 1, null], ["append", 1, 6], ["r", 2, null]];
  const client = txnListAppend.client(connection, DEFAULT_OPTIONS);
  assertEquals(await client.invoke({ f: "txn", value }), {
    type: "ok",
    value: [["r", 1, [8]], ["append", 1, 6], ["r", 2, null]],
  });
  assertEquals(connection.requests, [{ type: "txn", txn: value }]);
});

Deno.test("register may have any JSON value", async () => {
  const txn = [["r", 1, "x"], ["r", 2, null], ["w", 2, 5]];
  const client = txnRwRegister.client(answering({ txn: { type: "txn_ok", txn } }), DEFAULT_OPTIONS);
  const value = [["r", 1, null], ["r", 2, null], ["w", 2, 5]];
  assertEquals(await client.invoke({ f: "txn", value }), { type: "ok", value: txn });
});

Deno.test("definite error ends a transaction `fail`, any other error `info`", async () => {
  const table: [code: number, type: "fail" | "info", name: string][] = [
    [11, "fail", "temporarily-unavailable"],
    [13, "info", "crash"],
    [14, "fail", "abort"],
    [30, "fail", "txn-conflict"],
    [1000, "info", "unknown"],
  ];
  for (const [workload] of workloads) {
    for (const [code, type, name] of table) {
      const client = workload.client(refusing(code), DEFAULT_OPTIONS);
      const value = [["r", 1, null]];
      assertEquals(await client.invoke({ f: "txn", value }), { type, error: [name, "no"] });
    }
    const silent = workload.client(new ScriptedConnection(() => undefined), DEFAULT_OPTIONS);
    assertEquals(await silent.invoke({ f: "txn", value: [] }), {
      type: "info",
      error: "net-timeout",
    });
  }
});

Deno.test("transaction client throws for a malformed reply", async () => {
  const malformed = [[["r", 1, 5]], [["r", 1]], [["w", 1, 5]], [["r", 1, [1], 2]], "none", null];
  for (const txn of malformed) {
    const connection = answering({ txn: { type: "txn_ok", txn } });
    const error = await assertRejects(
      () => txnListAppend.client(connection, DEFAULT_OPTIONS).invoke({ f: "txn", value: [] }),
      MalformedReplyError,
    );
    assertStringIncludes(error.message, '["append", any JSON value, any JSON value]');
  }
});

Deno.test("client stays in use after an indeterminate transaction", () => {
  for (const [workload] of workloads) assertEquals(workload.reusesClients, true);
});

Deno.test("consistency model that cannot be checked is rejected by name", () => {
  for (const [workload] of workloads) {
    const problem = (...consistencyModels: string[]) =>
      workload.problem?.({ ...DEFAULT_OPTIONS, consistencyModels });
    assertEquals(problem("strict-serializable"), undefined);
    assertEquals(problem("read-committed", "snapshot-isolation"), undefined);
    assertStringIncludes(problem("serializable", "causal") ?? "", "causal");
    assertStringIncludes(problem("linearizable") ?? "", "linearizable");
    assertStringIncludes(problem("very-good") ?? "", 'unknown consistency model "very-good"');
  }
});
