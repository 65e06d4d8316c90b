import { assertEquals } from "std/testing";
import {
  integerHash,
  listHash,
  operationHash,
  trieOrder,
} from "../../../lib/check/txn/trie_order.ts";

Deno.test("integers have the hashes that Clojure prints for them", () => {
  assertEquals([0, 1, 2, 3, -1].map(integerHash), [
    0,
    1392991556,
    -971005196,
    -1556392013,
    1651860712,
  ]);
  assertEquals([2 ** 32, 2 ** 32 + 1, 2 ** 40 + 7, -(2 ** 33)].map(integerHash), [
    987256456,
    953780890,
    -193081630,
    -329427784,
  ]);
});

Deno.test("operations have the hash of their index, with its upper bits spread", () => {
  assertEquals([0, 1, 2, 3, 100, 12345].map(operationHash), [
    0,
    1452558929,
    974011160,
    1505031445,
    976857259,
    352549279,
  ]);
});

Deno.test("lists have the hash of Java's List.hashCode, with its upper bits spread", () => {
  // Java's hashes of the first lists are 1, 32 and 30817.
  const lists = [[], [1], [1, 2, 3], ["a"], [1, "a"], [2 ** 33 + 5], [-1], [1.5, 2]];
  assertEquals(lists.map(listHash), [1, 34, 32528, 30, 985, 36, 30, 1016]);
  assertEquals(listHash([2 ** 40, 2 ** 40]), 8632);
});

Deno.test("a trie lists the keys of a node before those of its children", () => {
  const hashes = Int32Array.from([0, 1, 32, 33, 2, 1 << 30, 3 << 30]);
  assertEquals(trieOrder([0, 1, 2, 3, 4], hashes), [4, 0, 2, 1, 3]);
  assertEquals(trieOrder([5, 0, 6], hashes), [0, 5, 6]);
  assertEquals(trieOrder([3], hashes), [3]);
});

Deno.test("keys with equal hashes keep their order", () => {
  const hashes = Int32Array.from([7, 7, 6, 7]);
  assertEquals(trieOrder([3, 0, 2, 1], hashes), [2, 3, 0, 1]);
});

Deno.test("operations are in the order of Elle's tries", () => {
  const hashes = Int32Array.from({ length: 40 }, (_, index) => operationHash(index));
  assertEquals(
    trieOrder([...hashes.keys()], hashes).join(" "),
    "39 6 29 13 17 33 15 36 0 38 10 34 35 32 26 21 20 9 30 19 18 5 23 16 11 8 28 12 1 22 7 3 24 " +
      "31 14 2 37 25 27 4",
  );
});
