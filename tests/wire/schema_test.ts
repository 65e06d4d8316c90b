import { assertEquals, assertStringIncludes } from "std/testing";
import fc from "fast-check";
import { type Json, parseJson } from "../../lib/base/mod.ts";
import { type Described, type Schema, schema } from "../../lib/wire/mod.ts";

/** What is wrong with values that are found at `body`. */
function problems(description: Schema<unknown>, values: readonly unknown[]): unknown[] {
  return values.map((value) => description.problem(value, "body"));
}

function accepts(description: Schema<unknown>, ...values: unknown[]): void {
  assertEquals(problems(description, values), values.map(() => undefined));
}

Deno.test("any JSON value will do for json, but there must be one", () => {
  accepts(schema.json, null, false, 0, "", [], {}, 1n);
  fc.assert(fc.property(fc.jsonValue(), (value) => accepts(schema.json, value)), { seed: 1 });
  assertEquals(problems(schema.json, [undefined]), ["body must be any JSON value, not missing"]);
});

Deno.test("json takes no number that would be written as null, and nothing too deep for recursion", () => {
  const large = parseJson('[1e400,-1e999,[1e400],{"a":{"b":[0,-1e400]}},1e308]') as Json[];
  accepts(schema.json, large.pop());
  assertEquals(
    problems(schema.json, large),
    large.map(() => "body holds a number that is too large"),
  );
  const nested = (depth: number) => parseJson("[".repeat(depth) + "]".repeat(depth));
  accepts(schema.json, nested(1000));
  const deep = [nested(1001), nested(50_000)];
  assertEquals(problems(schema.json, deep), deep.map(() => "body nests more than 1000 deep"));
});

Deno.test("a string is a string", () => {
  accepts(schema.string, "", "text");
  assertEquals(problems(schema.string, [1, null, ["a"], undefined]), [
    "body must be a string, not 1",
    "body must be a string, not null",
    'body must be a string, not ["a"]',
    "body must be a string, not missing",
  ]);
});

Deno.test("an integer is one that a number holds exactly", () => {
  accepts(schema.integer, 0, -5, Number.MAX_SAFE_INTEGER, 1.0);
  assertEquals(problems(schema.integer, [1.5, "1", 2 ** 53, 2n ** 63n, null]), [
    "body must be an integer, not 1.5",
    'body must be an integer, not "1"',
    "body must be an integer, not 9007199254740992",
    "body must be an integer, not 9223372036854775808",
    "body must be an integer, not null",
  ]);
});

Deno.test("a natural number is an integer from 0", () => {
  accepts(schema.natural, 0, 1, Number.MAX_SAFE_INTEGER);
  assertEquals(problems(schema.natural, [-1, 0.5, "0"]), [
    "body must be an integer from 0, not -1",
    "body must be an integer from 0, not 0.5",
    'body must be an integer from 0, not "0"',
  ]);
});

Deno.test("a number is any finite number", () => {
  accepts(schema.number, 0, -1.5, 1e300);
  assertEquals(problems(schema.number, ["1", true]), [
    'body must be a number, not "1"',
    "body must be a number, not true",
  ]);
  assertStringIncludes(String(schema.number.problem(parseJson("1e999"), "body")), "a number");
});

Deno.test("a boolean is true or false", () => {
  accepts(schema.boolean, true, false);
  assertEquals(problems(schema.boolean, [0, "true"]), [
    "body must be a boolean, not 0",
    'body must be a boolean, not "true"',
  ]);
});

Deno.test("a literal is exactly its value", () => {
  accepts(schema.literal("read"), "read");
  accepts(schema.literal(null), null);
  assertEquals(problems(schema.literal("read"), ["write", undefined]), [
    'body must be "read", not "write"',
    'body must be "read", not missing',
  ]);
  assertEquals(problems(schema.literal(0), [false]), ["body must be 0, not false"]);
});

