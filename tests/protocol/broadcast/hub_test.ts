/**
 * Strategy `hub`, which stands in `nodes/broadcast.ts`.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { DEFAULT_INTERVAL_MS } from "../../../lib/protocol/broadcast/mod.ts";
import { Cluster, partition, type Sent } from "./cluster.ts";

const INTERVAL_MS = DEFAULT_INTERVAL_MS.hub;
/** How long before its hub's flush a leaf's values arrive, and how long the hub waits for them. */
const MARGIN_MS = 30;

function newCluster(options: { nodes: number; latencyMs?: number; intervalMs?: number }): Cluster {
  const { intervalMs = INTERVAL_MS } = options;
  return new Cluster({ ...options, args: ["--interval", `${intervalMs}`] });
}

/** Broadcasts a value on a random node every 20 ms, half the rate of challenge 3d. */
function broadcastRandomly(cluster: Cluster, durationMs: number, seed = 1): void {
  const random = new Random(seed);
  for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs += 20) {
    cluster.broadcast(random.pick(cluster.nodes), `${seed}: ${elapsedMs}`);
    cluster.run(20);
  }
}

/** The lower nodes that each node sent changes to since a time: its hubs. A hub has none. */
function hubs(cluster: Cluster, sinceMs: number): Record<string, string[]> {
  const hubsOf = (node: string) => [
    ...new Set(cluster.sent.flatMap(({ at, from, to, body }) => {
      const hasChanges = body.type === "update" && (body.from as number) < (body.to as number);
      return at >= sinceMs && from === node && to < node && hasChanges ? [to] : [];
    })),
  ];
  return Object.fromEntries(cluster.nodes.map((node) => [node, hubsOf(node)]));
}

Deno.test("a leaf and its hub each send at most one message per interval, acknowledgements included", () => {
  const cluster = newCluster({ nodes: 25, latencyMs: 100 });
  broadcastRandomly(cluster, 4000);
  const before = cluster.sent.length;
  const seconds = 20;
  broadcastRandomly(cluster, seconds * 1000, 2);
  const sent = cluster.sent.slice(before);
  const flushes = seconds * 1000 / INTERVAL_MS;
  const byNode = Map.groupBy(sent.filter(({ from }) => from !== "n0"), ({ from }) => from);
  for (const [node, sentToHub] of byNode) {
    assert(sentToHub.length <= flushes + 1, `${node} sent ${sentToHub.length} messages`);
  }
  const flushesSent = sent.filter(({ from }) => from === "n0").length;
  assert(Math.abs(flushesSent / 24 - flushes) <= 1, `${flushesSent / 24} flushes in ${seconds} s`);
  assert(
    sent.length < 2 * 24 * flushes * 0.85,
    "leaves send nothing in intervals without new values",
  );
});

Deno.test("the hub requests no summary from a leaf that it already sent values", () => {
  const cluster = newCluster({ nodes: 25, latencyMs: 100 });
  cluster.run(350);
  broadcastRandomly(cluster, 1000);
  const requests = cluster.sent.filter(({ from, body }) => from === "n0" && body.type === "sync");
  assertEquals(requests, []);
});

Deno.test("a leaf whose values all came from the hub requests no summary before its first update", () => {
  const cluster = newCluster({ nodes: 3, latencyMs: 100 });
  for (let count = 0; count < 100; count++) {
    cluster.broadcast("n0", count);
    if (count % 20 === 0) cluster.run(INTERVAL_MS);
  }
  cluster.run(INTERVAL_MS + 200);
  assertEquals(cluster.valuesOf("n2").length, 100);
  cluster.broadcast("n2", "at last");
  cluster.run(800);
  assert(cluster.valuesOf("n1").includes('"at last"'));
  assertEquals(cluster.sent.filter(({ body }) => body.type === "sync"), []);
});

