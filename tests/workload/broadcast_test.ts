import { assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { broadcast } from "../../lib/workload/broadcast.ts";
import { DEFAULT_OPTIONS, MalformedReplyError, nodeIds } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";
import { drive, invocations } from "../support/drive_generator.ts";
import { answering, refusing, ScriptedConnection } from "../support/scripted_connection.ts";

const options = { ...DEFAULT_OPTIONS, workload: "broadcast", nodes: nodeIds(3), concurrency: 3 };

Deno.test("broadcast generator adds 0, 1, 2, … in half of the operations and reads in the others", () => {
  const generator = broadcast.generator(options, new Random(1));
  const invoked = invocations(drive(generator, { concurrency: 3, maxOperations: 2000 }));
  const values = invoked.filter(({ f }) => f === "broadcast").map(({ value }) => value);
  assertEquals(values, values.map((_, index) => index));
  assertEquals(
    invoked.filter(({ f, value }) => f === "read" && value === null).length,
    2000 - values.length,
  );
  assertNear(values.length, 1000, 70);
});

Deno.test("broadcast final phase has one read per worker", () => {
  const generator = broadcast.finalGenerator?.(options, new Random(1), []);
  const history = drive(generator as NonNullable<typeof generator>, { concurrency: 3 });
  assertEquals(
    history.map(({ type, process, f, value, final }) => [type, process, f, value, final]),
    [0, 1, 2].flatMap((process) => [
      ["invoke", process, "read", null, true],
      ["ok", process, "read", null, true],
    ]),
  );
});

Deno.test("broadcast setup sends the whole topology to each node", async () => {
  const connections = [0, 1, 2].map(() => answering({ topology: { type: "topology_ok" } }));
  await broadcast.setUp?.(connections, { ...options, topology: "line" });
  const topology = { n0: ["n1"], n1: ["n0", "n2"], n2: ["n1"] };
  for (const { requests } of connections) assertEquals(requests, [{ type: "topology", topology }]);
});

Deno.test("broadcast client sends values unchanged and returns the list of a read", async () => {
  const connection = answering({
    broadcast: { type: "broadcast_ok" },
    read: { type: "read_ok", messages: [3, "x", null] },
  });
  const client = broadcast.client(connection, options);
  assertEquals(await client.invoke({ f: "broadcast", value: 3 }), { type: "ok" });
  assertEquals(await client.invoke({ f: "read", value: null }), {
    type: "ok",
    value: [3, "x", null],
  });
  assertEquals(connection.requests, [{ type: "broadcast", message: 3 }, { type: "read" }]);
});

Deno.test("broadcast client treats a list written as null as empty", async () => {
  const client = broadcast.client(
    answering({ read: { type: "read_ok", messages: null } }),
    options,
  );
  assertEquals(await client.invoke({ f: "read", value: null }), { type: "ok", value: [] });
});

Deno.test("any error ends a read `fail`; only a definite error ends a broadcast `fail`", async () => {
  const invoke = (f: string, code: number) =>
    broadcast.client(refusing(code), options).invoke({ f, value: f === "read" ? null : 1 });
  const named = (type: "fail" | "info", name: string) => ({ type, error: [name, "no"] });
  assertEquals(await invoke("read", 13), named("fail", "crash"));
  assertEquals(await invoke("read", 11), named("fail", "temporarily-unavailable"));
  assertEquals(await invoke("broadcast", 11), named("fail", "temporarily-unavailable"));
  assertEquals(await invoke("broadcast", 13), named("info", "crash"));
  assertEquals(await invoke("broadcast", 1001), named("info", "unknown"));
});

Deno.test("broadcast client reports a request without a reply as net-timeout", async () => {
  const client = broadcast.client(new ScriptedConnection(() => undefined), options);
  assertEquals(await client.invoke({ f: "read", value: null }), {
    type: "fail",
    error: "net-timeout",
  });
  assertEquals(await client.invoke({ f: "broadcast", value: 1 }), {
    type: "info",
    error: "net-timeout",
  });
});

Deno.test("error for a malformed reply shows request, reply and expected form", async () => {
  const malformed = [
    { type: "read_ok" },
    { type: "read_ok", messages: { a: 1 } },
    { type: "read_ok", messages: [1], extra: true },
    { type: "broadcast_ok" },
  ];
  for (const reply of malformed) {
    const client = broadcast.client(new ScriptedConnection(() => reply), options);
    const error = await assertRejects(
      () => client.invoke({ f: "read", value: null }),
      MalformedReplyError,
    );
    assertStringIncludes(error.message, '{"type":"read"}');
    assertStringIncludes(error.message, JSON.stringify(reply).slice(0, -1));
    assertStringIncludes(error.message, "messages: an array");
    assertEquals(error.data, {
      type: "malformed-rpc-response",
      body: { ...reply, in_reply_to: 1 },
    });
  }
});
