import { assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { integerHash } from "../../../lib/check/txn/trie_order.ts";
import { hashSetOrder } from "../../../lib/check/kafka/hash_set_order.ts";

Deno.test("integers are in the order in which Clojure prints a hash set", () => {
  assertEquals(hashSetOrder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), [0, 7, 1, 4, 6, 3, 2, 9, 5, 8]);
  assertEquals(hashSetOrder([3, 2, 1]), [1, 3, 2]);
});

Deno.test("the order does not depend on the input's order", () => {
  const items = [5, -1, 2 ** 40, 17, -(2 ** 50), 123456789];
  assertEquals(hashSetOrder([...items].reverse()), hashSetOrder(items));
});

Deno.test("hashes are compared from their lowest five bits on", () => {
  const random = new Random(1);
  for (let round = 0; round < 500; round++) {
    const items = [...new Set(Array.from({ length: 2 + round % 5 }, () => random.integer(99_999)))];
    assertEquals(hashSetOrder(items), inTrie(items, 0), items.join());
  }
});

/** Lists items as a trie does: by the five bits of their hashes from `shift` on, then by the next. */
function inTrie(items: readonly number[], shift: number): number[] {
  if (items.length < 2) return [...items];
  return Array.from({ length: 32 }, (_, bits) => bits).flatMap((bits) =>
    inTrie(items.filter((item) => ((integerHash(item) >>> shift) & 31) === bits), shift + 5)
  );
}

Deno.test("items keep their order if one is not an integer", () => {
  assertEquals(hashSetOrder(["b", 1, "a"]), ["b", 1, "a"]);
});
