/**
 * What back-off and the circuit breaker of broadcast's links are good for, in the setting of
 * challenge 3c: the same strategies with repetitions at fixed intervals, and without circuits.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { measureRetries, type RetryPolicy, SETTINGS } from "../../tasks/compare/retries.ts";

const SEEDS = 10;

for (const strategy of ["hub", "mesh", "plumtree", "tree", "batch", "retry"]) {
  Deno.test(`${strategy}: back-off and circuits save messages under partition, and no one waits for it`, async () => {
    const figures = await measureRetries(strategy, SETTINGS["3c"], SEEDS);
    const messages = (manner: RetryPolicy) => figures[manner].messagesPerOperation.mean;
    const bytes = (manner: RetryPolicy) => figures[manner].bytesPerOperation;
    const { circuits, fixed } = figures;
    assertEquals(Object.values(figures).map(({ valid }) => valid), [true, true, true]);
    assert(messages("circuits") < 0.9 * messages("fixed"), `${messages("circuits")}`);
    assert(bytes("circuits") < bytes("back-off") && bytes("back-off") < bytes("fixed"));
    // A hub's nodes that are cut off find another one, and go on, which takes messages.
    const most = strategy === "hub" ? 1.1 : 1;
    assert(messages("circuits") < most * messages("back-off"), `${messages("circuits")}`);
    if (strategy === "hub") assert(circuits.converged < figures["back-off"].converged);
    const { converged } = circuits;
    assert(converged <= fixed.converged || converged < 200, `${converged}, ${fixed.converged} ms`);
  });
}
