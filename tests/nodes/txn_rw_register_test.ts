import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { type Json, Random } from "../../lib/base/mod.ts";
import type { TransactionalVerdict } from "../../lib/check/txn/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import { expectValid, simulate } from "../../lib/workbench/mod.ts";
import { txnRwRegister as workload } from "../../lib/workload/txn_rw_register.ts";
import program from "../../nodes/txn_rw_register.ts";
import { anomaliesOf, explore, FAULTS } from "../protocol/txn/explored.ts";
import { withFinalReads } from "../protocol/txn/final_reads.ts";
import { STRANGE } from "../protocol/txn/strange_values.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

interface Promised {
  readonly strategy: string;
  /** The strongest models that hold, under these faults and on these nodes. */
  readonly models: readonly string[];
  readonly faults?: readonly string[];
  readonly nodes?: readonly string[];
}

const promised: readonly Promised[] = [
  {
    strategy: "local",
    models: ["strict-serializable"],
    nodes: ["n0"],
    faults: ["pause", "skew"],
  },
  { strategy: "read-uncommitted", models: ["strong-read-uncommitted"] },
  { strategy: "read-committed", models: ["strong-read-committed", "monotonic-atomic-view"] },
  { strategy: "causal", models: ["causal-cerone", "read-atomic", "strong-read-committed"] },
  { strategy: "lin-kv", models: ["strict-serializable"], faults: [...FAULTS, "kill"] },
];

for (const promise of promised) {
  Deno.test(`${promise.strategy} is ${promise.models.join(" and ")} under every fault`, async () => {
    for (let seed = 0; seed < 12; seed++) {
      const outcome = await explore({ program, workload, ...promise }, seed);
      assertEquals(outcome.failure, [], `seed ${seed}`);
    }
  });
}

Deno.test("causal has lost updates, write skew and long forks, and no other cycle", async () => {
  const found = new Set<string>();
  // As strong as can be without real time: all cycles, with the order within processes, are seen.
  const models = ["strong-session-serializable"];
  for (let seed = 0; seed < 12; seed++) {
    const outcome = await explore({ program, workload, models, strategy: "causal" }, seed);
    for (const anomaly of anomaliesOf(outcome)) found.add(anomaly.replace("-process", ""));
  }
  // What a search that was given up has not looked at is no cycle of any kind.
  for (const anomaly of found) {
    if (/cycle-(search-timeout|exists)$/.test(anomaly)) found.delete(anomaly);
  }
  const allowed = ["lost-update", "G2-item", "G-nonadjacent-item"];
  assertEquals([...found].filter((anomaly) => !allowed.includes(anomaly)), []);
  assert(found.has("lost-update") && found.has("G-nonadjacent-item"), [...found].join(", "));
});

/** Anomalies in a run with two workers a node. */
async function anomaliesIn(strategy: string, model: string) {
  const { verdict } = await simulate({
    program,
    workload,
    args: ["--strategy", strategy],
    options: {
      nodes: 2,
      concurrency: 8,
      ratePerSecond: 500,
      timeLimitSeconds: 5,
      consistencyModels: [model],
    },
  });
  return (verdict as TransactionalVerdict)["anomaly-types"] ?? [];
}

Deno.test("the next stronger models do not hold", async () => {
  const readCommitted = await anomaliesIn("read-uncommitted", "read-committed");
  assertEquals(readCommitted.filter((anomaly) => /^G1[bc]$/.test(anomaly)), ["G1b", "G1c"]);
  assert((await anomaliesIn("read-committed", "read-atomic")).includes("internal"));
  assert((await anomaliesIn("causal", "update-atomic")).includes("lost-update"));
  assertEquals(await anomaliesIn("lin-kv", "strict-serializable"), []);
});

for (const strategy of ["read-uncommitted", "read-committed", "causal", "lin-kv"]) {
  Deno.test(`${strategy}: after all faults are healed, every node has the same in every key`, async () => {
    for (let seed = 0; seed < 6; seed++) {
      const run = await simulate({
        program,
        seed,
        workload: withFinalReads(workload),
        args: ["--strategy", strategy],
        options: {
          nodes: [2, 3, 5, 2, 3, 7][seed] as number,
          ratePerSecond: 100,
          timeLimitSeconds: 8,
          latency: { meanMs: [0, 10, 50][seed % 3] as number, distribution: "exponential" },
          nemesis: ["partition", "one-way", "loss", "duplicate", "reorder", "slow"],
          nemesisIntervalSeconds: 1,
          consistencyModels: ["read-uncommitted"],
        },
      });
      expectValid(run);
      const [state] = run.verdict.final as string[];
      assert((state ?? "").length > 100, `the final state was ${state}`);
    }
  });
}

Deno.test("nodes that were cut off agree within a second of the cut's end", async () => {
  const run = await simulate({
    program,
    workload,
    options: {
      nodes: 3,
      ratePerSecond: 200,
      timeLimitSeconds: 11,
      consistencyModels: ["causal-cerone"],
    },
    schedule: [
      { at: 1000, f: "start-partition", value: "one", plan: { n0: ["n1", "n2"] } },
      { at: 9000, f: "stop-partition", value: null, plan: null },
    ],
  });
  expectValid(run);
  const words = (time: number) =>
    run.journal.filter(({ type, message, time: at }) =>
      type === "recv" && message.dest === "n0" && !message.src.startsWith("c") &&
      at > time * 1e6 && at < (time + 1000) * 1e6 &&
      (message.body as { delta?: Json }).delta !== undefined
    ).length;
  assertEquals(words(8000), 0);
  assert(words(9000) > 0);
});

