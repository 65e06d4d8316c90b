import { assertEquals } from "std/testing";
import fc from "fast-check";
import { cyclicComponents, shortestPath, type Successors } from "../../lib/check/graph.ts";

/** `"0>1 1>0 1>2"` as a graph. */
function graph(notation: string): { vertices: number[]; successors: Successors } {
  const edges = notation.split(" ").map((edge) => edge.split(">").map(Number) as [number, number]);
  return {
    vertices: [...new Set(edges.flat())].sort((a, b) => a - b),
    successors: (vertex) => edges.filter(([from]) => from === vertex).map(([, to]) => to),
  };
}

Deno.test("components with a cycle are found, others are not", () => {
  const table: [notation: string, components: number[][]][] = [
    ["0>1 1>2 0>2", []],
    ["0>0 0>1", [[0]]],
    ["0>1 1>0 1>2 2>3 3>4 4>2", [[0, 1], [2, 3, 4]]],
    ["3>2 2>1 1>0 0>3", [[0, 1, 2, 3]]],
  ];
  for (const [notation, components] of table) {
    const { vertices, successors } = graph(notation);
    assertEquals(cyclicComponents(vertices, successors), components, notation);
  }
});

Deno.test("vertices that are left out cut the cycles through them", () => {
  const { successors } = graph("0>1 1>2 2>0 1>0");
  assertEquals(cyclicComponents([0, 2], successors), []);
  assertEquals(cyclicComponents([0, 1], successors), [[0, 1]]);
});

Deno.test("two vertices share a component exactly if each can be reached from the other", () => {
  const edge = fc.tuple(fc.nat(7), fc.nat(7));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 20 }), (edges) => {
      const vertices = [0, 1, 2, 3, 4, 5, 6, 7];
      const allowed = new Set(vertices);
      const successors: Successors = (vertex) =>
        edges.filter(([from]) => from === vertex).map(([, to]) => to);
      const component = new Map<number, number>();
      cyclicComponents(vertices, successors).forEach((members, index) =>
        members.forEach((vertex) => component.set(vertex, index))
      );
      for (const a of vertices) {
        for (const b of vertices) {
          const together = shortestPath(a, b, successors, allowed) !== undefined &&
            shortestPath(b, a, successors, allowed) !== undefined;
          const same = component.has(a) && component.get(a) === component.get(b);
          assertEquals(same, together, `${a} and ${b}`);
        }
      }
    }),
    { seed: 3, numRuns: 200 },
  );
});

Deno.test("a shortest path is a path and none is shorter", () => {
  const { successors } = graph("0>1 1>2 2>3 0>4 4>3 3>0");
  const all = new Set([0, 1, 2, 3, 4]);
  assertEquals(shortestPath(0, 3, successors, all), [0, 4, 3]);
  assertEquals(shortestPath(0, 3, successors, new Set([0, 1, 2, 3])), [0, 1, 2, 3]);
  assertEquals(shortestPath(0, 0, successors, all), [0, 4, 3, 0]);
  assertEquals(shortestPath(4, 1, successors, new Set([0, 1, 4])), undefined);
});

Deno.test("a cycle of 100,000 vertices does not exhaust the stack", () => {
  const size = 100_000;
  const components = cyclicComponents(
    Array.from({ length: size }, (_, vertex) => vertex),
    (vertex) => [(vertex + 1) % size],
  );
  assertEquals(components.map(({ length }) => length), [size]);
});
