import { assertEquals } from "std/testing";
import { shortestPath } from "../../../lib/check/kafka/shortest_path.ts";
import { EdgeList } from "../../../lib/check/txn/dependency_graph.ts";

/** Parses edges: `0>1` has relation 1, `0~1` relation 2. */
function graph(notation: string) {
  const edges = new EdgeList();
  for (const [, from, kind, to] of notation.matchAll(/(\d)([>~])(\d)/g)) {
    edges.add(Number(from), Number(to), kind === ">" ? 1 : 2);
  }
  return edges.toGraph(5);
}

Deno.test("shortestPath follows the allowed relations and vertices", () => {
  const edges = graph("0>1 1>2 2>3 0>4 4>3 3>0 0~3");
  const all = new Set([0, 1, 2, 3, 4]);
  assertEquals(shortestPath(edges, 1, 0, 3, all), [0, 4, 3]);
  assertEquals(shortestPath(edges, 3, 0, 3, all), [0, 3]);
  assertEquals(shortestPath(edges, 1, 0, 3, new Set([0, 1, 2, 3])), [0, 1, 2, 3]);
  assertEquals(shortestPath(edges, 1, 0, 0, all), [0, 4, 3, 0]);
  assertEquals(shortestPath(edges, 1, 4, 1, new Set([0, 1, 4])), undefined);
});
