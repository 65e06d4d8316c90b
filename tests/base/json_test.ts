import { assert, assertEquals, assertNotEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import {
  canonicalJson,
  Double,
  isJsonObject,
  type Json,
  jsonEquals,
  nestsDeeperThan,
  parseJson,
  parseJsonWithDoubles,
  stringifyJson,
} from "../../lib/base/mod.ts";

/** Any JSON value. Its leaves include integers of more than 53 bits. */
const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, false, 0, 1, "", "a"),
    fc.string({ unit: "binary" }),
    fc.integer(),
    // stringifyJson writes −0 as 0, so −0 does not survive a round trip.
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

/** Returns the value with the keys of all objects in reverse order. */
function reversedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, part]) => [key, reversedKeys(part)]),
  );
}

Deno.test("values survive a round trip, including integers of any size", () => {
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

Deno.test("integers up to 2^53 - 1 and fractions are parsed as numbers", () => {
  assertEquals(parseJson("9007199254740991"), 9007199254740991);
  assertEquals(parseJson("9007199254740992"), 9007199254740992n);
  assertEquals(parseJson("-9007199254740991"), -9007199254740991);
  assertEquals(parseJson("[1.5e20,1000000000000000.5,0.1234567890123456]"), [
    1.5e20,
    1000000000000000.5,
    0.1234567890123456,
  ]);
});

Deno.test("a large integer keeps its digits at any offset in the text", () => {
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

Deno.test("long runs of digits in strings and keys remain strings", () => {
  const value = { "12345678901234567890": "98765432109876543210", id: 12345678901234567890n };
  assertEquals(parseJson(stringifyJson(value)), value);
});

Deno.test("parseJson throws a SyntaxError on invalid JSON, with and without large integers", () => {
  for (const text of ["", "{", "nil", "[1,]", "{'a':1}", "[12345678901234567890", "1n"]) {
    assertThrows(() => parseJson(text), SyntaxError);
  }
});

Deno.test("a key named __proto__ is ordinary data", () => {
  const text = '{"__proto__":{"admin":true},"n":12345678901234567890}';
  assertEquals(stringifyJson(parseJson(text)), text);
  assertEquals((parseJson(text) as { admin?: Json }).admin, undefined);
});

Deno.test("stringifyJson indents over several lines on request", () => {
  assertEquals(stringifyJson({ a: [1n, 2] }, 2), '{\n  "a": [\n    1,\n    2\n  ]\n}');
});

Deno.test("canonicalJson sorts keys at every depth and keeps the order of arrays", () => {
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

Deno.test("jsonEquals agrees with equality of canonical texts", () => {
  fc.assert(
    fc.property(anyJson, anyJson, (a, b) => {
      assert(jsonEquals(a, reversedKeys(a)));
      assertEquals(jsonEquals(a, b), canonicalJson(a) === canonicalJson(b));
    }),
    { seed: 4, numRuns: 2000 },
  );
});

Deno.test("values of different type, length, keys or nesting are unequal", () => {
  const values: Json[] = [null, false, 0, 1, "", "0", "1", "null", [], {}, [0], [[]], [0, 0]];
  values.push({ a: 1 }, { b: 1 }, { a: 1, b: 1 }, { a: null }, { "0": 0 }, ["a"], "[]", 1n << 60n);
  for (const [index, a] of values.entries()) {
    for (const [other, b] of values.entries()) {
      assertEquals(jsonEquals(a, b), index === other, `${stringifyJson(a)} ${stringifyJson(b)}`);
    }
  }
});

Deno.test("a number and a bigint of the same integer are equal", () => {
  assert(jsonEquals(1e20, 100000000000000000000n));
  assert(jsonEquals([100000000000000000000n], [1e20]));
  assert(!jsonEquals(1e20, 100000000000000000001n));
  assert(!jsonEquals("1", 1n));
});

function depthOf(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

Deno.test("nestsDeeperThan agrees with the depth of the parsed value", () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const depth = depthOf(value);
      // Padding defeats the shortcut for short texts without changing the depth.
      const text = stringifyJson(value) + " ".repeat(20);
      assert(!nestsDeeperThan(text, depth), text);
      assertEquals(depth > 0 && nestsDeeperThan(text, depth - 1), depth > 0, text);
    }),
    { seed: 6, numRuns: 2000 },
  );
  assert(!nestsDeeperThan('["[[[[", "\\\\", "\\"[[[[", "[[[["]', 1));
  assert(nestsDeeperThan("[".repeat(100_000), 1000));
});

Deno.test("isJsonObject rejects null, arrays and primitive values", () => {
  assertEquals([{}, { a: 1 }].map(isJsonObject), [true, true]);
  assertEquals([null, [], "", 0, undefined, 1n].map(isJsonObject), new Array(6).fill(false));
  assertNotEquals(canonicalJson([]), canonicalJson({}));
});

Deno.test("parseJsonWithDoubles keeps that an integer was written as a fraction or with an exponent", () => {
  const parse = parseJsonWithDoubles as (text: string) => unknown;
  for (
    const text of ["1.0", "10.0", "1e0", "1E2", "100e-2", "1.5e1", "-3.00", "1e300", "0.0", "0e7"]
  ) {
    assertEquals(parse(text), new Double(Number(text)), text);
    assertEquals(parse(` ${text}`), new Double(Number(text)), text);
    assertEquals(parse(`["e",1,${text},"E"]`), ["e", 1, new Double(Number(text)), "E"], text);
    assertEquals(parse(`{"a":${text}}`), { a: new Double(Number(text)) }, text);
    assertEquals(parse(`{"a": [${text} ]}`), { a: [new Double(Number(text))] }, text);
  }
  for (const text of ["1", "-7", "0", "1.5", "1.05", "15e-1", "1e400", '"1.0"', '"1e2"', "true"]) {
    assertEquals(parse(text), JSON.parse(text), text);
    assertEquals(parse(`[0.0,${text}]`), [new Double(0), JSON.parse(text)], text);
  }
  assertEquals(parse("[1.0,12345678901234567890]"), [new Double(1), 12345678901234567890n]);
  assertThrows(() => parse("1.0.0"), SyntaxError);
});

Deno.test("parseJsonWithDoubles equals parseJson on what stringifyJson writes, but for huge numbers", () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = stringifyJson(value);
      fc.pre(!/[0-9]e\+/.test(text));
      assertEquals(parseJsonWithDoubles(text), parseJson(text));
    }),
    { seed: 9, numRuns: 1000 },
  );
});

Deno.test("a Double is written as a fraction, equals only a Double, and is not an object", () => {
  const one = new Double(1) as unknown as Json;
  const huge = new Double(1e21);
  assertEquals(stringifyJson({ a: [one, 10n] }), '{"a":[1.0,10]}');
  assertEquals([String(one), String(huge), String(new Double(-0))], ["1.0", "1e+21", "0.0"]);
  assertEquals(parseJsonWithDoubles(stringifyJson(huge)), huge as unknown as Json);
  assertEquals(canonicalJson({ b: one, a: 1 }), '{"a":1,"b":1.0}');
  assert(!isJsonObject(one));
  assert(jsonEquals([one], [new Double(1) as unknown as Json]));
  for (const other of [1, 1n, "1.0", null, {}, [], new Double(2) as unknown as Json]) {
    assert(!jsonEquals(one, other) && !jsonEquals(other, one), stringifyJson(other));
  }
  assert(new Double(2) > new Double(1) && Number(new Double(2)) === 2);
});
