/**
 * Costs and properties of single strategies: `mesh`, `plumtree`, `retry`, `batch`, `tree`, `flood`.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  Flood,
  gridNeighbours,
  type LinkTiming,
  type LocalNode,
  type Strategy,
} from "../../../lib/protocol/broadcast/mod.ts";
import { type NetworkConditions, partition, StrategyCluster } from "./strategy_cluster.ts";
import { batch, mesh, plumtree, retry, tree } from "./strategies.ts";

const flood = (self: LocalNode) => new Flood(self, gridNeighbours(self.nodes, self.id));

function newCluster(create: (self: LocalNode) => Strategy, nodes = 25, latencyMs = 100) {
  return new StrategyCluster({ create, nodes, latencyMs });
}

function conditions(drops: NetworkConditions["drops"]): NetworkConditions {
  return drops === undefined ? {} : { drops };
}

/**
 * Broadcasts a value on a random node every `gapMs` ms; returns the messages sent per value.
 */
function broadcastRandomly(
  cluster: StrategyCluster,
  values: number,
  gapMs: number,
  seed = 1,
): number {
  const random = new Random(seed);
  const before = cluster.sent.length;
  for (let value = 0; value < values; value++) {
    cluster.broadcast(random.pick(cluster.nodes), `${seed}: ${value}`);
    cluster.run(gapMs);
  }
  return (cluster.sent.length - before) / values;
}

Deno.test("mesh: all nodes have a value after one latency", () => {
  const cluster = newCluster(mesh);
  cluster.broadcast("n7", "value");
  cluster.run(100);
  assert(cluster.agrees(1));
});

Deno.test("mesh: anti-entropy costs less than half a message per value at the rate of challenge 3d", () => {
  const cluster = newCluster(mesh);
  broadcastRandomly(cluster, 200, 20);
  const perValue = broadcastRandomly(cluster, 1000, 20, 2);
  assert(perValue > 24 && perValue < 24.6, `${perValue} messages per value`);
});

Deno.test("mesh: a lost push is detected when the next one arrives, and requested", () => {
  const cluster = newCluster(mesh, 5, 10);
  broadcastRandomly(cluster, 20, 20);
  cluster.run(3000);
  cluster.network = { drops: (from, to) => from === "n2" && to === "n4" };
  cluster.broadcast("n2", "lost on its way to n4");
  cluster.run(15);
  cluster.network = {};
  cluster.broadcast("n2", "not lost");
  cluster.run(20);
  assert(!cluster.valuesOf("n4").includes('"lost on its way to n4"'));
  cluster.run(350);
  assert(cluster.valuesOf("n4").includes('"lost on its way to n4"'));
  assert(cluster.marks.has("a lost push was requested"));
});

Deno.test("mesh: anti-entropy repairs the loss of the last push", () => {
  const cluster = newCluster(mesh, 5, 10);
  broadcastRandomly(cluster, 20, 20);
  cluster.run(3000);
  cluster.network = { drops: (from) => from === "n3" };
  cluster.broadcast("n3", "lost on its way to all");
  cluster.run(15);
  cluster.network = {};
  assert(cluster.converge(1000) < 1000);
});

Deno.test("mesh: nodes do not push to peers that the hub cannot reach, until it reaches them again", () => {
  const cluster = newCluster(mesh, 6, 5);
  broadcastRandomly(cluster, 50, 20);
  cluster.network = conditions(partition(["n4", "n5"]));
  broadcastRandomly(cluster, 700, 20, 2);
  const before = cluster.sent.length;
  broadcastRandomly(cluster, 100, 20, 3);
  const pushes = cluster.sent.slice(before).filter(({ body }) => body.type === "push");
  const across = pushes.filter(({ from, to }) => (from < "n4") !== (to < "n4"));
  assertEquals(across.length, 0);
  assert(pushes.length > 0);
  cluster.network = {};
  assert(cluster.converge(1000) < 1000);
  broadcastRandomly(cluster, 200, 20, 4);
  const after = cluster.sent.length;
  cluster.broadcast("n1", "to all");
  assertEquals(cluster.sent.length - after, 5);
});

Deno.test("plumtree: once the tree has emerged, a value takes n − 1 messages, and IHAVEs", () => {
  const cluster = newCluster(plumtree);
  broadcastRandomly(cluster, 200, 20);
  const before = cluster.sent.length;
  broadcastRandomly(cluster, 500, 20, 2);
  const sent = cluster.sent.slice(before);
  const deltas = sent.filter(({ body }) => body.type === "delta" && (body.runs as []).length > 0);
  const perValue = deltas.length / 500;
  assert(perValue > 23.5 && perValue < 24.5, `${perValue} deltas per value`);
  const ihaves = sent.filter(({ body }) => body.type === "ihave").length;
  assert(ihaves > 0 && ihaves < 12 * 2 * 75, `${ihaves} IHAVEs in 10 s`);
});

