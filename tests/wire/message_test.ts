import { assert, assertEquals, assertStrictEquals, assertThrows } from "std/testing";
import { type Json, parseJson } from "../../lib/base/mod.ts";
import {
  involvesClient,
  isClientId,
  MalformedMessageError,
  toMessage,
} from "../../lib/wire/mod.ts";

function rejection(value: unknown): string {
  const error = assertThrows(() => toMessage(value), MalformedMessageError);
  assertEquals(error.name, "MalformedMessageError");
  return error.message;
}

Deno.test("toMessage returns a valid message unchanged, including its other fields", () => {
  const messages: Json[] = [
    { src: "c1", dest: "n1", body: { type: "echo", echo: [1, { a: null }], msg_id: 1 } },
    { src: "n1", dest: "c1", body: { type: "echo_ok", msg_id: 0, in_reply_to: 1 } },
    { src: "n1", dest: "n2", body: { type: "gossip" }, id: 5 },
    { src: "", dest: "", body: { type: "", in_reply_to: -1 } },
  ];
  for (const message of messages) {
    const copy = structuredClone(message);
    assertStrictEquals<unknown>(toMessage(message), message);
    assertEquals(message, copy);
  }
});

Deno.test("toMessage rejects a value that is not an object", () => {
  for (const value of [null, [], [{}], "text", 1, true, undefined]) {
    assert(rejection(value).startsWith("a message must be a JSON object, got the line"));
  }
});

Deno.test("toMessage names a missing or invalid field", () => {
  const body = { type: "read" };
  const invalid: [Json, string][] = [
    [{ dest: "n1", body }, "'src' must be a string"],
    [{ src: 1, dest: "n1", body }, "'src' must be a string"],
    [{ src: null, dest: "n1", body }, "'src' must be a string"],
    [{ src: "c1", body }, "'dest' must be a string"],
    [{ src: "c1", dest: ["n1"], body }, "'dest' must be a string"],
    [{ src: "c1", dest: "n1" }, "'body' must be a JSON object"],
    [{ src: "c1", dest: "n1", body: null }, "'body' must be a JSON object"],
    [{ src: "c1", dest: "n1", body: [] }, "'body' must be a JSON object"],
    [{ src: "c1", dest: "n1", body: "read" }, "'body' must be a JSON object"],
    [{ src: "c1", dest: "n1", body: {} }, "'body.type' must be a string"],
    [{ src: "c1", dest: "n1", body: { type: 3 } }, "'body.type' must be a string"],
    [{ src: "c1", dest: "n1", body: { type: null } }, "'body.type' must be a string"],
  ];
  for (const id of ["1", 1.5, true, [], {}, 2n ** 63n]) {
    invalid.push(
      [
        { src: "c1", dest: "n1", body: { ...body, msg_id: id } },
        "'body.msg_id' must be an integer",
      ],
      [
        { src: "c1", dest: "n1", body: { ...body, in_reply_to: id } },
        "'body.in_reply_to' must be an integer",
      ],
    );
  }
  for (const [value, problem] of invalid) {
    const text = rejection(value);
    assert(text.startsWith(`${problem}, got the line {`), text);
  }
});

Deno.test("toMessage deletes ids that are null", () => {
  const line = '{"src":"n1","dest":"n2","body":{"type":"x","msg_id":null,"in_reply_to":null}}';
  assertEquals(toMessage(parseJson(line)), { src: "n1", dest: "n2", body: { type: "x" } });
});

Deno.test("the error quotes the line, shortened to 200 characters", () => {
  assertEquals(
    rejection(parseJson('{"src":12345678901234567890}')),
    `'src' must be a string, got the line {"src":12345678901234567890}`,
  );
  const text = rejection({ src: "c1", dest: "n1", body: "x".repeat(10_000) });
  assert(text.length < 300 && text.endsWith("xxx…"), text);
});

Deno.test("isClientId recognises the ids that start with c", () => {
  assertEquals(["c", "c0", "c12", "cat"].map(isClientId), [true, true, true, true]);
  assertEquals(["n0", "", "C1", "lin-kv", "nc"].map(isClientId), new Array(5).fill(false));
});

Deno.test("involvesClient checks the sender and the receiver", () => {
  assert(involvesClient({ src: "c1", dest: "n1" }));
  assert(involvesClient({ src: "n1", dest: "c1" }));
  assert(!involvesClient({ src: "n1", dest: "n2" }));
  assert(!involvesClient({ src: "n1", dest: "seq-kv" }));
});
