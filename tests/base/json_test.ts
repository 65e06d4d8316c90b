import { assert, assertEquals, assertNotEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import {
  canonicalJson,
  isJsonObject,
  type Json,
  jsonEquals,
  nestsDeeperThan,
  parseJson,
  stringifyJson,
} from "../../lib/base/mod.ts";

/** Any JSON value, with integers of more than 53 bits among its leaves. */
const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, false, 0, 1, "", "a"),
    fc.string({ unit: "binary" }),
    fc.integer(),
    // JSON has no −0: it is read back as it was written, as 0.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x === 0 ? 0 : x),
    largeInteger(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

function largeInteger(): fc.Arbitrary<bigint> {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return fc.oneof(fc.bigInt({ min: limit + 1n }), fc.bigInt({ max: -limit - 1n }));
}

/** The same value with the keys of all objects the other way round. */
function reversedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, part]) => [key, reversedKeys(part)]),
  );
}

Deno.test("what is written is read back equal, integers of any size included", () => {
  fc.assert(
    fc.property(largeInteger(), (large) => {
      assertEquals(parseJson(stringifyJson(large)), large);
      assertEquals(stringifyJson(large), large.toString());
      assertEquals(parseJson(`{"a":[${large},1]}`), { a: [large, 1] });
    }),
    { seed: 1 },
  );
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = stringifyJson(value);
      assert(!text.includes("\n"), "one line");
      const back = parseJson(text);
      assert(jsonEquals(back, value), text);
      assertEquals(stringifyJson(back), text);
    }),
    { seed: 2, numRuns: 1000 },
  );
});

Deno.test("neighbouring 64-bit ids stay distinct", () => {
  const ids = parseJson("[9223372036854775807,9223372036854775806,-9223372036854775808]");
  assertEquals(ids, [9223372036854775807n, 9223372036854775806n, -9223372036854775808n]);
  assertEquals(new Set((ids as Json[]).map(canonicalJson)).size, 3);
  assertEquals(
    stringifyJson(ids),
    "[9223372036854775807,9223372036854775806,-9223372036854775808]",
  );
});

Deno.test("numbers that a number can hold are numbers, at the very edge too", () => {
  assertEquals(parseJson("9007199254740991"), 9007199254740991);
  assertEquals(parseJson("9007199254740992"), 9007199254740992n);
  assertEquals(parseJson("-9007199254740991"), -9007199254740991);
  assertEquals(parseJson("[1.5e20,1000000000000000.5,0.1234567890123456]"), [
    1.5e20,
    1000000000000000.5,
    0.1234567890123456,
  ]);
});

Deno.test("a large integer keeps its digits wherever in the text it stands", () => {
  for (let digits = 15; digits <= 40; digits++) {
    const large = BigInt("9".repeat(digits));
    const expected = digits === 15 ? Number(large) : large;
    for (let before = 0; before < 34; before++) {
      for (const after of ["", " ".repeat(34)]) {
        assertEquals(parseJson(`${" ".repeat(before)}${large}${after}`), expected);
      }
    }
  }
});

Deno.test("long rows of digits in strings and keys are left alone", () => {
  const value = { "12345678901234567890": "98765432109876543210", id: 12345678901234567890n };
  assertEquals(parseJson(stringifyJson(value)), value);
});

Deno.test("a text that is no JSON throws a SyntaxError, with and without long numbers", () => {
  for (const text of ["", "{", "nil", "[1,]", "{'a':1}", "[12345678901234567890", "1n"]) {
    assertThrows(() => parseJson(text), SyntaxError);
  }
});

Deno.test("a key called __proto__ is data like any other", () => {
  const text = '{"__proto__":{"admin":true},"n":12345678901234567890}';
  assertEquals(stringifyJson(parseJson(text)), text);
  assertEquals((parseJson(text) as { admin?: Json }).admin, undefined);
});

Deno.test("an indent spreads the text over lines without changing the value", () => {
  assertEquals(stringifyJson({ a: [1n, 2] }, 2), '{\n  "a": [\n    1,\n    2\n  ]\n}');
});

Deno.test("the canonical text sorts keys at every depth and keeps the order of arrays", () => {
  assertEquals(
    canonicalJson({ b: [{ z: 1, a: null }, 3, 2], a: "ü", "10": true, "9": 1n }),
    '{"10":true,"9":1,"a":"ü","b":[{"a":null,"z":1},3,2]}',
  );
  fc.assert(
    fc.property(anyJson, (value) => {
      assertEquals(canonicalJson(reversedKeys(value)), canonicalJson(value));
      assert(jsonEquals(parseJson(canonicalJson(value)), value));
    }),
    { seed: 3, numRuns: 500 },
  );
});

Deno.test("values are equal exactly when their canonical texts are", () => {
  fc.assert(
    fc.property(anyJson, anyJson, (a, b) => {
      assert(jsonEquals(a, reversedKeys(a)));
      assertEquals(jsonEquals(a, b), canonicalJson(a) === canonicalJson(b));
    }),
    { seed: 4, numRuns: 2000 },
  );
});

Deno.test("values that differ in kind, length, keys or nesting are not equal", () => {
  const values: Json[] = [null, false, 0, 1, "", "0", "1", "null", [], {}, [0], [[]], [0, 0]];
  values.push({ a: 1 }, { b: 1 }, { a: 1, b: 1 }, { a: null }, { "0": 0 }, ["a"], "[]", 1n << 60n);
  for (const [index, a] of values.entries()) {
    for (const [other, b] of values.entries()) {
      assertEquals(jsonEquals(a, b), index === other, `${stringifyJson(a)} ${stringifyJson(b)}`);
    }
  }
});

Deno.test("a number and a bigint are equal when they are the same integer", () => {
  assert(jsonEquals(1e20, 100000000000000000000n));
  assert(jsonEquals([100000000000000000000n], [1e20]));
  assert(!jsonEquals(1e20, 100000000000000000001n));
  assert(!jsonEquals("1", 1n));
});

function depthOf(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

Deno.test("a text is found to nest as deep as its value does", () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const depth = depthOf(value);
      // What is short is not looked at, so it is made long without being made deeper.
      const text = stringifyJson(value) + " ".repeat(20);
      assert(!nestsDeeperThan(text, depth), text);
      assertEquals(depth > 0 && nestsDeeperThan(text, depth - 1), depth > 0, text);
    }),
    { seed: 6, numRuns: 2000 },
  );
  assert(!nestsDeeperThan('["[[[[", "\\\\", "\\"[[[[", "[[[["]', 1));
  assert(nestsDeeperThan("[".repeat(100_000), 1000));
});

Deno.test("only objects are objects", () => {
  assertEquals([{}, { a: 1 }].map(isJsonObject), [true, true]);
  assertEquals([null, [], "", 0, undefined, 1n].map(isJsonObject), new Array(6).fill(false));
  assertNotEquals(canonicalJson([]), canonicalJson({}));
});
