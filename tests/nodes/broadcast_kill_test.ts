/**
 * What broadcast promises when nodes are killed: a value that nobody else has heard is gone with its
 * node, but a node that comes back is caught up, and soon all have the same.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Strategy } from "../../lib/protocol/broadcast/mod.ts";
import { simulate, type SimulationResult } from "../../lib/workbench/mod.ts";
import { broadcast as workload } from "../../lib/workload/broadcast.ts";
import { nodeIds } from "../../lib/workload/mod.ts";
import broadcast from "../../nodes/broadcast.ts";

/** Milliseconds from the last heal until all nodes had the same for good, and the run. */
async function run(
  strategy: string,
  seed: number,
): Promise<{ late: number; run: SimulationResult }> {
  const nodes = nodeIds([2, 3, 5, 9][seed % 4] as number);
  let lastDifference = 0;
  const simulated = await simulate({
    program: broadcast,
    workload,
    args: ["--strategy", strategy],
    seed,
    options: {
      nodes,
      ratePerSecond: 20,
      timeLimitSeconds: 8,
      nemesis: ["kill", "partition", "one-way", "loss"],
      nemesisIntervalSeconds: 1,
    },
    onJournalEvent({ time }, stateOf) {
      const counts = nodes.map((node) => (stateOf(node) as Strategy | undefined)?.values.length);
      if (new Set(counts).size > 1) lastDifference = time / 1e6;
    },
  });
  const healed = simulated.record.history.findLast(({ f }) => f.startsWith("stop-"))?.time ?? NaN;
  return { late: lastDifference - healed / 1e6, run: simulated };
}

for (const strategy of ["hub", "mesh", "retry", "batch", "tree", "plumtree"]) {
  Deno.test(`${strategy}: nodes that are killed again and again agree within a second of the end`, async () => {
    let kills = 0;
    for (let seed = 0; seed < 12; seed++) {
      const { late, run: { options, record, stateOf } } = await run(strategy, seed);
      assert(late < 1000, `seed ${seed}: ${late} ms after the last heal`);
      const known = options.nodes.map((node) =>
        (stateOf(node) as Strategy).values.map((value) => JSON.stringify(value)).toSorted().join()
      );
      assertEquals(new Set(known).size, 1, `seed ${seed}`);
      kills += record.history.filter(({ f, type }) => f === "start-kill" && type === "info").length;
    }
    assert(kills > 20, `${kills} kills`);
  });
}
