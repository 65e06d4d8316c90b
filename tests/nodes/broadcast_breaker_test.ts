/**
 * What the circuit breaker of broadcast's links is good for: the setting of challenge 3c, with the
 * breaker and with so many attempts that it never opens.
 *
 * @module
 */

import { assert } from "std/testing";
import { createEngine } from "../../tasks/cli/engine_choice.ts";
import { type BroadcastFigures, measureBroadcast } from "../../tasks/compare/broadcast_figures.ts";
import { DEFAULT_OPTIONS, nodeIds } from "../../lib/workload/mod.ts";

const TEN_SEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function measure(strategy: string, ...args: string[]): Promise<BroadcastFigures> {
  return measureBroadcast({
    createEngine: (seed) =>
      createEngine("sim", "nodes/broadcast.ts", ["--strategy", strategy, ...args], seed),
    options: {
      ...DEFAULT_OPTIONS,
      nodes: nodeIds(5),
      concurrency: 5,
      rate: 10,
      timeLimit: 20,
      nemesis: ["partition"],
    },
    seeds: TEN_SEEDS,
  });
}

function withoutBreaker(strategy: string): Promise<BroadcastFigures> {
  return measure(strategy, "--attempts", "1000000");
}

for (const strategy of ["mesh", "retry", "batch", "tree", "plumtree"]) {
  Deno.test(`${strategy}: circuits that open save messages under partition, and no one waits for it`, async () => {
    const ours = await measure(strategy);
    const stubborn = await withoutBreaker(strategy);
    const [with_, without] = [ours, stubborn].map((figures) => figures.messagesPerOperation.mean);
    assert((with_ as number) < (without as number), `${with_} with, ${without} without`);
    assert(ours.bytesPerOperation < stubborn.bytesPerOperation);
    assert(ours.valid && stubborn.valid);
    assert(ours.converged < 1000, `${ours.converged} ms after the heal`);
  });
}

Deno.test("hub: circuits that open cost messages, and bring values to who is cut off from the hub", async () => {
  const ours = await measure("hub");
  const stubborn = await withoutBreaker("hub");
  assert(ours.messagesPerOperation.mean < 1.2 * stubborn.messagesPerOperation.mean);
  assert(ours.converged < stubborn.converged, `${ours.converged} and ${stubborn.converged} ms`);
  assert(ours.converged < 1000 && ours.valid);
});
