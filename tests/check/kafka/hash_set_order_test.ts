import { assertEquals } from "std/testing";
import { hashSetOrder } from "../../../lib/check/kafka/hash_set_order.ts";

Deno.test("integers are in the order in which Clojure prints a hash set", () => {
  assertEquals(hashSetOrder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), [0, 7, 1, 4, 6, 3, 2, 9, 5, 8]);
  assertEquals(hashSetOrder([3, 2, 1]), [1, 3, 2]);
});

Deno.test("the order does not depend on the input's order", () => {
  const items = [5, -1, 2 ** 40, 17, -(2 ** 50), 123456789];
  assertEquals(hashSetOrder([...items].reverse()), hashSetOrder(items));
});

Deno.test("items keep their order if one is not an integer", () => {
  assertEquals(hashSetOrder(["b", 1, "a"]), ["b", 1, "a"]);
});
