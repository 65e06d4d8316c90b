import { assertEquals, assertStringIncludes } from "std/testing";
import fc from "fast-check";
import { type Json, parseJson } from "../../lib/base/mod.ts";
import { type Infer, type Schema, schema } from "../../lib/wire/mod.ts";

/** Returns the problem that the schema finds in each value, or undefined; the path is `body`. */
function problems(validator: Schema<unknown>, values: readonly unknown[]): unknown[] {
  return values.map((value) => validator.problem(value, "body"));
}

function accepts(validator: Schema<unknown>, ...values: unknown[]): void {
  assertEquals(problems(validator, values), values.map(() => undefined));
}

Deno.test("json accepts any JSON value and rejects a missing value", () => {
  accepts(schema.json, null, false, 0, "", [], {}, 1n);
  fc.assert(fc.property(fc.jsonValue(), (value) => accepts(schema.json, value)), { seed: 1 });
  assertEquals(problems(schema.json, [undefined]), ["body must be any JSON value, but is missing"]);
});

Deno.test("json rejects infinite numbers and values nested too deep for recursion", () => {
  const large = parseJson('[1e400,-1e999,[1e400],{"a":{"b":[0,-1e400]}},1e308]') as Json[];
  accepts(schema.json, large.pop());
  assertEquals(
    problems(schema.json, large),
    large.map(() => "body contains a number beyond the range of a 64-bit float"),
  );
  const nested = (depth: number) => parseJson("[".repeat(depth) + "]".repeat(depth));
  accepts(schema.json, nested(1000));
  const deep = [nested(1001), nested(50_000)];
  assertEquals(
    problems(schema.json, deep),
    deep.map(() => "body nests deeper than the maximum of 1000 levels"),
  );
});

Deno.test("string accepts strings only", () => {
  accepts(schema.string, "", "text");
  assertEquals(problems(schema.string, [1, null, ["a"], undefined]), [
    "body must be a string, got 1",
    "body must be a string, got null",
    'body must be a string, got ["a"]',
    "body must be a string, but is missing",
  ]);
});

Deno.test("integer accepts the integers that a number holds exactly", () => {
  accepts(schema.integer, 0, -5, Number.MAX_SAFE_INTEGER, 1.0);
  assertEquals(problems(schema.integer, [1.5, "1", 2 ** 53, 2n ** 63n, null]), [
    "body must be an integer, got 1.5",
    'body must be an integer, got "1"',
    "body must be an integer, got 9007199254740992",
    "body must be an integer, got 9223372036854775808",
    "body must be an integer, got null",
  ]);
});

Deno.test("natural accepts the integers from 0", () => {
  accepts(schema.natural, 0, 1, Number.MAX_SAFE_INTEGER);
  assertEquals(problems(schema.natural, [-1, 0.5, "0"]), [
    "body must be an integer from 0, got -1",
    "body must be an integer from 0, got 0.5",
    'body must be an integer from 0, got "0"',
  ]);
});

Deno.test("number accepts any finite number", () => {
  accepts(schema.number, 0, -1.5, 1e300);
  assertEquals(problems(schema.number, ["1", true]), [
    'body must be a number, got "1"',
    "body must be a number, got true",
  ]);
  assertStringIncludes(String(schema.number.problem(parseJson("1e999"), "body")), "a number");
});

Deno.test("boolean accepts true and false only", () => {
  accepts(schema.boolean, true, false);
  assertEquals(problems(schema.boolean, [0, "true"]), [
    "body must be a boolean, got 0",
    'body must be a boolean, got "true"',
  ]);
});

Deno.test("literal accepts only its own value", () => {
  accepts(schema.literal("read"), "read");
  accepts(schema.literal(null), null);
  assertEquals(problems(schema.literal("read"), ["write", undefined]), [
    'body must be "read", got "write"',
    'body must be "read", but is missing',
  ]);
  assertEquals(problems(schema.literal(0), [false]), ["body must be 0, got false"]);
});

Deno.test("array reports the first invalid item with its index", () => {
  const integers = schema.array(schema.integer);
  accepts(integers, [], [1], [1, 2, 3]);
  assertEquals(problems(integers, [[1, "2", "3"], { length: 0 }, "12", null]), [
    'body[1] must be an integer, got "2"',
    'body must be an array (each item: an integer), got {"length":0}',
    'body must be an array (each item: an integer), got "12"',
    "body must be an array (each item: an integer), got null",
  ]);
  accepts(schema.array(integers), [[], [1]]);
  assertEquals(problems(schema.array(integers), [[[1], [2, null]]]), [
    "body[1][1] must be an integer, got null",
  ]);
});

