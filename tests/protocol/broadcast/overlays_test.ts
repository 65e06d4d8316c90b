import { assert, assertEquals } from "std/testing";
import {
  gridNeighbours,
  ringNeighbours,
  treeNeighbours,
} from "../../../lib/protocol/broadcast/strategy.ts";
import { TOPOLOGIES, topologyOf } from "../../../lib/workload/mod.ts";

const nodes = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

Deno.test("the grid is the one that Maelstrom suggests", () => {
  assert(TOPOLOGIES.includes("grid"));
  for (const count of [1, 2, 3, 5, 9, 24, 25]) {
    const suggested = topologyOf("grid", nodes(count));
    for (const node of nodes(count)) {
      assertEquals(
        gridNeighbours(nodes(count), node).sort(),
        [...suggested[node] as string[]].sort(),
      );
    }
  }
});

Deno.test("every overlay is symmetric and connected, with the expected diameter", () => {
  const overlays = {
    grid: gridNeighbours,
    tree: (all: readonly string[], node: string) => treeNeighbours(all, node, 5),
    ring: (all: readonly string[], node: string) => ringNeighbours(all, node, 6),
  };
  const diameters = { grid: 8, tree: 4, ring: 3 };
  for (const [name, overlay] of Object.entries(overlays)) {
    for (const count of [1, 2, 3, 4, 7, 25, 100]) {
      const all = nodes(count);
      for (const node of all) {
        for (const other of overlay(all, node)) {
          assert(overlay(all, other).includes(node), `${name} of ${count}: ${node}, ${other}`);
        }
      }
      const hops = hopsFrom("n0", all, overlay);
      assertEquals(hops.size, count, `${name} of ${count}`);
    }
    const diameter = Math.max(
      ...nodes(25).flatMap((node) => [
        ...hopsFrom(node, nodes(25), overlay).values(),
      ]),
    );
    assertEquals(diameter, diameters[name as keyof typeof diameters], name);
  }
});

function hopsFrom(
  start: string,
  all: readonly string[],
  overlay: (all: readonly string[], node: string) => string[],
): Map<string, number> {
  const hops = new Map([[start, 0]]);
  for (const [node, count] of hops) {
    for (const next of overlay(all, node)) if (!hops.has(next)) hops.set(next, count + 1);
  }
  return hops;
}
