/**
 * Round-roundTrip estimates, the prober and the overlay networks.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { Prober } from "../../../lib/protocol/broadcast/prober.ts";
import { PeerRoundTrip } from "../../../lib/protocol/broadcast/peer_round_trip.ts";
import {
  gridNeighbours,
  ringNeighbours,
  treeNeighbours,
} from "../../../lib/protocol/broadcast/overlays.ts";
import { TOPOLOGIES, topologyOf } from "../../../lib/workload/mod.ts";

Deno.test("round trips: a slow sample counts for little, and none for more than ten seconds", () => {
  const roundTrip = new PeerRoundTrip();
  assertEquals(roundTrip.spreadMs, Infinity);
  for (const sample of [900, 200, 202, 201]) roundTrip.add(sample);
  assertEquals(roundTrip.minMs, 200);
  assert(roundTrip.spreadMs <= 2);
  assertEquals(roundTrip.upperMs, 202);
  for (let count = 0; count < 3; count++) roundTrip.add(50_000);
  assertEquals(roundTrip.upperMs, 1000);
  for (let count = 0; count < 40; count++) roundTrip.add(50_000);
  assertEquals(roundTrip.upperMs, 10_000);
  for (let count = 0; count < 7; count++) roundTrip.add(10);
  assertEquals(roundTrip.upperMs, 10);
  roundTrip.add(-5);
  assertEquals(roundTrip.minMs, 0);
});

Deno.test("probes back off to a limit, take turns, and end without suspects", () => {
  const prober = new Prober({ minDelayMs: 200, maxDelayMs: 600 }, () => 1);
  assertEquals(prober.nextProbeAt, Infinity);
  prober.update(true, 0);
  assertEquals(prober.nextProbeAt, 200);
  const suspects = ["a", "b", "c", "d"];
  const delays: number[] = [];
  const probed: string[][] = [];
  for (let now = prober.nextProbeAt, round = 0; round < 4; round++, now = prober.nextProbeAt) {
    probed.push(prober.nextPeers(suspects, 2, now));
    prober.update(true, now);
    delays.push(prober.nextProbeAt - now);
  }
  assertEquals(probed, [["a", "b"], ["a", "c"], ["a", "d"], ["a", "b"]]);
  assertEquals(delays, [400, 600, 600, 600]);
  const one = Array.from({ length: 5 }, () => prober.nextPeers(suspects, 1, 9000));
  assertEquals(one.map(([peer]) => peer).toSorted(), ["a", "a", "b", "c", "d"]);
  prober.update(false, 9999);
  assertEquals(prober.nextProbeAt, Infinity);
});

Deno.test("probes of different nodes are not synchronised", () => {
  const random = new Random(3);
  const deadlines = new Set(Array.from({ length: 10 }, () => {
    const prober = new Prober({ minDelayMs: 200, maxDelayMs: 600 }, () => random.next());
    prober.update(true, 0);
    return prober.nextProbeAt;
  }));
  assertEquals(deadlines.size, 10);
  assert([...deadlines].every((deadline) => deadline >= 150 && deadline <= 200));
});

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