for (const id of ["6b", "6c"]) {
  Deno.test(`challenge ${id} costs at most 0.03 messages between servers, with total availability`, async () => {
    const costs: number[] = [];
    for (let seed = 0; seed < 10; seed++) {
      const run = await simulate({
        program,
        workload,
        seed,
        options: {
          nodes: 2,
          concurrency: 4,
          ratePerSecond: 1000,
          timeLimitSeconds: 20,
          nemesis: ["partition"],
          availability: "total",
          consistencyModels: [id === "6b" ? "read-uncommitted" : "read-committed"],
        },
      });
      expectValid(run);
      const net = run.results.net as { readonly servers: { readonly "msgs-per-op": number } };
      costs.push(net.servers["msgs-per-op"]);
    }
    assert(Math.max(...costs) <= 0.03, `${costs}`);
  });
}

Deno.test("an idle cluster falls silent", async () => {
  const run = await simulate({
    program,
    // It asks for two seconds, waits for ten, and reads.
    workload: withFinalReads(workload),
    options: {
      nodes: 5,
      ratePerSecond: 100,
      timeLimitSeconds: 2,
      consistencyModels: ["causal-cerone"],
    },
  });
  expectValid(run);
  const times = run.journal.filter(({ type, message: { src, dest } }) =>
    type === "send" && src.startsWith("n") && dest.startsWith("n")
  ).map(({ time }) => time / 1e9);
  assert(times.some((time) => time > 1 && time < 2));
  assertEquals(times.filter((time) => time > 3), []);
});

/** A node of this strategy, alone with the stores. */
function alone(strategy: string): FakeNode {
  const services = createServices(new Random(1));
  return new FakeNode(program, {
    nodes: ["n1"],
    args: ["--strategy", strategy],
    answer: (message) => services.get(message.dest)?.handle(message),
  });
}

async function txn(node: FakeNode, micro: Json) {
  node.receive({ type: "txn", txn: micro, msg_id: 77 });
  await node.host.advance(60);
  return node.host.takeSent().find(({ body }) => body.in_reply_to === 77)?.body;
}

for (const { strategy } of promised) {
  Deno.test(`${strategy}: strange transactions`, async () => {
    const node = alone(strategy);
    const ask = async (micro: Json) => (await txn(node, micro))?.txn;
    assertEquals(await ask([]), []);
    assertEquals(await ask([["r", 1, null]]), [["r", 1, null]]);
    // What a client puts where the value will be does not matter.
    assertEquals(await ask([["r", 1, { a: 1 }]]), [["r", 1, null]]);
    const often: Json = [["w", 1, 1], ["r", 1, null], ["w", 1, 2], ["w", 1, 3], ["r", 1, null]];
    const done: Json = [["w", 1, 1], ["r", 1, 1], ["w", 1, 2], ["w", 1, 3], ["r", 1, 3]];
    assertEquals(await ask(often), done);
    const many = Array.from({ length: 1000 }, (_, index) => ["w", index % 10, index]);
    assertEquals(await ask(many), many);
    const reads = Array.from({ length: 1000 }, (_, index): Json => ["r", index % 10, null]);
    assertEquals(await ask(reads), reads.map((_, index) => ["r", index % 10, 990 + index % 10]));
  });

  Deno.test(`${strategy}: keys and values are any JSON value`, async () => {
    const node = alone(strategy);
    const ask = async (micro: Json) => (await txn(node, micro))?.txn;
    for (const values of [STRANGE, STRANGE.toReversed()]) {
      const writes = STRANGE.map((key, index): Json => ["w", key, values[index] as Json]);
      assertEquals(await ask(writes), writes);
      const reads = STRANGE.map((key): Json => ["r", key, null]);
      assertEquals(
        await ask(reads),
        reads.map((_, index): Json => ["r", STRANGE[index] as Json, values[index] as Json]),
      );
    }
    // The order of an object's members does not matter.
    assertEquals(await ask([["w", { a: 1, b: null }, 1], ["r", { b: null, a: 1 }, null]]), [
      ["w", { a: 1, b: null }, 1],
      ["r", { b: null, a: 1 }, 1],
    ]);
  });
}

for (const { strategy } of promised) {
  Deno.test(`${strategy}: what is no transaction is refused (12), and nothing of it is done`, async () => {
    const node = alone(strategy);
    const wrong: Json[] = [
      [["w", 1, 1], ["append", 1, 2]],
      [["w", 1, 1], ["cas", 1, 1, 2]],
      [["w", 1, 1], ["r", 1]],
      [["w", 1, 1], "r"],
      [["w", 1, 1], null],
      { w: 1 },
      "w",
    ];
    for (const micro of wrong) {
      const reply = await node.ask({ type: "txn", txn: micro });
      assertEquals([reply?.type, reply?.code], ["error", 12], JSON.stringify(micro));
    }
    const missing = await node.ask({ type: "txn" });
    assertEquals(missing?.code, 12);
    assertEquals(node.host.sent.filter(({ dest }) => dest === "lin-kv"), []);
    assertEquals((await txn(node, [["r", 1, null]]))?.txn, [["r", 1, null]]);
  });
}

Deno.test("a thousand statements do not take a thousand pauses", async () => {
  for (const strategy of ["read-uncommitted", "read-committed"]) {
    const node = alone(strategy);
    const many = Array.from({ length: 1000 }, (_, index) => ["w", index, index]);
    node.receive({ type: "txn", txn: many, msg_id: 5 });
    await node.host.advance(10);
    assertEquals(node.host.takeSent().at(-1)?.body.in_reply_to, 5);
  }
});

Deno.test("the strategy local says that it is for one node", () => {
  const node = new FakeNode(program, { args: ["--strategy", "local"] });
  assertStringIncludes(node.host.logged.join(), "for one node");
});
