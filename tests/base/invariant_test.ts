import { assertEquals, assertThrows } from "std/testing";
import { invariant, InvariantError } from "../../lib/base/mod.ts";

Deno.test("invariant returns when the condition is truthy", () => {
  for (const condition of [true, 1, "x", {}]) invariant(condition, "not thrown");
});

Deno.test("invariant throws an InvariantError with the message when the condition is falsy", () => {
  for (const condition of [false, 0, "", null, undefined]) {
    const error = assertThrows(
      () => invariant(condition, "there is one leader per term, got n1 and n2"),
      InvariantError,
    );
    assertEquals([error.name, error.message], [
      "InvariantError",
      "there is one leader per term, got n1 and n2",
    ]);
  }
});
