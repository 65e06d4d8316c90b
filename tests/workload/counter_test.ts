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

function asked(workload: Workload, operations: number): Operation[] {
  const generator = workload.generator(DEFAULT_OPTIONS, new Random(3));
  return invocations(drive(generator, { concurrency: 5, operations }));
}

/** How often each value was added. */
function deltas(operations: readonly Operation[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { f, value } of operations) {
    if (f === "add") counts.set(value as number, (counts.get(value as number) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}

Deno.test("a pn-counter is read half of the time, and goes up or down by −5 to 4", () => {
  const operations = asked(pnCounter, 10_000);
  assertNear(operations.filter(({ f }) => f === "read").length, 5000, 150);
  assertEquals([...deltas(operations).keys()], [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4]);
  for (const count of deltas(operations).values()) assertNear(count, 500, 80);
});

Deno.test("a g-counter is read two times in three, and goes up by 0 to 4", () => {
  const operations = asked(gCounter, 9_000);
  assertNear(operations.filter(({ f }) => f === "read").length, 6000, 150);
  assertEquals([...deltas(operations).keys()], [0, 1, 2, 3, 4]);
  for (const count of deltas(operations).values()) assertNear(count, 600, 80);
});

Deno.test("in the end every worker reads once more", () => {
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

Deno.test("additions are sent as deltas, reads return the value", async () => {
  const connection = answering({
    add: { type: "add_ok" },
    read: { type: "read_ok", value: -12 },
  });
  const client = pnCounter.client(connection, DEFAULT_OPTIONS);
  assertEquals(await client.invoke({ f: "add", value: -3 }), { type: "ok" });
  assertEquals(await client.invoke({ f: "read", value: null }), { type: "ok", value: -12 });
  assertEquals(connection.requests, [{ type: "add", delta: -3 }, { type: "read" }]);
});

Deno.test("every error is thrown, even a definite one", async () => {
  const client = gCounter.client(refusing(14), DEFAULT_OPTIONS);
  await assertRejects(() => client.invoke({ f: "add", value: 1 }), RpcError);
  await assertRejects(() => client.invoke({ f: "read", value: null }), RpcError);
});

Deno.test("a value that is no integer is a malformed reply, and the checker can see it", async () => {
  for (const value of [1.5, "3", null, [1]]) {
    const connection = answering({ read: { type: "read_ok", value } });
    const error = await assertRejects(
      () => gCounter.client(connection, DEFAULT_OPTIONS).invoke({ f: "read", value: null }),
      MalformedReplyError,
    );
    assertEquals(error.data.body, { type: "read_ok", value, in_reply_to: 1 });
  }
});
