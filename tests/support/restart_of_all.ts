/**
 * What nodes with a disk keep when all of them are killed at the same time.
 *
 * @module
 */

import { assert } from "std/testing";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { expectValid, simulate } from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";

/** Requires that three nodes lose nothing that they acknowledged, and serve again after the restart. */
export async function assertSurvivesRestartOfAll(
  program: NodeFunction,
  workload: Workload,
  options: { readonly args: readonly string[]; readonly ratePerSecond: number },
): Promise<void> {
  const run = await simulate(program, workload, {
    ...options,
    nodes: 3,
    concurrency: 6,
    timeLimitSeconds: 10,
    latency: { meanMs: 2, distribution: "constant" },
    script: async ({ sleep, kill, restart }) => {
      await sleep(4000);
      await kill("n0", "n1", "n2");
      await sleep(500);
      await restart();
    },
  });
  expectValid(run);
  const late = run.history.filter(({ type, time }) => type === "ok" && time > 7e9);
  assert(late.length > 50, String(late.length));
}
