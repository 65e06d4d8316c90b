import { assert, assertEquals, assertStrictEquals, assertThrows } from "std/testing";
import { type Json, parseJson } from "../../lib/base/mod.ts";
import {
  involvesClient,
  isClientId,
  MalformedMessageError,
  toMessage,
} from "../../lib/wire/mod.ts";

function refusal(value: unknown): string {
  const error = assertThrows(() => toMessage(value), MalformedMessageError);
  assertEquals(error.name, "MalformedMessageError");
  return error.message;
}

Deno.test("a well-formed message is taken as it is, with whatever else it holds", () => {
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

Deno.test("a value that is no object is refused", () => {
  for (const value of [null, [], [{}], "text", 1, true, undefined]) {
    assert(refusal(value).startsWith("a message must be a JSON object, but the line was"));
  }
});

Deno.test("a missing or wrong part is named", () => {
  const body = { type: "read" };
  const wrong: [Json, string][] = [
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
    wrong.push(
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
  for (const [value, problem] of wrong) {
    const text = refusal(value);
    assert(text.startsWith(`${problem}, but the line was {`), text);
  }
});

Deno.test("an id that is null counts as none", () => {
  const line = '{"src":"n1","dest":"n2","body":{"type":"x","msg_id":null,"in_reply_to":null}}';
  assertEquals(toMessage(parseJson(line)), { src: "n1", dest: "n2", body: { type: "x" } });
});

Deno.test("the error shows the line as it came, cut short when it is long", () => {
  assertEquals(
    refusal(parseJson('{"src":12345678901234567890}')),
    `'src' must be a string, but the line was {"src":12345678901234567890}`,
  );
  const text = refusal({ src: "c1", dest: "n1", body: "x".repeat(10_000) });
  assert(text.length < 300 && text.endsWith("xxx…"), text);
});

Deno.test("clients are told by the first letter of their ids", () => {
  assertEquals(["c", "c0", "c12", "cat"].map(isClientId), [true, true, true, true]);
  assertEquals(["n0", "", "C1", "lin-kv", "nc"].map(isClientId), new Array(5).fill(false));
});

Deno.test("a message involves a client when either end is one", () => {
  assert(involvesClient({ src: "c1", dest: "n1" }));
  assert(involvesClient({ src: "n1", dest: "c1" }));
  assert(!involvesClient({ src: "n1", dest: "n2" }));
  assert(!involvesClient({ src: "n1", dest: "seq-kv" }));
});
