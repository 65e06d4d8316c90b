import { assert, assertEquals, assertNotEquals } from "std/testing";
import fc from "fast-check";
import { parseJson, stringifyJson } from "../../../lib/base/mod.ts";
import { copyJson } from "../../../lib/workbench/sim/copy_json.ts";

function throughALine(value: unknown): unknown {
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

Deno.test("a copy is what comes out of a line of JSON, whatever the value", () => {
  fc.assert(
    fc.property(anything, (value) => {
      assertEquals(copyJson(value), throughALine(value));
      assertEquals(stringifyJson(copyJson(value)), stringifyJson(throughALine(value)));
    }),
    { seed: 5, numRuns: 2000, examples: [[{ ["__proto__"]: { a: [undefined] } }], [[-0, 0]]] },
  );
});

Deno.test("numbers come out as a line would bring them: large integers as bigint, no minus zero", () => {
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
  assertEquals(values.map(copyJson), values.map(throughALine));
  assertEquals(copyJson(values), throughALine(values));
  assert(Object.is(copyJson(-0), 0));
});

Deno.test("nothing of a copy is shared with the original", () => {
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
