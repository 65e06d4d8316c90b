import { assertEquals } from "std/testing";
import {
  longestPathLengths,
  reachable,
  reversed,
  union,
} from "../../../lib/check/txn/implication_graph.ts";

const diamond = new Map([["a", ["b", "d"]], ["b", ["c"]], ["c", ["d"]], ["e", ["d"]]]);

Deno.test("a name is as deep as the longest path that ends at it", () => {
  const lengths = longestPathLengths(new Map([...diamond].reverse()));
  const expected = { a: 0, b: 1, c: 2, d: 3, e: 0 };
  assertEquals(
    Object.fromEntries(Object.keys(expected).map((name) => [name, lengths.get(name)])),
    expected,
  );
});

Deno.test("a graph of implications is followed, reversed and joined", () => {
  assertEquals([...reachable(diamond, ["b", "e"])].sort(), ["b", "c", "d", "e"]);
  assertEquals(
    reversed(diamond),
    new Map([["b", ["a"]], ["d", ["a", "c", "e"]], ["c", ["b"]]]),
  );
  assertEquals(
    union(new Map([["a", ["b"]], ["c", []]]), new Map([["a", ["d"]], ["e", ["a"]]])),
    new Map([["a", ["b", "d"]], ["c", []], ["e", ["a"]]]),
  );
});
