/**
 * Partitions of any shape in succession: the next one begins while nodes still look for a route
 * around the last one.
 *
 * @module
 */

import { assert } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { Cluster, STRATEGIES } from "./cluster.ts";

/** Blocks random pairs of nodes, some in one direction only. */
function randomPartition(
  cluster: Cluster,
  random: Random,
): (from: string, to: string) => boolean {
  const probability = random.pick([0.1, 0.3, 0.5, 0.8]);
  const directions = random.pick([1, 2]);
  const blocked = new Set<string>();
  for (const one of cluster.nodes) {
    for (const other of cluster.nodes) {
      if (one >= other || !random.chance(probability)) continue;
      const both = [`${one}>${other}`, `${other}>${one}`];
      for (const direction of directions === 2 ? both : [random.pick(both)]) blocked.add(direction);
    }
  }
  return (from, to) => blocked.has(`${from}>${to}`);
}

function broadcastRandomly(
  cluster: Cluster,
  random: Random,
  first: number,
  count: number,
  gapMs: number,
): void {
  for (let value = first; value < first + count; value++) {
    cluster.broadcast(random.pick(cluster.nodes), value);
    cluster.run(gapMs);
  }
}

for (const [name, args] of Object.entries(STRATEGIES)) {
  Deno.test(`${name}: converges within a second of the last of many partitions`, () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = new Random(seed);
      const cluster = new Cluster({ nodes: random.pick([3, 5, 8, 13]), seed, args });
      let values = 0;
      for (let round = 0; round < 4; round++) {
        cluster.network = { drops: randomPartition(cluster, random) };
        const count = random.pick([3, 20, 40]);
        broadcastRandomly(cluster, random, values, count, random.pick([10, 60, 300]));
        values += count;
      }
      cluster.network = {};
      const elapsedMs = cluster.converge(1000);
      assert(elapsedMs < 1000 && cluster.agrees(values), `seed ${seed}: ${elapsedMs} ms`);
    }
  });
}

for (const [name, args] of Object.entries({ hub: STRATEGIES.hub ?? [] })) {
  Deno.test(`${name}: a heal during an election causes few messages`, () => {
    const sent = (isPartitioned: boolean) => {
      const cluster = new Cluster({ nodes: 25, latencyMs: 100, seed: 1, args });
      const random = new Random(2);
      broadcastRandomly(cluster, random, 0, 100, 20);
      const rank = (node: string) => Number(node.slice(1));
      // No node reaches those that are half of the cluster away from it.
      const drops = (from: string, to: string) => Math.abs(rank(from) - rank(to)) % 24 > 8;
      if (isPartitioned) cluster.network = { drops };
      broadcastRandomly(cluster, random, 100, 135, 20);
      cluster.network = {};
      const before = cluster.sent.length;
      broadcastRandomly(cluster, random, 235, 200, 20);
      assert(cluster.converge(3000) < 3000 && cluster.agrees(435));
      return cluster.sent.length - before;
    };
    const [baseline, afterHeal] = [sent(false), sent(true)];
    assert(
      afterHeal < baseline + 25 * 20,
      `${afterHeal} messages in the four seconds after the heal, ${baseline} without a partition`,
    );
  });
}
