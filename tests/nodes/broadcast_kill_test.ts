/**
 * The guarantees of broadcast when nodes are killed: a value that no other node has is lost with its
 * node, but a restarted node catches up, and soon all nodes agree.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Json } from "../../lib/node/mod.ts";
import { simulate, type SimulationResult } from "../../lib/workbench/mod.ts";
import { broadcast as workload } from "../../lib/workload/broadcast.ts";
import { nodeIds } from "../../lib/workload/mod.ts";
import broadcast from "../../nodes/broadcast.ts";

/** What `node.exposeState` of the broadcast node returns. */
interface State {
  readonly values: readonly Json[];
}

/** Runs a simulation; `convergenceMs` is the time from the last heal until all nodes agree. */
async function run(
  strategy: string,
  seed: number,
): Promise<{ convergenceMs: number; run: SimulationResult }> {
  const nodes = nodeIds([2, 3, 5, 9][seed % 4] as number);
  let lastDisagreementMs = 0;
  const simulated = await simulate(broadcast, workload, {
    nodes,
    ratePerSecond: 20,
    timeLimitSeconds: 8,
    faults: ["kill", "partition", "one-way", "loss"],
    nemesisIntervalSeconds: 1,
    args: ["--strategy", strategy],
    seed,
    onJournalEvent({ time }, node) {
      const counts = nodes.map((id) => node<State | undefined>(id).state?.values.length);
      if (new Set(counts).size > 1) lastDisagreementMs = time / 1e6;
    },
  });
  const heal = simulated.history.findLast(({ f }) => f.startsWith("stop-"))?.time ?? NaN;
  return { convergenceMs: lastDisagreementMs - heal / 1e6, run: simulated };
}

for (const strategy of ["hub", "mesh", "retry", "batch", "tree", "plumtree"]) {
  Deno.test(`${strategy}: nodes that are killed repeatedly agree within a second of the last heal`, async () => {
    let kills = 0;
    for (let seed = 0; seed < 12; seed++) {
      const { convergenceMs, run: finished } = await run(strategy, seed);
      assert(convergenceMs < 1000, `seed ${seed}: ${convergenceMs} ms after the last heal`);
      const values = finished.options.nodes.map((id) => {
        const { values } = finished.node<State>(id).state;
        return values.map((value) => JSON.stringify(value)).toSorted().join();
      });
      assertEquals(new Set(values).size, 1, `seed ${seed}`);
      kills += finished.history.filter(({ f, type }) =>
        f === "start-kill" && type === "info"
      ).length;
    }
    assert(kills > 20, `${kills} kills`);
  });
}
