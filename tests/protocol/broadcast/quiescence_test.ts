/**
 * A cluster at rest is silent, whatever happened before: nodes that lost their memory, values that
 * nobody can ever tell, latencies beyond all expectation.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Hub } from "../../../lib/protocol/broadcast/mod.ts";
import { partition, StrategyCluster } from "./strategy_cluster.ts";
import { hub, mesh, STRATEGIES } from "./strategies.ts";

const MINUTE = 60_000;

function cutOff(world: StrategyCluster, node: string): void {
  const drops = partition([node]);
  if (drops !== undefined) world.network = { drops };
}

for (const [name, create] of Object.entries(STRATEGIES)) {
  Deno.test(`${name}: a value that nobody can tell any more is not asked for for ever`, () => {
    for (const nodes of [3, 25]) {
      const world = new StrategyCluster({ nodes, latencyMs: 10, create });
      world.run(1000);
      world.broadcast("n0", "first");
      world.run(5000);
      cutOff(world, "n2");
      world.broadcast("n2", "goes down with n2");
      world.run(50);
      world.network = {};
      world.broadcast("n2", "is heard, maybe");
      world.run(15);
      world.restart("n2");
      world.run(MINUTE);
      assertEquals(world.countSent(MINUTE), 0, `${nodes} nodes`);
      assert(world.agrees(), `${nodes} nodes`);
    }
  });

  Deno.test(`${name}: latencies of seconds are learned, and all know all and fall silent`, () => {
    for (const latencyMs of [1500, 3000]) {
      const world = new StrategyCluster({ nodes: 9, latencyMs, seed: 3, create });
      world.run(1000);
      for (let value = 0; value < 50; value++) {
        world.broadcast(`n${(value * 7) % 9}`, value);
        world.run(100);
      }
      world.run(5 * MINUTE);
      assert(world.agrees(50), `${latencyMs} ms`);
      assertEquals(world.countSent(10 * MINUTE), 0, `${latencyMs} ms`);
    }
  });
}

for (const [name, create] of Object.entries({ hub, mesh })) {
  Deno.test(`${name}: a leave of a node in a new life is understood`, () => {
    for (const latencyMs of [0, 100]) {
      const world = new StrategyCluster({ nodes: 3, latencyMs, create });
      world.run(1000);
      world.broadcast("n1", 0);
      world.run(2000);
      cutOff(world, "n0");
      world.broadcast("n1", 1);
      world.broadcast("n2", 2);
      world.run(10_000);
      assertEquals((world.strategy("n2") as Hub).hub, "n1", "n1 stands in for n0");
      cutOff(world, "n2");
      world.run(500);
      world.broadcast("n1", 3);
      world.run(6000);
      world.restart("n2");
      world.run(100);
      world.network = {};
      world.run(20_000);
      assert(world.agrees(), `latency ${latencyMs}`);
      assertEquals(world.countSent(MINUTE), 0, `latency ${latencyMs}`);
    }
  });
}
