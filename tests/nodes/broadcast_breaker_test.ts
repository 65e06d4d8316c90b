/**
 * The benefit of back-off and circuit breakers on the links of broadcast nodes, with the options of
 * challenge 3c: the same strategies with fixed retransmission intervals, and without circuits.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { measureRetries, type RetryPolicy, SETTINGS } from "../../tasks/compare/retries.ts";

const SEEDS = 10;

for (const strategy of ["hub", "mesh", "plumtree", "tree", "batch", "retry"]) {
  Deno.test(`${strategy}: back-off and circuits save messages under partitions, without slower convergence`, async () => {
    const figures = await measureRetries(strategy, SETTINGS["3c"], SEEDS);
    const messages = (policy: RetryPolicy) => figures[policy].messagesPerOperation.mean;
    const bytes = (policy: RetryPolicy) => figures[policy].bytesPerOperation;
    const { circuits, fixed } = figures;
    assertEquals(Object.values(figures).map(({ valid }) => valid), [true, true, true]);
    assert(messages("circuits") < 0.9 * messages("fixed"), `${messages("circuits")}`);
    assert(bytes("circuits") < bytes("back-off") && bytes("back-off") < bytes("fixed"));
    // Leaves that are partitioned from their hub elect another one and continue, which takes messages.
    const maxRatio = strategy === "hub" ? 1.1 : 1;
    assert(messages("circuits") < maxRatio * messages("back-off"), `${messages("circuits")}`);
    if (strategy === "hub") assert(circuits.converged < figures["back-off"].converged);
    const { converged } = circuits;
    assert(converged <= fixed.converged || converged < 200, `${converged}, ${fixed.converged} ms`);
  });
}