Deno.test("updates arrive shortly before the hub's flush, once the leaf knows the time of the flush", () => {
  const cluster = newCluster({ nodes: 9, latencyMs: 100 });
  broadcastRandomly(cluster, 4000);
  const before = cluster.sent.length;
  broadcastRandomly(cluster, 8000, 2);
  const sent = cluster.sent.slice(before);
  const flushes = flushTimes(sent);
  const earlyMs = sent.filter(({ to }) => to === "n0").map(({ at }) => {
    const next = flushes.find((flush) => flush >= at + 100);
    return next === undefined ? undefined : next - at - 100;
  }).filter((waitMs) => waitMs !== undefined);
  assert(earlyMs.length > 50);
  for (const waitMs of earlyMs) {
    assert(
      waitMs >= MARGIN_MS - 2 && waitMs <= MARGIN_MS + 2,
      `${waitMs} ms early`,
    );
  }
});

Deno.test("all nodes return a value within an interval, a margin and two latencies", () => {
  const cluster = newCluster({ nodes: 9, latencyMs: 100 });
  broadcastRandomly(cluster, 4000);
  for (let trial = 0; trial < 40; trial++) {
    cluster.broadcast(`n${trial % 9}`, `trial ${trial}`);
    const begin = cluster.now;
    const text = `"trial ${trial}"`;
    while (!cluster.nodes.every((node) => cluster.valuesOf(node).includes(text))) cluster.run(5);
    const elapsedMs = cluster.now - begin;
    assert(
      elapsedMs <= INTERVAL_MS + MARGIN_MS + 200 + 10,
      `after ${elapsedMs} ms`,
    );
    cluster.broadcast(`n${(trial * 5 + 3) % 9}`, `between ${trial}`);
    cluster.run(37);
  }
});

Deno.test("in an idle cluster leaf and hub send the first value immediately", () => {
  const cluster = newCluster({ nodes: 5, latencyMs: 10, intervalMs: 1000 });
  cluster.broadcast("n3", "warm up");
  cluster.run(10_000);
  cluster.broadcast("n3", "value");
  cluster.run(21);
  assert(cluster.agrees(2));
});

Deno.test("a value that is late for its flush does not wait for another interval", () => {
  const cluster = newCluster({ nodes: 5, latencyMs: 50, intervalMs: 1000 });
  broadcastRandomly(cluster, 6000);
  const last = flushTimes(cluster.sent).at(-1) as number;
  // n4 is paused when it should send, so its update arrives just after the next flush.
  cluster.run(last + 1000 - 90 - cluster.now);
  cluster.broadcast("n1", "keeps the hub flushing");
  const acceptedAt = cluster.now;
  cluster.broadcast("n4", "late");
  cluster.pause("n4");
  cluster.run(120);
  cluster.resume("n4");
  cluster.run(acceptedAt + 1000 + 150 + 100 - cluster.now);
  assert(cluster.valuesOf("n2").includes('"late"'));
});

Deno.test("the lowest reachable node becomes the hub when the hub is partitioned", () => {
  for (const direction of [undefined, "in", "out"] as const) {
    const cluster = newCluster({ nodes: 6, latencyMs: 5 });
    broadcastRandomly(cluster, 2000);
    cluster.network = partition(["n0"], direction);
    broadcastRandomly(cluster, 8000, 2);
    const { n0: _, ...others } = hubs(cluster, cluster.now - 3000);
    const n1 = ["n1"];
    assertEquals(others, { n1: [], n2: n1, n3: n1, n4: n1, n5: n1 }, `${direction}`);
    cluster.broadcast("n5", `meanwhile ${direction}`);
    cluster.run(1000);
    for (const node of ["n1", "n2", "n3", "n4"]) {
      assert(cluster.valuesOf(node).includes(`"meanwhile ${direction}"`), `${node} ${direction}`);
    }
    cluster.network = {};
    assert(cluster.converge(1000) < 1000);
    broadcastRandomly(cluster, 5000, 3);
    const { n0, ...leaves } = hubs(cluster, cluster.now - 3000);
    assertEquals([n0, new Set(Object.values(leaves).flat())], [[], new Set(["n0"])]);
  }
});

