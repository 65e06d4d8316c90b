/**
 * Nodes that lack more updates than one message carries: after a restart, or a long partition.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { expectValid, simulate } from "../../lib/workbench/mod.ts";
import { workloads } from "../../lib/workload/mod.ts";
import broadcast from "../../nodes/broadcast.ts";
import txnRwRegister from "../../nodes/txn_rw_register.ts";
import { withFinalReads } from "../protocol/txn/final_reads.ts";

/** The most values that strategies of broadcast put into one message. */
const MAX_VALUES_PER_MESSAGE = 500;
/** The superseded changes at which registers are compacted. */
const MAX_SUPERSEDED_CHANGES = 1000;

for (const strategy of ["hub", "mesh", "retry", "batch", "tree", "plumtree"]) {
  for (const killed of ["n0", "n3"]) {
    Deno.test(`broadcast, ${strategy}: a restarted ${killed} gets more values than one message carries`, async () => {
      const { history } = await simulate(broadcast, workloads.broadcast, {
        args: ["--strategy", strategy],
        nodes: 5,
        ratePerSecond: 400,
        timeLimitSeconds: 6,
        quiescenceMs: 1000,
        async script({ at, sleep, kill, restart }) {
          await at(4000);
          await kill(killed);
          await sleep(200);
          await restart();
        },
      });
      const values = history.filter(({ f, type, time }) =>
        f === "broadcast" && type === "ok" && time < 3e9
      ).map(({ value }) => value);
      assert(values.length > MAX_VALUES_PER_MESSAGE, `${values.length} values`);
      const reads = history.filter(({ type, final }) => type === "ok" && final === true)
        .map(({ value }) => new Set(value as unknown[]));
      assertEquals(reads.map((read) => values.filter((value) => !read.has(value))), [
        ...Array.from({ length: 5 }, () => []),
      ]);
      assertEquals(new Set(reads.map(({ size }) => size)).size, 1);
    });
  }
}

Deno.test("causal registers: nodes that missed compacted changes read the same values as the others", async () => {
  for (let seed = 0; seed < 3; seed++) {
    const run = await simulate(txnRwRegister, withFinalReads(workloads.txnRwRegister), {
      args: ["--strategy", "causal"],
      seed,
      nodes: 4,
      ratePerSecond: 400,
      timeLimitSeconds: 12,
      quiescenceMs: 1000,
      keyCount: 5,
      maxWritesPerKey: 64,
      consistencyModels: ["read-atomic"],
      async script({ at, sleep, partition, kill, restart, heal }) {
        await at(500);
        await partition("n3", ["n0", "n1", "n2"]);
        await at(9000);
        await kill("n0");
        await sleep(200);
        await restart();
        await at(10_000);
        await heal();
      },
    });
    expectValid(run);
    const writes = run.history.filter(({ type, time }) => type === "ok" && time < 9e9)
      .flatMap(({ value }) => (value as [string, number, number][]).filter(([f]) => f === "w"));
    const superseded = writes.length - 2 * new Set(writes.map(([, key]) => key)).size;
    assert(superseded > 2 * MAX_SUPERSEDED_CHANGES, `seed ${seed}: ${superseded}`);
  }
});