Deno.test("plumtree: a tree that lost a node repairs itself within some round trips", () => {
  const cluster = newCluster(plumtree, 25, 20);
  broadcastRandomly(cluster, 200, 20);
  cluster.network = conditions(partition(["n3"]));
  broadcastRandomly(cluster, 150, 20, 2);
  for (let trial = 0; trial < 10; trial++) {
    cluster.broadcast(`n${trial + 10}`, `trial ${trial}`);
    cluster.run(1000);
    const informed = cluster.nodes.filter((node) =>
      cluster.valuesOf(node).includes(`"trial ${trial}"`)
    );
    assertEquals(informed.length, 24, `trial ${trial}`);
  }
});

Deno.test("tree: a value takes n − 1 messages, and deltas carry the acknowledgements", () => {
  const cluster = newCluster(tree);
  const perValue = broadcastRandomly(cluster, 1000, 20);
  assert(perValue > 23.5 && perValue < 24.5, `${perValue} messages per value`);
});

Deno.test("retry: as many messages as flood, with acknowledgements", () => {
  const flooded = broadcastRandomly(newCluster(flood), 500, 20);
  const retried = broadcastRandomly(newCluster((self) => retry(self)), 500, 20);
  assert(retried < flooded * 1.02, `${retried} instead of ${flooded}`);
});

Deno.test("batch: a neighbour gets at most one message per interval", () => {
  const cluster = newCluster(batch);
  broadcastRandomly(cluster, 100, 20);
  const before = cluster.sent.length;
  broadcastRandomly(cluster, 500, 20, 2);
  const links = Map.groupBy(cluster.sent.slice(before), ({ from, to }) => `${from} ${to}`);
  assertEquals(links.size, 80);
  for (const [link, sent] of links) assert(sent.length <= 101, `${link}: ${sent.length}`);
});

Deno.test("retry: the suggested neighbours replace the initial ones, if they exist", () => {
  const cluster = newCluster((self) => retry(self), 4, 5);
  const line: Record<string, string[]> = {
    n0: ["n1"],
    n1: ["n0", "n2"],
    n2: ["n1", "n3", "n9"],
    n3: ["n2"],
  };
  const out = { send() {}, sometimes() {} };
  for (const node of cluster.nodes) cluster.strategy(node).topology(line[node] as string[], 0, out);
  cluster.broadcast("n0", "along the line");
  cluster.run(1000);
  assert(cluster.agrees(1));
  const used = new Set(cluster.sent.map(({ from, to }) => `${from} ${to}`));
  assertEquals(used, new Set(["n0 n1", "n1 n0", "n1 n2", "n2 n1", "n2 n3", "n3 n2"]));
});

Deno.test("retry: open circuits save most wasted messages under a partition, without slower convergence", () => {
  const underPartition = (changes: Partial<LinkTiming>) => {
    const cluster = newCluster((self) => retry(self, changes), 9, 5);
    const before = broadcastRandomly(cluster, 200, 40);
    cluster.network = conditions(partition(["n0", "n1", "n3"]));
    broadcastRandomly(cluster, 100, 40, 2);
    const side = (node: string) => ["n0", "n1", "n3"].includes(node);
    const begin = cluster.sent.length;
    const during = broadcastRandomly(cluster, 500, 40, 3);
    const wasted = cluster.sent.slice(begin).filter(({ from, to }) => side(from) !== side(to));
    const bytes = wasted.reduce((sum, { body }) => sum + JSON.stringify(body).length, 0) / 500;
    cluster.network = {};
    return { before, during, wasted: wasted.length / 500, bytes, healed: cluster.converge(2000) };
  };
  const withCircuits = underPartition({});
  const withoutCircuits = underPartition({ maxTimeouts: Infinity, maxRtoMs: 0 });
  assert(
    withCircuits.during < withCircuits.before * 0.8,
    "fewer messages per value than without a partition",
  );
  assert(
    withCircuits.wasted < withoutCircuits.wasted / 2,
    `${withCircuits.wasted}, ${withoutCircuits.wasted} messages wasted`,
  );
  assert(
    withCircuits.bytes < withoutCircuits.bytes / 20,
    `${withCircuits.bytes}, ${withoutCircuits.bytes} bytes wasted`,
  );
  assert(withCircuits.healed < 700, `converged after ${withCircuits.healed} ms`);
});

Deno.test("flood: sends to every neighbour except the sender, once, and loses what the network drops", () => {
  const cluster = newCluster(flood, 4, 5);
  cluster.broadcast("n0", "value");
  cluster.broadcast("n0", "value");
  cluster.run(1000);
  assert(cluster.agrees(1));
  // In both directions around the square: over its 4 links, and back over the one where both meet.
  assertEquals(cluster.sent.length, 5);
  cluster.network = { loss: 1 };
  cluster.broadcast("n1", "lost");
  cluster.run(60_000);
  assertEquals(cluster.valuesOf("n3"), ['"value"']);
});
