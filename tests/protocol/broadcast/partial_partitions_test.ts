/**
 * Every node that any path of working links connects gets every value: partial partitions of all
 * shapes, which never heal, with every strategy that loses no values.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  generatePartialGrudge,
  PARTIAL_PARTITION_SHAPES,
} from "../../../lib/workbench/fault/partial_partition.ts";
import type { Grudge } from "../../../lib/workbench/fault/grudge.ts";
import { quiescenceMsUnder } from "../../../lib/workbench/quiescence.ts";
import { Cluster, STRATEGIES } from "./cluster.ts";

const VALUES = 10;
/** By number of nodes, the number of seeds. */
const SEEDS = { 3: 5, 5: 10, 7: 5, 9: 3, 25: 1 };

/** Cuts links while values are broadcast; returns the time until all nodes have all values. */
function convergenceMs(cluster: Cluster, grudge: Grudge, maxMs: number): number {
  cluster.run(1000);
  cluster.broadcast("n0", "before the cut");
  cluster.run(3000);
  cluster.network = { drops: (from, to) => grudge[to]?.includes(from) ?? false };
  const { length } = cluster.nodes;
  for (let value = 0; value < VALUES; value++) {
    cluster.broadcast(`n${(value * 7) % length}`, value);
    cluster.run(200);
  }
  return cluster.converge(maxMs, 250);
}

for (const [name, args] of Object.entries(STRATEGIES)) {
  Deno.test(`${name}: values reach all nodes that working links connect, however long the path`, () => {
    for (const [count, seeds] of Object.entries(SEEDS)) {
      const nodes = Number(count);
      const maxMs = quiescenceMsUnder(["partial-partition"], nodes);
      for (const shape of PARTIAL_PARTITION_SHAPES) {
        for (let seed = 0; seed < seeds; seed++) {
          const cluster = new Cluster({ nodes, latencyMs: 10, seed, args });
          const grudge = generatePartialGrudge(shape, cluster.nodes, new Random(seed));
          const ms = convergenceMs(cluster, grudge, maxMs);
          const text = `${shape}, ${nodes} nodes, seed ${seed}: ${ms} ms`;
          assert(ms < maxMs && cluster.agrees(VALUES + 1), text);
          cluster.network = {};
          cluster.run(maxMs);
          assertEquals(cluster.countSent(60_000), 0, `${text}; not idle after the heal`);
        }
      }
    }
  });
}
