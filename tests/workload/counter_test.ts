import { assertEquals, assertRejects } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";
import { RpcError } from "../../lib/wire/mod.ts";
import { gCounter } from "../../lib/workload/g_counter.ts";
import { DEFAULT_OPTIONS, MalformedReplyError, type Workload } from "../../lib/workload/mod.ts";
import { pnCounter } from "../../lib/workload/pn_counter.ts";
import { assertNear } from "../support/assert_near.ts";
import { drive, invocations } from "../support/drive_generator.ts";
import { answering, refusing } from "../support/scripted_connection.ts";

function invoked(workload: Workload, operations: number): Operation[] {
  const generator = workload.generator(DEFAULT_OPTIONS, new Random(3));
  return invocations(drive(generator, { concurrency: 5, maxOperations: operations }));
}

/** The number of additions of each delta. */
function deltas(operations: readonly Operation[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { f, value } of operations) {
    if (f === "add") counts.set(value as number, (counts.get(value as number) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}

Deno.test("pn-counter generator reads half of the time and adds −5 to 4", () => {
  const operations = invoked(pnCounter, 10_000);
  assertNear(operations.filter(({ f }) => f === "read").length, 5000, 150);
  assertEquals([...deltas(operations).keys()], [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4]);
  for (const count of deltas(operations).values()) assertNear(count, 500, 80);
});

Deno.test("g-counter generator reads two times in three and adds 0 to 4", () => {
  const operations = invoked(gCounter, 9_000);
  assertNear(operations.filter(({ f }) => f === "read").length, 6000, 150);
  assertEquals([...deltas(operations).keys()], [0, 1, 2, 3, 4]);
  for (const count of deltas(operations).values()) assertNear(count, 600, 80);
});

Deno.test("counter final phase has one read per worker", () => {
  for (const workload of [gCounter, pnCounter]) {
    const generator = workload.finalGenerator?.(DEFAULT_OPTIONS, new Random(1), []);
    const reads = invocations(
      drive(generator as NonNullable<typeof generator>, { concurrency: 4 }),
    );
    assertEquals(reads.map(({ process, f, final }) => [process, f, final]), [
      [0, "read", true],
      [1, "read", true],
      [2, "read", true],
      [3, "read", true],
    ]);
  }
});

Deno.test("counter client sends additions as deltas and returns the value of a read", async () => {
  const connection = answering({
    add: { type: "add_ok" },
    read: { type: "read_ok", value: -12 },
  });
  const client = pnCounter.client(connection, DEFAULT_OPTIONS);
  assertEquals(await client.invoke({ f: "add", value: -3 }), { type: "ok" });
  assertEquals(await client.invoke({ f: "read", value: null }), { type: "ok", value: -12 });
  assertEquals(connection.requests, [{ type: "add", delta: -3 }, { type: "read" }]);
});

Deno.test("counter client throws every error, even a definite error", async () => {
  const client = gCounter.client(refusing(14), DEFAULT_OPTIONS);
  await assertRejects(() => client.invoke({ f: "add", value: 1 }), RpcError);
  await assertRejects(() => client.invoke({ f: "read", value: null }), RpcError);
});

Deno.test("counter client rejects a value that is not an integer and keeps the reply for the checker", async () => {
  for (const value of [1.5, "3", null, [1]]) {
    const connection = answering({ read: { type: "read_ok", value } });
    const error = await assertRejects(
      () => gCounter.client(connection, DEFAULT_OPTIONS).invoke({ f: "read", value: null }),
      MalformedReplyError,
    );
    assertEquals(error.data.body, { type: "read_ok", value, in_reply_to: 1 });
  }
});
