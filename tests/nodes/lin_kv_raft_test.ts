import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { expectValid, simulate } from "../../lib/workbench/mod.ts";
import { linKv as workload } from "../../lib/workload/lin_kv.ts";
import program from "../../nodes/lin_kv.ts";
import { explore, FAULTS } from "../protocol/txn/explore_case.ts";

const NODES_5 = ["n0", "n1", "n2", "n3", "n4"];
const args = ["--strategy", "raft"];
const HEALTHY = {
  nodes: 5,
  concurrency: 20,
  ratePerSecond: 30,
  timeLimitSeconds: 20,
  latency: { meanMs: 10, distribution: "constant" },
  args,
} as const;

type History = Awaited<ReturnType<typeof simulate>>["history"];

/** The completed operations of clients, with times in milliseconds. */
function* requestsOf(history: History) {
  const started = new Map<unknown, number>();
  for (const { type, process, time, error } of history) {
    if (process === "nemesis") continue;
    const ms = time / 1e6;
    if (type === "invoke") started.set(process, ms);
    else {
      const startMs = started.get(process) as number;
      const isServed = type !== "info" && !/unavailable|timeout/.test(String(error));
      const node = NODES_5[process as number % NODES_5.length] as string;
      yield { type, error, startMs, latencyMs: ms - startMs, isServed, node };
    }
  }
}

/** The latencies of the operations with a result, in milliseconds and ascending order. */
function latenciesOf(history: History): number[] {
  return [...requestsOf(history)].filter(({ type }) => type !== "info")
    .map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
}

Deno.test("raft is linearizable under all faults, kills, losses of power and changes of members", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const faults = [...FAULTS, "kill", "disk", "membership"];
    const exploring = { program, workload, models: [], strategy: "raft", faults };
    assertEquals((await explore(exploring, seed)).failure, [], `seed ${seed}`);
  }
});

Deno.test("raft serves all clients while links between nodes are broken", async () => {
  for (let seed = 0; seed < 4; seed++) {
    const exploring = { program, workload, models: [], strategy: "raft", nodes: NODES_5 };
    const outcome = await explore({ ...exploring, faults: ["partial-partition"] }, seed);
    assertEquals(outcome.failure, [], `seed ${seed}`);
  }
});

Deno.test("the median takes one round trip to the leader and one to a majority", async () => {
  const run = await simulate(program, workload, HEALTHY);
  expectValid(run);
  const latencies = latenciesOf(run.history);
  const median = latencies[latencies.length >> 1] as number;
  // Two round trips of 20 ms, two writes to disks, and a few milliseconds of batching.
  assert(median >= 20 && median < 48, `${median} ms`);
});

Deno.test("an operation costs at most 8 messages at a low rate, and 3 at a high one", async () => {
  for (const [ratePerSecond, meanMs, max] of [[30, 10, 8], [1000, 1, 3]] as const) {
    const latency = { meanMs, distribution: "constant" } as const;
    const run = await simulate(program, workload, {
      ...HEALTHY,
      ratePerSecond,
      latency,
      timeLimitSeconds: 10,
    });
    expectValid(run);
    const operations = run.history.filter(({ type, process }) =>
      type === "invoke" && process !== "nemesis"
    ).length;
    const cost = run.results.net.servers["msg-count"] / operations;
    assert(cost <= max, `${cost} messages at rate ${ratePerSecond}`);
  }
});

/** The links of a ring, in which each node reaches two others: a majority, but not the same. */
const RING = NODES_5.map((node, index) => [node, NODES_5[(index + 2) % 5] as string] as const);

Deno.test("clients of a majority are served within 1 s of a partition, the others 0.2 s after it", async () => {
  const sides = [
    [["n0", "n1"], ["n2", "n3", "n4"]],
    [["n2"], ["n0", "n1", "n3", "n4"]],
    RING,
    RING,
  ];
  for (const [seed, cuts] of sides.entries()) {
    const START_MS = 3000;
    const STOP_MS = 9000;
    const isRing = cuts === RING;
    const majority = isRing ? NODES_5 : cuts[1] as string[];
    const run = await simulate(program, workload, {
      ...HEALTHY,
      seed,
      timeLimitSeconds: 14,
      script: async ({ sleep, partition, heal }) => {
        await sleep(START_MS);
        if (!isRing) partition(cuts[0] as string[], majority);
        else for (const [one, other] of RING) partition(one, other);
        await sleep(STOP_MS - START_MS);
        heal();
      },
    });
    expectValid(run);
    for (const { startMs, latencyMs, isServed, node } of requestsOf(run.history)) {
      const isFast = isServed && latencyMs < 150;
      const isMajority = majority.includes(node);
      const mustServe = startMs > STOP_MS + 200 || startMs < START_MS - 1000 && startMs > 2000 ||
        (isMajority && startMs > START_MS + 850 && startMs < STOP_MS);
      assert(isFast || !mustServe, `seed ${seed}: ${node} did not serve a request at ${startMs}`);
    }
  }
});

Deno.test("leases answer reads without messages between the leader and a majority", async () => {
  const costs: number[] = [];
  for (const drift of ["0", "0.1"]) {
    const run = await simulate(program, workload, {
      ...HEALTHY,
      concurrency: 10,
      ratePerSecond: 100,
      args: [...args, "--lease-drift", drift],
    });
    expectValid(run);
    costs.push(run.results.net.servers["msg-count"]);
  }
  const [rounds = 0, leases = 0] = costs;
  // Half of the operations are reads.
  assert(leases < 0.85 * rounds, `${costs} messages`);
});

Deno.test("clients are served within 1 s when the same partition begins again immediately", async () => {
  const SECOND_MS = 9200;
  for (let seed = 0; seed < 4; seed++) {
    const run = await simulate(program, workload, {
      ...HEALTHY,
      seed,
      timeLimitSeconds: 14,
      script: async ({ sleep, partition, heal }) => {
        await sleep(3000);
        for (const [one, other] of RING) partition(one, other);
        await sleep(6000);
        heal();
        await sleep(200);
        for (const [one, other] of RING) partition(one, other);
      },
    });
    expectValid(run);
    for (const { startMs, isServed, node } of requestsOf(run.history)) {
      const mustServe = startMs > SECOND_MS + 850 && startMs < 14_000;
      assert(isServed || !mustServe, `seed ${seed}: ${node} did not serve a request at ${startMs}`);
    }
  }
});

Deno.test("clients are served where most links are broken in one direction, permanently", async () => {
  const SERVED_MS = 12_000;
  const ids = Array.from({ length: 21 }, (_, index) => `n${index}`);
  for (let seed = 0; seed < 3; seed++) {
    const random = new Random(`links of ${seed}`);
    // A tree of links that work in both directions connects all nodes.
    const whole = new Set(
      ids.slice(1).map((id, index) => `${id} ${ids[random.integer(index + 1)]}`),
    );
    const run = await simulate(program, workload, {
      ...HEALTHY,
      nodes: ids.length,
      concurrency: 2 * ids.length,
      seed,
      timeLimitSeconds: 15,
      script: async ({ sleep, partitionOneWay }) => {
        await sleep(1000);
        for (const from of ids) {
          const cut = ids.filter((to) =>
            to !== from && !whole.has(`${from} ${to}`) && !whole.has(`${to} ${from}`) &&
            random.chance(0.85)
          );
          if (cut.length > 0) await partitionOneWay(from, cut);
        }
      },
    });
    expectValid(run);
    for (const { startMs, isServed, error } of requestsOf(run.history)) {
      assert(isServed || startMs < SERVED_MS, `seed ${seed}: ${error} at ${startMs} ms`);
    }
  }
});
