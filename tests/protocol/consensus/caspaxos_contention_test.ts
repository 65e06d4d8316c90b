import { assert, assertEquals } from "std/testing";
import { pairOperations } from "../../../lib/history/mod.ts";
import { expectValid, simulate } from "../../../lib/workbench/mod.ts";
import { linKv } from "../../../lib/workload/lin_kv.ts";
import type { Workload } from "../../../lib/workload/mod.ts";
import program from "../../../nodes/lin_kv.ts";

/** All workers use one key without a pause: half of them read it, the others write different values. */
const contention: Workload = {
  ...linKv,
  name: "contention",
  generator: ({ concurrency }) => {
    let written = 0;
    return {
      next: ({ free: [worker = 0] }) => ({
        worker,
        invocation: worker < concurrency / 2
          ? { f: "read", value: ["k", null] }
          : { f: "write", value: ["k", written++] },
      }),
    };
  },
};

/** Runs the workload; returns the number of operations of each worker that a node has served. */
async function servedOperations(nodes: number, seed: number, timeLimitSeconds: number) {
  const concurrency = 2 * nodes;
  const run = await simulate(program, contention, {
    args: ["--strategy", "caspaxos"],
    nodes,
    concurrency,
    ratePerSecond: 1000,
    timeLimitSeconds,
    latency: { meanMs: 100, distribution: "constant" },
    seed,
  });
  expectValid(run);
  const served = new Map(Array.from({ length: concurrency }, (_, worker) => [worker, 0]));
  for (const { invocation: { process }, completion } of pairOperations(run.history)) {
    if (typeof process !== "number") continue;
    // The error of a read before the first write is an answer.
    const isServed = completion?.type === "ok" ||
      JSON.stringify(completion?.error ?? "").includes("key-does-not-exist");
    const worker = process % concurrency;
    if (isServed) served.set(worker, (served.get(worker) ?? 0) + 1);
  }
  return served;
}

const RUNS = [
  { nodes: 3, seeds: 20, timeLimitSeconds: 10 },
  { nodes: 5, seeds: 20, timeLimitSeconds: 10 },
  { nodes: 9, seeds: 5, timeLimitSeconds: 20 },
];

for (const { nodes, seeds, timeLimitSeconds } of RUNS) {
  Deno.test(`caspaxos serves all clients of ${nodes} nodes that read and write one key`, async () => {
    for (let seed = 0; seed < seeds; seed++) {
      const served = await servedOperations(nodes, seed, timeLimitSeconds);
      const starved = [...served].filter(([, count]) => count === 0).map(([worker]) => worker);
      assertEquals(starved, [], `seed ${seed}`);
      const reads = [...served].slice(0, nodes).map(([, count]) => count);
      // A read takes a round trip, 200 ms, and at most two more after a write that it meets.
      assert(Math.min(...reads) > timeLimitSeconds, `seed ${seed}: ${reads}`);
    }
  });
}