Deno.test("a new hub also reaches nodes that have no new values", () => {
  const cluster = newCluster({ nodes: 6, latencyMs: 5 });
  broadcastRandomly(cluster, 1000);
  cluster.run(3000);
  cluster.network = partition(["n0"]);
  cluster.broadcast("n3", "only n3 detects it");
  cluster.run(12_000);
  for (const node of ["n1", "n2", "n4", "n5"]) {
    assert(cluster.valuesOf(node).includes('"only n3 detects it"'), node);
  }
  for (const mark of ["a hub was given up", "a new hub was found"]) {
    assert(cluster.marks.has(mark), mark);
  }
});

Deno.test("each side of a partition has its own hub, and after the heal there is one hub", () => {
  const cluster = newCluster({ nodes: 9, latencyMs: 5 });
  broadcastRandomly(cluster, 2000);
  cluster.network = partition(["n0", "n1", "n2", "n3"]);
  broadcastRandomly(cluster, 12_000, 2);
  const { n3, n4, n5, n8 } = hubs(cluster, cluster.now - 3000);
  assertEquals([n3, n4, n5, n8], [["n0"], [], ["n4"], ["n4"]]);
  cluster.network = {};
  assert(cluster.converge(1000) < 1000);
  broadcastRandomly(cluster, 5000, 3);
  assertEquals(new Set(Object.values(hubs(cluster, cluster.now - 3000)).flat()), new Set(["n0"]));
});

Deno.test("a leave that arrives after the leaf's return is ignored", () => {
  const cluster = newCluster({ nodes: 4, latencyMs: 5 });
  broadcastRandomly(cluster, 1000);
  cluster.network = partition(["n0"]);
  broadcastRandomly(cluster, 6000, 2);
  cluster.network = {};
  broadcastRandomly(cluster, 4000, 3);
  const leave = cluster.sent.find(({ body, from, to }) =>
    body.type === "leave" && from === "n3" && to === "n1"
  );
  assert(leave !== undefined, "n3 left n1 when n0 was reachable again");
  cluster.network = partition(["n0"]);
  broadcastRandomly(cluster, 6000, 4);
  cluster.run(3000);
  cluster.deliver("n1", { src: "n3", dest: "n1", body: leave.body });
  cluster.broadcast("n2", "still received");
  cluster.run(1000);
  assert(cluster.valuesOf("n3").includes('"still received"'));
});

Deno.test("a node adopts the lowest hub that replies, not one that it can only receive from", () => {
  const cluster = newCluster({ nodes: 4, latencyMs: 5 });
  broadcastRandomly(cluster, 1000);
  cluster.network = { drops: (from, to) => from === "n3" && to === "n0" };
  broadcastRandomly(cluster, 12_000, 2);
  assertEquals(hubs(cluster, cluster.now - 3000).n3, ["n1"]);
  cluster.broadcast("n3", "by way of n1");
  cluster.run(1500);
  assert(cluster.valuesOf("n0").includes('"by way of n1"'));
});

Deno.test("a leaf sends immediately where round trips vary too much", () => {
  const cluster = newCluster({ nodes: 5, latencyMs: 20 });
  cluster.network = { maxExtraDelayMs: 300 };
  broadcastRandomly(cluster, 4000);
  const before = cluster.sent.length;
  broadcastRandomly(cluster, 4000, 2);
  const sentToHub = cluster.sent.slice(before).filter(({ to, body }) =>
    to === "n0" && body.delta !== undefined
  );
  const immediate = sentToHub.filter(({ body }) => body.hint === undefined).length;
  assert(
    immediate > sentToHub.length * 0.8,
    `${immediate} of ${sentToHub.length} sent immediately`,
  );
});

function flushTimes(sent: readonly Sent[]): number[] {
  return [...new Set(sent.filter(({ from }) => from === "n0").map(({ at }) => at))];
}
