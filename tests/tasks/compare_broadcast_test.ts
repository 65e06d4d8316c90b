import { assert, assertAlmostEquals, assertEquals, assertRejects } from "std/testing";
import { broadcastFlags } from "../../nodes/broadcast.ts";
import { nodeIds } from "../../lib/workload/mod.ts";
import { BadArguments } from "../../tasks/cli/exit_code.ts";
import { compareBroadcast } from "../../tasks/compare/broadcast.ts";
import { CONTENDERS } from "../../tasks/compare/broadcast_contenders.ts";
import {
  batchMessages,
  floodMessages,
  floorPerOperation,
  hubMessages,
  treeMessages,
} from "../../tasks/compare/broadcast_expectation.ts";

/** 25 nodes on a grid, half of 2,000 operations in 20 s say a value. */
const work = {
  nodes: nodeIds(25),
  topology: "grid",
  latency: 100,
  operations: 2000,
  values: 1000,
  seconds: 20,
};

Deno.test("on paper: flooding a grid of 5 by 5 takes 2 × 40 links less 24 messages a value", () => {
  assertEquals(floodMessages(work) / work.values, 56);
  assertEquals(floodMessages({ ...work, topology: "line" }) / work.values, 24);
});

Deno.test("on paper: a tree takes one message for each other node, half of it for each operation", () => {
  assertEquals(treeMessages(work) / work.operations, 12);
});

Deno.test("on paper: batches cost by the interval, not by the value", () => {
  const tenTimes = { ...work, operations: 20_000, values: 10_000 };
  assertEquals(batchMessages(work, { interval: 0.1 }), 2 * 40 * 200);
  assertEquals(batchMessages(tenTimes, { interval: 0.1 }), batchMessages(work, { interval: 0.1 }));
});

Deno.test("on paper: a hub tells each leaf once an interval, and hears of those that have news", () => {
  const busy = { ...work, operations: 200_000, values: 100_000 };
  assertAlmostEquals(hubMessages(busy, { interval: 1 }), 2 * 24 * 20, 1);
  const quiet = { ...work, values: 0 };
  assertEquals(hubMessages(quiet, { interval: 1 }), 24 * 20);
});

Deno.test("the floor falls with the latency that is allowed", () => {
  const floors = [99, 100, 500, 2000].map((latency) => floorPerOperation(work, latency));
  assertEquals(floors.toSorted((a, b) => b - a), floors);
  // Nothing can be passed on within a latency, so nearly each value goes to each node by itself.
  assert(floors[0] !== undefined && floors[0] > 9 && floors[0] < 12);
  // Each of 25 nodes is told something every 600 ms.
  assertAlmostEquals(floors[2] as number, 25 / 0.6 * 20 / 2000, 1e-9);
});

interface Kept {
  readonly figures: readonly {
    readonly name: string;
    readonly valid: boolean;
    readonly expected: number;
    readonly messagesPerOperation: { readonly mean: number };
    readonly converged: number | null;
  }[];
}

async function compare(...args: string[]): Promise<Kept & { code: number; files: string[] }> {
  const out = Deno.makeTempDirSync();
  const setting = ["--node-count", "9", "--time-limit", "4", "--seeds", "1", "--out", out];
  const code = await compareBroadcast([...setting, ...args]);
  const files = [...Deno.readDirSync(out)].map(({ name }) => name).toSorted();
  const json = files.find((name) => name.endsWith(".json")) as string;
  const kept = JSON.parse(Deno.readTextFileSync(`${out}/${json}`)) as Kept;
  Deno.removeSync(out, { recursive: true });
  return { ...kept, code, files };
}

Deno.test("a comparison of broadcast measures every strategy, and comes near what is expected", async () => {
  const { figures, code, files } = await compare();
  assertEquals(files, ["broadcast.json", "broadcast.svg"]);
  assertEquals([code, figures.length], [0, 9]);
  for (const { name, valid, expected, messagesPerOperation } of figures) {
    assert(valid, name);
    // Plumtree's links are not all lazy from the start.
    const most = name === "plumtree" ? 2 : 1.3;
    assert(messagesPerOperation.mean < most * expected + 0.3, `${name}: ${expected}`);
    assert(messagesPerOperation.mean > 0.7 * expected - 0.3, `${name}: ${expected}`);
  }
});

Deno.test("under faults a comparison of broadcast shows when all nodes agree, and flood does not", async () => {
  const faults = ["--nemesis", "partition", "--nemesis-interval", "1", "--latency", "0"];
  const { figures, code, files } = await compare(...faults);
  assertEquals(files, ["broadcast-faults.json", "broadcast-faults.svg"]);
  assertEquals(code, 0);
  for (const { name, valid, converged } of figures) {
    assertEquals(valid, name !== "flood", name);
    if (name !== "flood") assert(converged !== null && converged < 1000, `${name}: ${converged}`);
  }
});

Deno.test("a comparison of broadcast refuses what it does not know", async () => {
  await assertRejects(() => compareBroadcast(["--rate", "0"]), BadArguments);
  await assertRejects(() => compareBroadcast(["loud"]), BadArguments);
});

Deno.test("what is expected on paper is expected of the node's defaults", () => {
  const defaults: Record<string, number> = {
    hub: broadcastFlags.interval.initial,
    mesh: broadcastFlags["repair-interval"].initial,
    plumtree: broadcastFlags["lazy-interval"].initial,
    batch: broadcastFlags["batch-interval"].initial,
  };
  const expected = CONTENDERS.filter(({ isDefault, interval }) => isDefault && !isNaN(interval));
  assertEquals(
    Object.fromEntries(expected.map(({ name, interval }) => [name, interval * 1000])),
    defaults,
  );
});