Deno.test("an array's first wrong item is named by its index", () => {
  const integers = schema.array(schema.integer);
  accepts(integers, [], [1], [1, 2, 3]);
  assertEquals(problems(integers, [[1, "2", "3"], { length: 0 }, "12", null]), [
    'body[1] must be an integer, not "2"',
    'body must be an array of an integer, not {"length":0}',
    'body must be an array of an integer, not "12"',
    "body must be an array of an integer, not null",
  ]);
  accepts(schema.array(integers), [[], [1]]);
  assertEquals(problems(schema.array(integers), [[[1], [2, null]]]), [
    "body[1][1] must be an integer, not null",
  ]);
});

Deno.test("a tuple has just its items", () => {
  const append = schema.tuple(schema.literal("append"), schema.json, schema.integer);
  accepts(append, ["append", "k", 1], ["append", null, 1]);
  assertEquals(problems(append, [["append", "k"], ["r", "k", 1], ["append", "k", 1, 2], "a"]), [
    'body must be ["append", any JSON value, an integer], not ["append","k"]',
    'body[0] must be "append", not "r"',
    'body must be ["append", any JSON value, an integer], not ["append","k",1,2]',
    'body must be ["append", any JSON value, an integer], not "a"',
  ]);
});

Deno.test("a record's first wrong value is named by its key", () => {
  const offsets = schema.record(schema.natural);
  accepts(offsets, {}, { k1: 0, "": 5 }, parseJson('{"__proto__":1}'));
  assertEquals(
    problems(offsets, [{ k1: 0, 'k"2': -1 }, [], null, parseJson('{"__proto__":"x"}')]),
    [
      'body["k\\"2"] must be an integer from 0, not -1',
      "body must be an object of an integer from 0 by key, not []",
      "body must be an object of an integer from 0 by key, not null",
      'body["__proto__"] must be an integer from 0, not "x"',
    ],
  );
});

Deno.test("an optional value may be missing, but not null or wrong", () => {
  const optional = schema.optional(schema.string);
  accepts(optional, undefined, "x");
  assertEquals(problems(optional, [null, 5]), [
    "body must be a string, not null",
    "body must be a string, not 5",
  ]);
  assertEquals(optional.expectation, "a string or nothing");
});

Deno.test("either takes what one of its choices takes, and names them all", () => {
  const either = schema.either(schema.literal(null), schema.integer, schema.array(schema.string));
  accepts(either, null, 5, ["a"]);
  assertEquals(problems(either, ["a", [1], undefined]), [
    'body must be null or an integer or an array of a string, not "a"',
    "body must be null or an integer or an array of a string, not [1]",
    "body must be null or an integer or an array of a string, not missing",
  ]);
});

Deno.test("an object's first wrong field is named by its path, and strangers are let pass", () => {
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
      'body.type must be "read_ok", not "read"',
      "body.value must be {sum: an integer, note: a string or nothing}, not missing",
      'body.value.sum must be an integer, not "1"',
      "body.value.note must be a string, not 2",
      'body must be {type: "read_ok", value: {sum: an integer, note: a string or nothing}}, not []',
    ],
  );
});

Deno.test("a closed object refuses fields it does not know", () => {
  const closed = schema.object({ type: schema.string, n: schema.optional(schema.integer) }, {
    closed: true,
  });
  accepts(closed, { type: "x" }, { type: "x", n: 1 });
  assertEquals(problems(closed, [{ type: "x", extra: 1 }, { type: 1, extra: 1 }]), [
    "body must not have a field 'extra'",
    "body.type must be a string, not 1",
  ]);
  assertEquals(
    closed.problem({ type: "x", toString: 1 }, "body"),
    [
      "body must not have a field 'toString'",
    ][0],
  );
});

Deno.test("a long value is cut short in the message", () => {
  const problem = String(schema.integer.problem("x".repeat(5000), "body"));
  assertEquals(problem, `body must be an integer, not "${"x".repeat(119)}…`);
});

Deno.test("a schema carries the type that it describes", () => {
  const send = schema.object({
    key: schema.string,
    entries: schema.array(schema.tuple(schema.natural, schema.json)),
  });
  // Holds at compile time: this would not type-check if the described type were another.
  const value: Described<typeof send> = { key: "k", entries: [[0, { any: "thing" }]] };
  accepts(send, value);
});
