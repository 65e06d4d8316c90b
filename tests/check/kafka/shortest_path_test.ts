import { assertEquals } from "std/testing";
import { shortestPath } from "../../../lib/check/kafka/shortest_path.ts";
import { EdgeList } from "../../../lib/check/txn/dependency_graph.ts";

/** Edges such as `0>1`; those written `0~1` have another relation. */
function graph(notation: string) {
  const edges = new EdgeList();
  for (const [, from, kind, to] of notation.matchAll(/(\d)([>~])(\d)/g)) {
    edges.add(Number(from), Number(to), kind === ">" ? 1 : 2);
  }
  return edges.toGraph(5);
}

Deno.test("a shortest path is a path and none is shorter", () => {
  const edges = graph("0>1 1>2 2>3 0>4 4>3 3>0 0~3");
  const all = new Set([0, 1, 2, 3, 4]);
  assertEquals(shortestPath(edges, 1, 0, 3, all), [0, 4, 3]);
  assertEquals(shortestPath(edges, 3, 0, 3, all), [0, 3]);
  assertEquals(shortestPath(edges, 1, 0, 3, new Set([0, 1, 2, 3])), [0, 1, 2, 3]);
  assertEquals(shortestPath(edges, 1, 0, 0, all), [0, 4, 3, 0]);
  assertEquals(shortestPath(edges, 1, 4, 1, new Set([0, 1, 4])), undefined);
});
