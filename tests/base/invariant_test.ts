import { assertEquals, assertThrows } from "std/testing";
import { invariant, InvariantError } from "../../lib/base/mod.ts";

Deno.test("an invariant that holds passes quietly", () => {
  for (const condition of [true, 1, "x", {}]) invariant(condition, "not thrown");
});

Deno.test("an invariant that does not hold throws what was seen", () => {
  for (const condition of [false, 0, "", null, undefined]) {
    const error = assertThrows(() => invariant(condition, "saw 3 heads"), InvariantError);
    assertEquals([error.name, error.message], ["InvariantError", "saw 3 heads"]);
  }
});
