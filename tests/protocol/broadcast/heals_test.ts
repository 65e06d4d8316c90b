/**
 * Random worlds: clusters of 3 to 12 nodes under latency, losses and partitions of random shapes, one
 * after the other. When all faults end, all nodes must agree within a second and twelve latencies.
 *
 * @module
 */

import { assert } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { Cluster, type NetworkConditions, STRATEGIES } from "./cluster.ts";

const WORLDS = 300;
const HEAL_MS = 1000;
const HEAL_LATENCIES = 12;

/** Returns which messages a random partition drops. */
function randomPartition(nodes: readonly string[], random: Random): NetworkConditions {
  const shape = random.pick(["two sides", "sides one way", "bridge", "links", "isolated", "none"]);
  const sideOf = new Map(nodes.map((node) => [node, random.pick([0, 1])]));
  const isSplit = (from: string, to: string) => sideOf.get(from) !== sideOf.get(to);
  const special = random.pick(nodes);
  const density = random.pick([0.1, 0.3, 0.6, 0.9]);
  const blocked = new Set(
    nodes.flatMap((from) => nodes.map((to) => `${from} ${to}`)).filter(() =>
      random.chance(density)
    ),
  );
  switch (shape) {
    case "two sides":
      return { drops: isSplit };
    case "sides one way":
      return { drops: (from, to) => isSplit(from, to) && sideOf.get(from) === 0 };
    case "bridge":
      return { drops: (from, to) => isSplit(from, to) && from !== special && to !== special };
    case "links":
      return { drops: (from, to) => blocked.has(`${from} ${to}`) };
    case "isolated":
      return { drops: (from, to) => from === special || to === special };
    default:
      return {};
  }
}

/** Returns how long after the last fault all nodes agree, as a part of the allowed time. */
function healTime(args: readonly string[], seed: number): number {
  const random = new Random(seed);
  const latencyMs = random.pick([0, 1, 5, 20, 50, 100]);
  const cluster = new Cluster({ nodes: 3 + random.integer(10), latencyMs, seed, args });
  let values = 0;
  for (let round = random.integer(3); round >= 0; round--) {
    const loss = random.pick([0, 0, 0.05, 0.3]);
    cluster.network = { ...randomPartition(cluster.nodes, random), loss };
    const [count, gapMs] = [random.pick([1, 5, 20]), random.pick([1, 20, 100, 400])];
    for (let index = 0; index < count; index++) {
      cluster.broadcast(random.pick(cluster.nodes), values++);
      cluster.run(gapMs);
    }
    cluster.run(random.pick([0, 100, 1000, 5000]));
  }
  cluster.network = {};
  const allowedMs = HEAL_MS + HEAL_LATENCIES * latencyMs;
  const elapsedMs = cluster.converge(10 * allowedMs);
  assert(cluster.agrees(values), `seed ${seed}: some nodes lack values`);
  return elapsedMs / allowedMs;
}

for (const [name, args] of Object.entries(STRATEGIES)) {
  Deno.test(`${name}: all nodes agree within 1 s and 12 latencies of any faults`, () => {
    for (let seed = 0; seed < WORLDS; seed++) {
      const part = healTime(args, seed);
      assert(part <= 1, `seed ${seed}: ${part.toFixed(2)} of the allowed time`);
    }
  });
}

Deno.test("a strategy that loses values does not pass: flood", () => {
  let found = false;
  for (let seed = 0; seed < 10 && !found; seed++) {
    try {
      found = healTime(["--strategy", "flood"], seed) > 1;
    } catch {
      found = true;
    }
  }
  assert(found);
});
