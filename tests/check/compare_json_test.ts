import { assertEquals } from "std/testing";
import fc from "fast-check";
import { clojureCanOrder, compareJson } from "../../lib/check/compare_json.ts";

Deno.test("compareJson orders values by kind, then within each kind", () => {
  const ordered = [
    null,
    false,
    true,
    -1,
    0.5,
    2n ** 60n,
    "",
    "10",
    "9",
    [],
    [9],
    [1, 1],
    [1, 2],
    [2, 1],
    { a: 1 },
    { a: 2 },
    {
      b: 0,
    },
  ];
  assertEquals(ordered.toReversed().sort(compareJson), ordered);
});

Deno.test("compareJson returns 0 for equal values alone", () => {
  const values = [null, true, 1, 2n ** 60n, "a", [1, [2]], [1, [3]], { a: [1] }];
  for (const a of values) {
    for (const b of structuredClone(values)) {
      assertEquals(
        compareJson(a, b) === 0,
        JSON.stringify(jsonOf(a)) === JSON.stringify(jsonOf(b)),
      );
    }
  }
});

Deno.test("compareJson is antisymmetric and transitive", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (a, b, c) => {
      assertEquals(Math.sign(compareJson(a, b)), -Math.sign(compareJson(b, a)) || 0);
      if (compareJson(a, b) <= 0 && compareJson(b, c) <= 0) {
        assertEquals(compareJson(a, c) <= 0, true);
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});

const orderable: readonly [values: unknown[], orderable: boolean][] = [
  [[], true],
  [[1, 2.5, 3n], true],
  [["a", "b"], true],
  [[null, 1, null], true],
  [[1, "1"], false],
  [[true, 1], false],
  [[[1, "a"], [1, "b"]], true],
  [[[1], ["a"]], false],
  [[[1], ["a", "b"]], true],
  [[[1, "a"], [2, 3]], true],
  [[[2, 1], [1, "a"], [1, 5]], false],
  [[[1, 1], [2, "a"], [2, 5]], false],
  [[{ a: 1 }], true],
  [[{ a: 1 }, { a: 2 }], false],
];

for (const [values, expected] of orderable) {
  Deno.test(`Clojure ${expected ? "can" : "cannot"} order ${stringify(values)}`, () => {
    assertEquals(clojureCanOrder(values), expected);
  });
}

function jsonOf(value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

function stringify(values: unknown[]): string {
  return JSON.stringify(values, (_key, value) => typeof value === "bigint" ? `${value}n` : value);
}
