import { assert, assertEquals, assertNotEquals } from "std/testing";
import fc from "fast-check";
import { Double, parseJson, parseJsonWithDoubles, stringifyJson } from "../../../lib/base/mod.ts";
import { copyJson } from "../../../lib/workbench/sim/copy_json.ts";

function roundTrip(value: unknown): unknown {
  const text = stringifyJson(value) as string | undefined;
  return text === undefined ? undefined : parseJson(text);
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
});

Deno.test("copyJson equals a round trip through a line of JSON for any value", () => {
  fc.assert(
    fc.property(anything, (value) => {
      assertEquals(copyJson(value), roundTrip(value));
      assertEquals(stringifyJson(copyJson(value)), stringifyJson(roundTrip(value)));
    }),
    { seed: 5, numRuns: 2000, examples: [[{ ["__proto__"]: { a: [undefined] } }], [[-0, 0]]] },
  );
});

Deno.test("copyJson makes large integers bigints and minus zero zero, as a round trip does", () => {
  const values = [
    1e20,
    2 ** 53,
    -(2 ** 53),
    2 ** 53 - 1,
    1e21,
    0.5,
    NaN,
    Infinity,
    -0,
    7n,
    2n ** 70n,
  ];
  assertEquals(values.map((value) => copyJson(value)), values.map(roundTrip));
  assertEquals(copyJson(values), roundTrip(values));
  assert(Object.is(copyJson(-0), 0));
  assert(Object.is((copyJson([-0]) as number[])[0], 0));
  assert(Object.is((copyJson({ a: -0 }) as { a: number }).a, 0));
});

Deno.test("a copy shares no object or array with the original", () => {
  const original = { list: [1, [2, { deep: [3] }]], map: { a: { b: [] as number[] } } };
  const copy = copyJson(original) as typeof original;
  assertEquals(copy, original);
  copy.map.a.b.push(1);
  copy.list.push(4);
  (copy.list[1] as unknown[]).push(5);
  ((copy.list[1] as unknown[])[1] as { deep: number[] }).deep.push(6);
  assertEquals(original, { list: [1, [2, { deep: [3] }]], map: { a: { b: [] } } });
  assertNotEquals(copy, original);
});

Deno.test("a Double and raw JSON are copied as the reader of a line parses them", () => {
  const raw = (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON("3.0");
  const value = { a: new Double(1), b: [raw, 2.5, 1e21, new Double(1e300)], c: 7 };
  assertEquals(copyJson(value), { a: 1, b: [3, 2.5, 1e21, 1e300], c: 7 });
  assertEquals(copyJson(value, parseJsonWithDoubles), {
    a: new Double(1),
    b: [new Double(3), 2.5, new Double(1e21), new Double(1e300)],
    c: 7,
  });
});

Deno.test("objects that are not plain are copied as JSON writes them", () => {
  const custom = Object.assign(Object.create(null), { toJSON: () => "custom" });
  const values = [new Number(5), new String("x"), new Boolean(true), custom, { toJSON: () => [1] }];
  assertEquals(copyJson(values), [5, "x", true, "custom", [1]]);
  assertEquals(copyJson({ values }), { values: [5, "x", true, "custom", [1]] });
});
