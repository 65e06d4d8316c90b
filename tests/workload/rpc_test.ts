import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "std/testing";
import { RpcError, schema } from "../../lib/wire/mod.ts";
import { defineRpc, MalformedReplyError, withErrors } from "../../lib/workload/mod.ts";
import { answering } from "../support/scripted_connection.ts";

const endpoint = {
  type: "get",
  request: { key: schema.string },
  reply: { value: schema.integer },
} as const;
const getRpc = defineRpc(endpoint);

Deno.test("call sends the request's fields and returns the reply", async () => {
  const connection = answering({ get: { type: "get_ok", value: 3, msg_id: 9 } });
  const reply = await getRpc(connection, { key: "a" }, 250);
  assertEquals(reply.value, 3);
  assertEquals(connection.requests, [{ type: "get", key: "a" }]);
  assertEquals(connection.timeouts, [250]);
});

Deno.test("invalid request is a TypeError, not a malformed reply", () => {
  const connection = answering({});
  assertThrows(
    () => getRpc(connection, JSON.parse('{"key":1}')),
    TypeError,
    "get.key must be a string",
  );
  assertThrows(
    () => getRpc(connection, JSON.parse('{"key":"a","other":1}')),
    TypeError,
    "unknown field 'other'",
  );
});

Deno.test("call can be defined by its fields alone, and records a malformed reply", async () => {
  const rpc = defineRpc("get", endpoint.request, endpoint.reply);
  const reply = { type: "get_ok", value: "3", in_reply_to: 1 };
  const error = await assertRejects(
    () => rpc(answering({ get: reply }), { key: "a" }),
    MalformedReplyError,
  );
  assertEquals(error.data, { type: "malformed-rpc-response", body: reply });
});

Deno.test("reply of another type, without a field or with an unknown field is malformed", async () => {
  const malformed = [
    { type: "set_ok", value: 3 },
    { type: "get_ok" },
    { type: "get_ok", value: "3" },
    { type: "get_ok", value: 3, note: "hello" },
  ];
  for (const reply of malformed) {
    const error = await assertRejects(
      () => getRpc(answering({ get: reply }), { key: "a" }),
      MalformedReplyError,
    );
    assertStringIncludes(error.message, '{"key":"a","type":"get"}');
    assertStringIncludes(error.message, "value: an integer");
    assertStringIncludes(error.message, "This reply is malformed: ");
  }
});

Deno.test("tolerant call sends and accepts more than the contract allows", async () => {
  const tolerantRpc = defineRpc(endpoint, {
    sends: { key: schema.json },
    accepts: { value: schema.either(schema.integer, schema.literal(null)) },
  });
  const connection = answering({ get: { type: "get_ok", value: null } });
  const { value }: { value: number | null } = await tolerantRpc(connection, { key: [1] });
  assertEquals(value, null);
  assertEquals(connection.requests, [{ type: "get", key: [1] }]);
});

Deno.test("error for a malformed reply shows all digits of a large integer", async () => {
  const reply = { type: "get_ok", value: 12345678901234567890n };
  const error = await assertRejects(
    () => getRpc(answering({ get: reply }), { key: "a" }),
    MalformedReplyError,
  );
  assertStringIncludes(error.message, '"value":12345678901234567890');
});

Deno.test("definite error, or any error of an idempotent operation, ends an operation `fail`", async () => {
  const completion = (code: number, idempotent: boolean) =>
    withErrors(idempotent, () => Promise.reject(new RpcError(code, "no")));
  assertEquals(await completion(11, false), {
    type: "fail",
    error: ["temporarily-unavailable", "no"],
  });
  assertEquals(await completion(13, false), { type: "info", error: ["crash", "no"] });
  assertEquals(await completion(13, true), { type: "fail", error: ["crash", "no"] });
  assertEquals(await completion(0, false), { type: "info", error: "net-timeout" });
  assertEquals(await completion(0, true), { type: "fail", error: "net-timeout" });
});

Deno.test("withErrors rethrows errors that are not error replies", async () => {
  await assertRejects(
    () => withErrors(true, () => Promise.reject(new TypeError("a bug"))),
    TypeError,
    "a bug",
  );
});
