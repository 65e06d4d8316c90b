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
  Deno.test(`${strategy}: back-off and circuits save messages under partitions, and converge as soon`, async () => {
    const figures = await measureRetries(strategy, SETTINGS["3c"], SEEDS);
    const messages = (policy: RetryPolicy) => figures[policy].messagesPerOperation.mean;
    const bytes = (policy: RetryPolicy) => figures[policy].bytesPerOperation;
    const { circuits, fixed } = figures;
    assertEquals(Object.values(figures).map(({ valid }) => valid), [true, true, true]);
    assert(messages("circuits") < 0.91 * messages("fixed"), `${messages("circuits")}`);
    // Who suspects a peer also tries to reach it through others, and a leaf looks for another hub.
    assert(bytes("circuits") < bytes(strategy === "hub" ? "fixed" : "back-off"));
    assert(bytes("back-off") < bytes("fixed"));
    const maxRatio = strategy === "hub" ? 1.17 : 1.07;
    assert(messages("circuits") < maxRatio * messages("back-off"), `${messages("circuits")}`);
    if (strategy === "hub") assert(circuits.converged < figures["back-off"].converged);
    const { converged } = circuits;
    // A peer that is probed again converges half of the time between two probes later.
    assert(
      converged <= fixed.converged || converged < 400,
      `${converged}, ${fixed.converged} ms`,
    );
  });
}
