/**
 * The small parts that links and strategies are made of.
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

Deno.test("round trips: slow samples among quick ones do not count for much, none for more than ten seconds", () => {
  const trip = new PeerRoundTrip();
  assertEquals(trip.spreadMs, Infinity);
  for (const sample of [900, 200, 202, 201]) trip.add(sample);
  assertEquals(trip.minMs, 200);
  assert(trip.spreadMs <= 2);
  assertEquals(trip.upperMs, 202);
  for (let count = 0; count < 3; count++) trip.add(50_000);
  assertEquals(trip.upperMs, 1000);
  for (let count = 0; count < 40; count++) trip.add(50_000);
  assertEquals(trip.upperMs, 10_000);
  for (let count = 0; count < 7; count++) trip.add(10);
  assertEquals(trip.upperMs, 10);
  trip.add(-5);
  assertEquals(trip.minMs, 0);
});

Deno.test("probes back off to a limit, go round, and end when nobody is suspected", () => {
  const prober = new Prober({ minDelayMs: 200, maxDelayMs: 600 }, () => 1);
  assertEquals(prober.nextProbeAt, Infinity);
  prober.update(true, 0);
  assertEquals(prober.nextProbeAt, 200);
  const suspects = ["a", "b", "c", "d"];
  const waits: number[] = [];
  const taken: string[][] = [];
  for (let now = prober.nextProbeAt, round = 0; round < 4; round++, now = prober.nextProbeAt) {
    taken.push(prober.nextPeers(suspects, 2, now));
    prober.update(true, now);
    waits.push(prober.nextProbeAt - now);
  }
  assertEquals(taken, [["a", "b"], ["a", "c"], ["a", "d"], ["a", "b"]]);
  assertEquals(waits, [400, 600, 600, 600]);
  const one = Array.from({ length: 5 }, () => prober.nextPeers(suspects, 1, 9000));
  assertEquals(one.map(([peer]) => peer).toSorted(), ["a", "a", "b", "c", "d"]);
  prober.update(false, 9999);
  assertEquals(prober.nextProbeAt, Infinity);
});

Deno.test("probes of different nodes are not in step", () => {
  const random = new Random(3);
  const dues = new Set(Array.from({ length: 10 }, () => {
    const prober = new Prober({ minDelayMs: 200, maxDelayMs: 600 }, () => random.next());
    prober.update(true, 0);
    return prober.nextProbeAt;
  }));
  assertEquals(dues.size, 10);
  assert([...dues].every((due) => due >= 150 && due <= 200));
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

Deno.test("every shape is symmetric and connects everybody, in as many hops as its flag's help says", () => {
  const shapes = {
    grid: gridNeighbours,
    tree: (all: readonly string[], node: string) => treeNeighbours(all, node, 5),
    ring: (all: readonly string[], node: string) => ringNeighbours(all, node, 6),
  };
  const most = { grid: 8, tree: 4, ring: 3 };
  for (const [name, shape] of Object.entries(shapes)) {
    for (const count of [1, 2, 3, 4, 7, 25, 100]) {
      const all = nodes(count);
      for (const node of all) {
        for (const other of shape(all, node)) {
          assert(shape(all, other).includes(node), `${name} of ${count}: ${node}, ${other}`);
        }
      }
      const hops = hopsFrom("n0", all, shape);
      assertEquals(hops.size, count, `${name} of ${count}`);
    }
    const furthest = Math.max(
      ...nodes(25).flatMap((node) => [
        ...hopsFrom(node, nodes(25), shape).values(),
      ]),
    );
    assertEquals(furthest, most[name as keyof typeof most], name);
  }
});

function hopsFrom(
  start: string,
  all: readonly string[],
  shape: (all: readonly string[], node: string) => string[],
): Map<string, number> {
  const hops = new Map([[start, 0]]);
  for (const [node, count] of hops) {
    for (const next of shape(all, node)) if (!hops.has(next)) hops.set(next, count + 1);
  }
  return hops;
}
