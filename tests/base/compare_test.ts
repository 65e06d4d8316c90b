import { assertEquals } from "std/testing";
import { compareAscending } from "../../lib/base/mod.ts";

Deno.test("compareAscending sorts strings by code units, and numbers by value", () => {
  assertEquals(["b", "a", "B", "é", "ab", "a"].sort(compareAscending), [
    ...["B", "a", "a", "ab", "b", "é"],
  ]);
  assertEquals([10, 9, -1, 9].sort(compareAscending), [-1, 9, 9, 10]);
  assertEquals(compareAscending("a", "a"), 0);
  assertEquals(compareAscending(2n ** 60n, 2n ** 60n), 0);
});
