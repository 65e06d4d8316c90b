import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import type { Json } from "../../lib/base/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import { expectValid, simulate, type SimulationResult } from "../../lib/workbench/mod.ts";
import { txnListAppend as workload } from "../../lib/workload/txn_list_append.ts";
import program from "../../nodes/txn_list_append.ts";
import { explore, FAULTS } from "../protocol/txn/explore_case.ts";
import { withFinalReads } from "../protocol/txn/final_reads.ts";
import { CONFUSABLE_VALUES } from "../protocol/txn/confusable_values.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

const models = ["strict-serializable"];
const strategy = "root";

function serverMessagesPerOperation({ results }: SimulationResult): number {
  return results.net.servers["msgs-per-op"] ?? NaN;
}

Deno.test("root is strict-serializable under every fault, including restarts", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const faults = [...FAULTS, "kill"];
    const outcome = await explore({ program, workload, models, strategy, faults }, seed);
    assertEquals(outcome.failure, [], `seed ${seed}`);
  }
});

Deno.test("root is strict-serializable with many thunks", async () => {
  for (let seed = 100; seed < 110; seed++) {
    const args = ["--compact-after", "8"];
    const faults = ["kill", "partition"];
    const outcome = await explore({ program, workload, models, strategy, faults, args }, seed);
    assertEquals(outcome.failure, [], `seed ${seed}`);
  }
});

Deno.test("all nodes return the same lists after the last fault", async () => {
  for (let seed = 0; seed < 6; seed++) {
    const run = await simulate(program, withFinalReads(workload), {
      nodes: [2, 3, 5, 2, 3, 7][seed] as number,
      ratePerSecond: 100,
      timeLimitSeconds: 8,
      latency: { meanMs: [0, 10, 50][seed % 3] as number, distribution: "exponential" },
      faults: ["partition", "one-way", "kill", "pause"],
      nemesisIntervalSeconds: 1,
      seed,
    });
    expectValid(run);
    const [state] = run.verdict.final as string[];
    assert((state ?? "").length > 50, `seed ${seed}: ${state}`);
  }
});

interface Cost {
  readonly nodes: number;
  readonly workersPerNode: number;
  readonly partition: boolean;
  readonly maxMessages: number;
}

const costs: readonly Cost[] = [
  // With one client a node, n transactions share 2 messages to the store and 2 (n − 1) between
  // nodes: two each, less if a quorum confirms reads.
  { nodes: 2, workersPerNode: 1, partition: false, maxMessages: 1.85 },
  { nodes: 3, workersPerNode: 1, partition: false, maxMessages: 1.9 },
  { nodes: 5, workersPerNode: 1, partition: false, maxMessages: 2 },
  { nodes: 2, workersPerNode: 2, partition: false, maxMessages: 1.25 },
  { nodes: 5, workersPerNode: 4, partition: false, maxMessages: 2 },
  // In a partition each transaction takes two messages to the store, and failed compare-and-sets
  // more.
  { nodes: 2, workersPerNode: 1, partition: true, maxMessages: 2.15 },
  { nodes: 2, workersPerNode: 4, partition: true, maxMessages: 0.9 },
];

for (const { nodes, workersPerNode, partition, maxMessages } of costs) {
  const network = partition ? "often partitioned" : "healthy";
  Deno.test(`root costs at most ${maxMessages} messages on ${nodes} ${network} nodes with ${workersPerNode} clients each`, async () => {
    for (let seed = 0; seed < 5; seed++) {
      const run = await simulate(program, workload, {
        nodes,
        concurrency: nodes * workersPerNode,
        ratePerSecond: 100,
        timeLimitSeconds: 20,
        availability: "total",
        ...(partition ? { faults: ["partition"], nemesisIntervalSeconds: 5 } : {}),
        seed,
      });
      expectValid(run);
      const cost = serverMessagesPerOperation(run);
      assert(cost <= maxMessages, `${cost} messages a transaction with seed ${seed}`);
    }
  });
}

Deno.test("root costs less than two messages a transaction in the challenge, with partitions", async () => {
  const costs: number[] = [];
  for (let seed = 0; seed < 10; seed++) {
    const options = {
      nodes: 2,
      concurrency: 2,
      ratePerSecond: 100,
      timeLimitSeconds: 20,
      faults: ["partition"],
    };
    const run = await simulate(program, workload, { ...options, seed });
    expectValid(run);
    costs.push(serverMessagesPerOperation(run));
  }
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  assert(mean < 2, `${costs}`);
  // As above, for a run that is partitioned from beginning to end.
  assert(Math.max(...costs) <= 2.15, `${costs}`);
});

