/**
 * The examples of docs/strategies: n2 restarts while n0 is isolated. Which nodes serve their clients
 * between the restart and the heal, and whether all nodes do afterwards.
 */

import { assertEquals } from "std/testing";
import { simulate } from "../../lib/workbench/mod.ts";
import { findWorkload, type Workload } from "../../lib/workload/mod.ts";
import { PROJECT_NODES } from "../support/project_nodes.ts";

const NODES = ["n0", "n1", "n2"];

/** The nodes that serve each kind of operation, by workload and strategy. */
const SERVED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "broadcast hub": { broadcast: NODES, read: NODES },
  "g-set": { add: NODES, read: NODES },
  "g-counter crdt": { add: NODES, read: NODES },
  "unique-ids counter": { generate: NODES },
  "kafka lamport": { send: ["n0", "n1"], poll: NODES },
  "kafka raft": { send: ["n1", "n2"], poll: ["n1", "n2"] },
  "txn-rw-register causal": { txn: NODES },
  "txn-list-append root": { txn: NODES },
  "txn-list-append raft": { txn: ["n1", "n2"] },
  "lin-kv raft": { read: ["n1", "n2"], write: ["n1", "n2"] },
  "lin-kv caspaxos": { read: ["n1", "n2"], write: ["n1", "n2"] },
  "lin-kv proxy": { read: NODES, write: NODES },
};

for (const [subject, expected] of Object.entries(SERVED)) {
  Deno.test(`${subject} serves its clients as its page says when n2 restarts without n0`, async () => {
    const [name = "", strategy] = subject.split(" ");
    const workload = findWorkload(name) as Workload;
    const program = PROJECT_NODES.find((node) => node.workload === name)?.program;
    const { history, options } = await simulate(program as NonNullable<typeof program>, workload, {
      args: strategy === undefined ? [] : ["--strategy", strategy],
      nodes: NODES,
      concurrency: 12,
      ratePerSecond: 60,
      timeLimitSeconds: 20,
      latency: { meanMs: 2, distribution: "constant" },
      script: async ({ at, partition, kill, restart, heal }) => {
        await at(3000);
        await partition("n0", ["n1", "n2"]);
        await at(5000);
        await kill("n2");
        await at(5500);
        await restart("n2");
        await at(12_000);
        await heal();
      },
    });
    const servedBy = (f: string, fromMs: number, toMs: number) =>
      NODES.filter((_, index) =>
        history.some((operation) => {
          const { type, process, time } = operation;
          return type === "ok" && operation.f === f && time > fromMs * 1e6 && time < toMs * 1e6 &&
            (process as number) % options.concurrency % NODES.length === index;
        })
      );
    for (const [f, nodes] of Object.entries(expected)) {
      assertEquals(servedBy(f, 8000, 12_000), nodes, `${f} before the heal`);
      assertEquals(servedBy(f, 15_000, 20_000), NODES, `${f} after the heal`);
    }
  });
}
