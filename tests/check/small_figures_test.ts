import { assertEquals } from "std/testing";
import fc from "fast-check";
import { ElementTable } from "../../lib/check/element_table.ts";
import { float32 } from "../../lib/check/float32.ts";
import { describeValue } from "../../lib/check/explanation.ts";
import { contains, subsetSums } from "../../lib/check/intervals.ts";
import { quantiles } from "../../lib/check/mod.ts";

Deno.test("quantiles picks the value at index ⌊n·point⌋", () => {
  assertEquals(quantiles([]), undefined);
  assertEquals(
    quantiles([5, 1, 4, 2, 3]),
    new Map([[0, 1], [0.5, 3], [0.95, 5], [0.99, 5], [1, 5]]),
  );
  assertEquals(quantiles([10, 2], [0.5]), new Map([[0.5, 10]]));
});

Deno.test("float32 keeps the fewest digits that identify a 32-bit float", () => {
  const written = [1 / 3, 0.5, 21 / 41, 84 / 41, 0.9, 0, 1, 1104 / 102, 75 / 7.3].map(float32);
  assertEquals(written, [0.33333334, 0.5, 0.5121951, 2.0487804, 0.9, 0, 1, 10.823529, 10.2739725]);
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assertEquals(Math.fround(float32(value)), Math.fround(value));
    }),
    { seed: 6 },
  );
});

Deno.test("describeValue shows 80 characters, or 77 and an ellipsis", () => {
  const text = "0123456789".repeat(8);
  assertEquals(describeValue(text.slice(2)), `"${text.slice(2)}"`);
  assertEquals(describeValue(text.slice(1)), `"${text.slice(1, 77)}...`);
  assertEquals([null, [1, "a"], undefined].map(describeValue), ["null", '[1,"a"]', "nothing"]);
});

Deno.test("subsetSums returns exactly the sums of the subsets", () => {
  assertEquals(subsetSums(3, []), [[3, 3]]);
  assertEquals(subsetSums(0, [4, 1]), [[0, 1], [4, 5]]);
  assertEquals(subsetSums(0, [1, -2]), [[-2, 1]]);
  assertEquals([3, 4, 5].map((value) => contains([[0, 3], [5, 9]], value)), [true, false, true]);
});

Deno.test("more than 4,096 ranges of sums count as one", () => {
  const powers = (count: number) => Array.from({ length: count }, (_, power) => 2 ** (power + 1));
  assertEquals(subsetSums(0, powers(12)).length, 4096);
  assertEquals(subsetSums(1, powers(13)), [[1, 16_383]]);
});

Deno.test("a table numbers values by first occurrence; an equal value gets the same number", () => {
  const table = new ElementTable();
  const values = [7, "7", 5_000_000, -1, null, true, [1], { b: 1, a: 2 }, 2n ** 60n, 0.5, 0];
  assertEquals(values.map((value) => table.intern(value)), values.map((_, index) => index));
  assertEquals(table.intern({ a: 2, b: 1 }), 7);
  assertEquals(table.intern(-0), 10);
  assertEquals([1023, 1024, 1025, 1024].map((value) => table.intern(value)), [11, 12, 13, 12]);
  assertEquals([table.size - 3, table.value(2)], [values.length, 5_000_000]);
});