for (const [meanMs, maxFraction] of [[20, 0.001], [50, 0.001]] as const) {
  Deno.test(`partitioned nodes let each other commit with messages of ${meanMs} ms`, async () => {
    let invoked = 0;
    let notCommitted = 0;
    for (let seed = 0; seed < 12; seed++) {
      const options = {
        nodes: 2,
        concurrency: 6,
        ratePerSecond: 200,
        timeLimitSeconds: 30,
        latency: { meanMs, distribution: "constant" as const },
        faults: ["partition"],
        // The first partition starts immediately, and the run ends before it does.
        nemesisIntervalSeconds: 1000,
      };
      const { history } = await simulate(program, workload, { ...options, seed });
      for (const { type, process } of history) {
        if (process === "nemesis") continue;
        if (type === "invoke") invoked++;
        if (type === "fail" || type === "info") notCommitted++;
      }
    }
    assert(invoked > 1000, `${invoked}`);
    assert(notCommitted <= maxFraction * invoked, `${notCommitted} of ${invoked}`);
  });
}

Deno.test("an idle cluster sends no messages", async () => {
  const run = await simulate(program, withFinalReads(workload), {
    nodes: 5,
    ratePerSecond: 100,
    timeLimitSeconds: 2,
  });
  expectValid(run);
  const late = run.journal.filter(({ type, time }) => type === "send" && time > 3e9 && time < 11e9);
  assertEquals(late, []);
});

/** Starts a node in a cluster of one, with the stores. */
function startAlone(): FakeNode {
  const services = createServices(new Random(1));
  return new FakeNode(program, {
    nodes: ["n1"],
    answer: (message) => services.get(message.dest)?.handle(message),
  });
}

async function transact(node: FakeNode, txn: Json) {
  node.receive({ type: "txn", txn, msg_id: 77 });
  await node.host.advance(60);
  return node.host.takeSent().find(({ body }) => body.in_reply_to === 77)?.body;
}

Deno.test("root runs empty, repetitive and long transactions, with any keys and elements", async () => {
  const node = startAlone();
  assertEquals((await transact(node, []))?.txn, []);
  assertEquals((await transact(node, [["r", "x", null]]))?.txn, [["r", "x", null]]);
  const often: Json = [["append", "x", 1], ["r", "x", null], ["append", "x", 1], ["r", "x", null]];
  assertEquals((await transact(node, often))?.txn, [
    ["append", "x", 1],
    ["r", "x", [1]],
    ["append", "x", 1],
    ["r", "x", [1, 1]],
  ]);
  for (const [index, key] of CONFUSABLE_VALUES.entries()) {
    const element = CONFUSABLE_VALUES.at(-index) as Json;
    await transact(node, [["append", key, element], ["append", key, index]]);
  }
  for (const [index, key] of CONFUSABLE_VALUES.entries()) {
    const list = [CONFUSABLE_VALUES.at(-index) as Json, index];
    assertEquals((await transact(node, [["r", key, null]]))?.txn, [["r", key, list]]);
  }
  const many = Array.from({ length: 1000 }, (_, index): Json => ["append", [index % 3], index]);
  assertEquals((await transact(node, many))?.txn, many);
  const [, , list] = ((await transact(node, [["r", [0], null]]))?.txn as Json[][])[0] as Json[];
  assertEquals((list as Json[]).length, 334);
});

Deno.test("root rejects a malformed transaction (error 12) and runs no part of it", async () => {
  const node = startAlone();
  const malformed: Json[] = [
    [["append", "x", 1], ["w", "x", 2]],
    [["append", "x", 1], ["append", "x"]],
    [["append", "x", 1], {}],
    "append",
  ];
  for (const txn of malformed) {
    assertEquals((await transact(node, txn))?.code, 12, JSON.stringify(txn));
  }
  assertEquals((await transact(node, [["r", "x", null]]))?.txn, [["r", "x", null]]);
});

Deno.test("a client gets an error in time when the store does not reply", async () => {
  const node = new FakeNode(program, { nodes: ["n1"] });
  node.receive({ type: "txn", txn: [["append", "x", 1]], msg_id: 7 });
  await node.host.advance(4400);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 7);
  assertEquals([reply?.body.type, reply?.body.code], ["error", 0]);
  await node.host.advance(20_000);
  assert(node.host.takeSent().every(({ body }) => body.type === "read"));
  await node.host.advance(60_000);
  assertEquals(node.host.takeSent(), []);
});
