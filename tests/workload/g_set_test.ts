import { assertEquals, assertRejects } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { RpcError } from "../../lib/wire/mod.ts";
import { gSet } from "../../lib/workload/g_set.ts";
import { DEFAULT_OPTIONS, MalformedReplyError } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";
import { drive, invocations } from "../support/drive_generator.ts";
import { answering, refusing } from "../support/scripted_connection.ts";

const options = { ...DEFAULT_OPTIONS, workload: "g-set" };

Deno.test("g-set generator adds 0, 1, 2, … in half of the operations and reads in the others", () => {
  const generator = gSet.generator(options, new Random(2));
  const invoked = invocations(drive(generator, { concurrency: 5, maxOperations: 2000 }));
  const added = invoked.filter(({ f }) => f === "add").map(({ value }) => value);
  assertEquals(added, added.map((_, index) => index));
  assertEquals(invoked.filter(({ f }) => f === "read").length, 2000 - added.length);
  assertNear(added.length, 1000, 70);
});

Deno.test("g-set final reads are not marked as final: set-full judges all reads alike", () => {
  const generator = gSet.finalGenerator?.(options, new Random(1), []);
  const invoked = invocations(
    drive(generator as NonNullable<typeof generator>, { concurrency: 2 }),
  );
  assertEquals(invoked.map(({ process, f, final }) => [process, f, final]), [
    [0, "read", undefined],
    [1, "read", undefined],
  ]);
});

Deno.test("g-set client adds and reads elements", async () => {
  const connection = answering({
    add: { type: "add_ok" },
    read: { type: "read_ok", value: [2, 1] },
  });
  const client = gSet.client(connection, options);
  assertEquals(await client.invoke({ f: "add", value: 7 }), { type: "ok" });
  assertEquals(await client.invoke({ f: "read", value: null }), { type: "ok", value: [2, 1] });
  assertEquals(connection.requests, [{ type: "add", element: 7 }, { type: "read" }]);
});

Deno.test("g-set client throws every error, even a definite error", async () => {
  for (const code of [11, 13]) {
    const client = gSet.client(refusing(code), options);
    for (const f of ["add", "read"]) {
      await assertRejects(() => client.invoke({ f, value: 1 }), RpcError);
    }
  }
});

Deno.test("g-set client throws for a malformed reply", async () => {
  const client = gSet.client(answering({ read: { type: "read_ok", value: 3 } }), options);
  await assertRejects(() => client.invoke({ f: "read", value: null }), MalformedReplyError);
});
