/**
 * Cuts of any shape, one after another: who cannot reach whom is drawn anew while nodes still look
 * for a way around the last one.
 *
 * @module
 */

import { assert } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { StrategyCluster } from "./strategy_cluster.ts";
import { hub, mesh, STRATEGIES } from "./strategies.ts";

/** Draws which pairs cannot talk, some in one direction only. */
function drawCut(world: StrategyCluster, random: Random): (from: string, to: string) => boolean {
  const probability = random.pick([0.1, 0.3, 0.5, 0.8]);
  const ways = random.pick([1, 2]);
  const cut = new Set<string>();
  for (const one of world.nodes) {
    for (const other of world.nodes) {
      if (one >= other || !random.chance(probability)) continue;
      const both = [`${one}>${other}`, `${other}>${one}`];
      for (const way of ways === 2 ? both : [random.pick(both)]) cut.add(way);
    }
  }
  return (from, to) => cut.has(`${from}>${to}`);
}

function tell(
  world: StrategyCluster,
  random: Random,
  first: number,
  count: number,
  gap: number,
): void {
  for (let value = first; value < first + count; value++) {
    world.broadcast(random.pick(world.nodes), value);
    world.run(gap);
  }
}

for (const [name, create] of Object.entries(STRATEGIES)) {
  Deno.test(`${name}: converges within a second of the last of many cuts`, () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = new Random(seed);
      const world = new StrategyCluster({ nodes: random.pick([3, 5, 8, 13]), seed, create });
      let values = 0;
      for (let round = 0; round < 4; round++) {
        world.network = { drops: drawCut(world, random) };
        const count = random.pick([3, 20, 40]);
        tell(world, random, values, count, random.pick([10, 60, 300]));
        values += count;
      }
      world.network = {};
      const took = world.converge(1000);
      assert(took < 1000 && world.agrees(values), `seed ${seed}: ${took} ms`);
    }
  });
}

for (const [name, create] of Object.entries({ hub, mesh })) {
  Deno.test(`${name}: a heal while nodes look for another hub makes no storm`, () => {
    const sent = (isCut: boolean) => {
      const world = new StrategyCluster({ nodes: 25, latencyMs: 100, seed: 1, create });
      const random = new Random(2);
      tell(world, random, 0, 100, 20);
      const rank = (node: string) => Number(node.slice(1));
      // Each node is cut off from those that are half of the cluster away from it.
      const drops = (from: string, to: string) => Math.abs(rank(from) - rank(to)) % 24 > 8;
      if (isCut) world.network = { drops };
      tell(world, random, 100, 135, 20);
      world.network = {};
      const before = world.sent.length;
      tell(world, random, 235, 200, 20);
      assert(world.converge(3000) < 3000 && world.agrees(435));
      return world.sent.length - before;
    };
    const [calm, after] = [sent(false), sent(true)];
    assert(
      after < calm + 25 * 20,
      `${after} messages in the four seconds after it, ${calm} without`,
    );
  });
}
