import { assertEquals, assertThrows } from "std/testing";
import recorded from "../conformance/vectors/topologies.json" with { type: "json" };
import { TOPOLOGIES, topologyOf } from "../../lib/workload/topology.ts";
import { nodeIds } from "../../lib/workload/mod.ts";

/** The neighbours of each node, for each number of nodes. */
type Recorded = Record<string, Record<string, string[]>>;

Deno.test("topologies equal Maelstrom's for every node count, including the order of neighbours", () => {
  assertEquals([...TOPOLOGIES].sort(), Object.keys(recorded).sort());
  for (const [name, byCount] of Object.entries<Recorded>(recorded)) {
    for (const [count, topology] of Object.entries(byCount)) {
      assertEquals(topologyOf(name, nodeIds(Number(count))), topology, `${name} of ${count}`);
    }
  }
});

Deno.test("neighbourhood is symmetric, and every node is reachable", () => {
  for (const name of TOPOLOGIES) {
    for (let count = 2; count <= 30; count++) {
      const nodes = nodeIds(count);
      const topology = topologyOf(name, nodes);
      const reached = new Set(["n0"]);
      for (const node of reached) {
        for (const other of topology[node] ?? []) {
          assertEquals(topology[other]?.includes(node), true, `${name} of ${count}: ${node}`);
          reached.add(other);
        }
      }
      assertEquals(reached.size, count, `${name} of ${count}`);
    }
  }
});

Deno.test("unknown topology is rejected with a list of the valid names", () => {
  assertThrows(
    () => topologyOf("ring", nodeIds(3)),
    RangeError,
    'unknown topology "ring"; choose one of line, grid, tree',
  );
});