Deno.test("tuple rejects arrays of another length and reports the first invalid item", () => {
  const append = schema.tuple(schema.literal("append"), schema.json, schema.integer);
  accepts(append, ["append", "k", 1], ["append", null, 1]);
  assertEquals(problems(append, [["append", "k"], ["r", "k", 1], ["append", "k", 1, 2], "a"]), [
    'body must be ["append", any JSON value, an integer], got ["append","k"]',
    'body[0] must be "append", got "r"',
    'body must be ["append", any JSON value, an integer], got ["append","k",1,2]',
    'body must be ["append", any JSON value, an integer], got "a"',
  ]);
});

Deno.test("record reports the first invalid value with its key", () => {
  const offsets = schema.record(schema.natural);
  accepts(offsets, {}, { k1: 0, "": 5 }, parseJson('{"__proto__":1}'));
  assertEquals(
    problems(offsets, [{ k1: 0, 'k"2': -1 }, [], null, parseJson('{"__proto__":"x"}')]),
    [
      'body["k\\"2"] must be an integer from 0, got -1',
      "body must be an object (each value: an integer from 0), got []",
      "body must be an object (each value: an integer from 0), got null",
      'body["__proto__"] must be an integer from 0, got "x"',
    ],
  );
});

Deno.test("optional accepts a missing value but neither null nor an invalid value", () => {
  const optional = schema.optional(schema.string);
  accepts(optional, undefined, "x");
  assertEquals(problems(optional, [null, 5]), [
    "body must be a string, got null",
    "body must be a string, got 5",
  ]);
  assertEquals(optional.expectation, "a string (optional)");
});

Deno.test("either accepts what a choice accepts, and reports all choices otherwise", () => {
  const either = schema.either(schema.literal(null), schema.integer, schema.array(schema.string));
  accepts(either, null, 5, ["a"]);
  assertEquals(problems(either, ["a", [1], undefined]), [
    'body must be null or an integer or an array (each item: a string), got "a"',
    "body must be null or an integer or an array (each item: a string), got [1]",
    "body must be null or an integer or an array (each item: a string), but is missing",
  ]);
});

Deno.test("object reports the first invalid field with its path and ignores unknown fields", () => {
  const read = schema.object({
    type: schema.literal("read_ok"),
    value: schema.object({ sum: schema.integer, note: schema.optional(schema.string) }),
  });
  accepts(read, { type: "read_ok", value: { sum: 1 }, msg_id: 5 });
  accepts(read, { value: { sum: 1, note: "x", more: null }, type: "read_ok" });
  assertEquals(
    problems(read, [
      { type: "read", value: { sum: 1 } },
      { type: "read_ok" },
      { type: "read_ok", value: { sum: "1" } },
      { type: "read_ok", value: { sum: 1, note: 2 } },
      [],
    ]),
    [
      'body.type must be "read_ok", got "read"',
      "body.value must be {sum: an integer, note: a string (optional)}, but is missing",
      'body.value.sum must be an integer, got "1"',
      "body.value.note must be a string, got 2",
      'body must be {type: "read_ok", value: {sum: an integer, note: a string (optional)}}, got []',
    ],
  );
});

Deno.test("a closed object rejects unknown fields", () => {
  const closed = schema.object({ type: schema.string, n: schema.optional(schema.integer) }, {
    closed: true,
  });
  accepts(closed, { type: "x" }, { type: "x", n: 1 });
  assertEquals(problems(closed, [{ type: "x", extra: 1 }, { type: 1, extra: 1 }]), [
    "body has an unknown field 'extra'; expected only type, n",
    "body.type must be a string, got 1",
  ]);
  assertEquals(
    closed.problem({ type: "x", toString: 1 }, "body"),
    "body has an unknown field 'toString'; expected only type, n",
  );
});

Deno.test("a problem quotes at most 120 characters of the value", () => {
  const problem = String(schema.integer.problem("x".repeat(5000), "body"));
  assertEquals(problem, `body must be an integer, got "${"x".repeat(119)}…`);
});

Deno.test("Infer gives the type that a schema validates", () => {
  const send = schema.object({
    key: schema.string,
    entries: schema.array(schema.tuple(schema.natural, schema.json)),
  });
  // A compile-time assertion: type-checking fails if the inferred type is another one.
  const value: Infer<typeof send> = { key: "k", entries: [[0, { any: "thing" }]] };
  accepts(send, value);
});
