/**
 * Tests of the node: whole clusters in virtual time, so that a test takes milliseconds.
 *
 * @module
 */

import { simulate, workloads } from "@gossip/workbench/testing";
import growOnlySet from "./node.ts";

Deno.test("all nodes return all elements after partitions and message loss", async () => {
  const run = await simulate(growOnlySet, workloads.gSet, {
    nodes: 3,
    faults: ["partition", "loss"],
    seed: 7,
  });
  run.expectValid();
});
