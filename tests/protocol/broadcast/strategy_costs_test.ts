/**
 * Costs and properties of single strategies: `mesh`, `plumtree`, `retry`, `batch`, `tree`, `flood`.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { topologyOf } from "../../../lib/workload/mod.ts";
import { Cluster, partition, type Sent } from "./cluster.ts";

function newCluster(strategy: string, nodes = 25, latencyMs = 100, ...more: string[]): Cluster {
  return new Cluster({ nodes, latencyMs, args: ["--strategy", strategy, ...more] });
}

/**
 * Broadcasts a value on a random node every `gapMs` ms; returns the messages sent per value.
 */
function broadcastRandomly(
  cluster: Cluster,
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
  const cluster = newCluster("mesh");
  cluster.broadcast("n7", "value");
  cluster.run(100);
  assert(cluster.agrees(1));
});

Deno.test("mesh: anti-entropy costs less than half a message per value at the rate of challenge 3d", () => {
  const cluster = newCluster("mesh");
  broadcastRandomly(cluster, 200, 20);
  const perValue = broadcastRandomly(cluster, 1000, 20, 2);
  assert(perValue > 24 && perValue < 24.6, `${perValue} messages per value`);
});

Deno.test("mesh: anti-entropy repairs the loss of the last push", () => {
  const cluster = newCluster("mesh", 5, 10);
  broadcastRandomly(cluster, 20, 20);
  cluster.run(3000);
  cluster.network = { drops: (from) => from === "n3" };
  cluster.broadcast("n3", "lost on its way to all");
  cluster.run(15);
  cluster.network = {};
  assert(cluster.converge(1000) < 1000);
});

Deno.test("mesh: what the first node receives by repair, it sends to all", () => {
  const cluster = newCluster("mesh", 6, 10);
  broadcastRandomly(cluster, 20, 20);
  cluster.run(3000);
  const before = cluster.sent.length;
  cluster.network = { drops: (from) => from === "n3" };
  cluster.broadcast("n3", "lost on its way to all");
  cluster.run(15);
  cluster.network = {};
  assert(cluster.converge(1000) < 1000);
  const repairs = cluster.sent.slice(before).filter(({ from, body }) =>
    from === "n0" && body.type === "update" && body.delta !== undefined
  );
  assertEquals(new Set(repairs.map(({ to }) => to)), new Set(["n1", "n2", "n4", "n5"]));
});

Deno.test("plumtree: once the tree has emerged, a value takes n − 1 messages, and IHAVEs", () => {
  const cluster = newCluster("plumtree");
  broadcastRandomly(cluster, 200, 20);
  const before = cluster.sent.length;
  broadcastRandomly(cluster, 500, 20, 2);
  const sent = cluster.sent.slice(before);
  const deltas = sent.filter(({ body }) => body.type === "update" && body.delta !== undefined);
  const perValue = deltas.length / 500;
  assert(perValue > 23.5 && perValue < 24.5, `${perValue} deltas per value`);
  const ihaves = sent.filter(({ body }) => body.type === "ihave").length;
  assert(ihaves > 0 && ihaves < 12 * 2 * 75, `${ihaves} IHAVEs in 10 s`);
});

Deno.test("plumtree: a tree that lost a node repairs itself within some round trips", () => {
  const cluster = newCluster("plumtree", 25, 20);
  broadcastRandomly(cluster, 200, 20);
  cluster.network = partition(["n3"]);
  broadcastRandomly(cluster, 150, 20, 2);
  for (let trial = 0; trial < 10; trial++) {
    cluster.broadcast(`n${trial + 10}`, `trial ${trial}`);
    cluster.run(1000);
    const informed = cluster.nodes.filter((node) =>
      cluster.valuesOf(node).includes(`"trial ${trial}"`)
    );
    assertEquals(informed.length, 24, `trial ${trial}`);
  }
  assert(cluster.marks.has("a link was grafted"));
});

Deno.test("tree: a value takes n − 1 messages, and deltas carry the acknowledgements", () => {
  const cluster = newCluster("tree");
  const perValue = broadcastRandomly(cluster, 1000, 20);
  assert(perValue > 23.5 && perValue < 24.5, `${perValue} messages per value`);
});

Deno.test("tree: a node has five children, unless a flag says otherwise", () => {
  const children = (...more: string[]) => {
    const cluster = newCluster("tree", 25, 100, ...more);
    cluster.broadcast("n1", "value");
    cluster.run(0);
    return cluster.sent.map(({ to }) => to);
  };
  assertEquals(children(), ["n0", "n6", "n7", "n8", "n9", "n10"]);
  assertEquals(children("--fanout", "2"), ["n0", "n3", "n4"]);
});

Deno.test("retry: as many messages as flood, with acknowledgements", () => {
  const flooded = broadcastRandomly(newCluster("flood"), 500, 20);
  const retried = broadcastRandomly(newCluster("retry"), 500, 20);
  assert(retried < flooded * 1.02, `${retried} instead of ${flooded}`);
});

Deno.test("batch: a neighbour gets one message per interval, or a fifth of it earlier or later", () => {
  const cluster = newCluster("batch");
  broadcastRandomly(cluster, 100, 20);
  const before = cluster.sent.length;
  broadcastRandomly(cluster, 500, 20, 2);
  const links = Map.groupBy(cluster.sent.slice(before), ({ from, to }) => `${from} ${to}`);
  assertEquals(links.size, 80);
  for (const [link, sent] of links) {
    const gaps = sent.slice(1).map(({ at }, index) => at - (sent[index] as Sent).at);
    assert(gaps.every((gap) => gap >= 80), `${link}: a gap of ${Math.min(...gaps)} ms`);
    // Links into the middle are hardly ever idle.
    const isBusy = ["n7 n12", "n11 n12", "n13 n12", "n17 n12"].includes(link);
    const inTime = gaps.filter((gap) => gap <= 120).length / gaps.length;
    assert(!isBusy || inTime > 0.9, `${link}: ${inTime} of the gaps are short enough`);
  }
});

/** Adds values at a node at the given times; returns when it sends to its only neighbour. */
function sendTimes(strategy: string, atMs: readonly number[], ...more: string[]): number[] {
  const cluster = newCluster(strategy, 2, 1000, ...more);
  for (const [value, at] of atMs.entries()) {
    cluster.run(at - cluster.now);
    cluster.broadcast("n0", value);
  }
  cluster.run(300);
  return cluster.sent.flatMap(({ at, from }) => from === "n0" ? at : []);
}

Deno.test("batch: a change after a pause of more than an interval is sent immediately", () => {
  assertEquals(sendTimes("batch", [0]), [0]);
  assertEquals(sendTimes("batch", [0, 120, 300]), [0, 120, 300]);
  assertEquals(sendTimes("batch", [0, 30, 300]), [0, 120, 300]);
});

Deno.test("batch: an update leaves when changes have settled at about the end of the interval", () => {
  assertEquals(sendTimes("batch", [0, 79]), [0, 120]);
  assertEquals(sendTimes("batch", [0, 80]), [0, 90]);
  assertEquals(sendTimes("batch", [0, 30, 85, 92, 99]), [0, 109]);
  assertEquals(sendTimes("batch", [0, 84, 92, 100, 108, 116]), [0, 120]);
  assertEquals(sendTimes("batch", [0, 99], "--interval", "50"), [0, 99]);
  assertEquals(sendTimes("batch", [0, 99], "--interval", "200"), [0, 240]);
});

Deno.test("retry: each change is sent immediately, however soon it follows another", () => {
  assertEquals(sendTimes("retry", [0, 1, 2, 80, 100]), [0, 1, 2, 80, 100]);
});

Deno.test("retry: the suggested neighbours replace the initial ones, if they exist", () => {
  const cluster = newCluster("retry", 4, 5);
  const line: Record<string, string[]> = {
    n0: ["n1"],
    n1: ["n0", "n2"],
    n2: ["n1", "n3", "n9"],
    n3: ["n2"],
  };
  for (const node of cluster.nodes) cluster.request(node, { type: "topology", topology: line });
  cluster.broadcast("n0", "along the line");
  cluster.run(1000);
  assert(cluster.agrees(1));
  const used = new Set(cluster.sent.map(({ from, to }) => `${from} ${to}`));
  assertEquals(used, new Set(["n0 n1", "n1 n0", "n1 n2", "n2 n1", "n2 n3", "n3 n2"]));
});

Deno.test("retry: nodes that restart at the same time have every value again", () => {
  for (const strategy of ["retry", "batch"]) {
    const cluster = newCluster(strategy, 7, 5);
    // A binary tree, while the nodes themselves take a grid for their topology.
    const tree = { n0: ["n1", "n2"], n1: ["n0", "n3", "n4"], n2: ["n0", "n5", "n6"] };
    const topology = { ...tree, n3: ["n1"], n4: ["n1"], n5: ["n2"], n6: ["n2"] };
    for (const node of cluster.nodes) cluster.request(node, { type: "topology", topology });
    cluster.broadcast("n1", "value");
    cluster.run(5000);
    for (const node of ["n0", "n3", "n6"]) cluster.restart(node);
    assert(cluster.converge(5000) < 5000 && cluster.agrees(1), strategy);
    assert(cluster.marks.has("a new incarnation received the topology"));
  }
});

Deno.test("retry: nodes that restart together find the few that did not, and their values", () => {
  for (const strategy of ["retry", "batch"]) {
    for (const latencyMs of [1, 10, 100]) {
      const cluster = newCluster(strategy, 17, latencyMs);
      // A line, so that the only node that kept its memory is a neighbour of two.
      const topology = topologyOf("line", cluster.nodes);
      for (const node of cluster.nodes) cluster.request(node, { type: "topology", topology });
      cluster.broadcast("n1", "value");
      cluster.run(5000);
      for (const node of cluster.nodes) if (node !== "n8") cluster.restart(node);
      assert(
        cluster.converge(10_000) < 10_000 && cluster.agrees(1),
        `${strategy}, ${latencyMs} ms`,
      );
    }
  }
});

Deno.test("retry: nodes that never receive a topology cease to ask for it", () => {
  const cluster = newCluster("retry", 9, 5);
  for (const node of cluster.nodes) cluster.restart(node);
  assert(cluster.countSent(20_000) > 0);
  assertEquals(cluster.countSent(60_000), 0);
});

Deno.test("retry: probes save most wasted messages under a partition, without slower convergence", () => {
  const underPartition = (...args: string[]) => {
    const cluster = newCluster("retry", 9, 5, ...args);
    const before = broadcastRandomly(cluster, 200, 40);
    cluster.network = partition(["n0", "n1", "n3"]);
    broadcastRandomly(cluster, 100, 40, 2);
    const side = (node: string) => ["n0", "n1", "n3"].includes(node);
    const begin = cluster.sent.length;
    const during = broadcastRandomly(cluster, 500, 40, 3);
    const wasted = cluster.sent.slice(begin).filter(({ from, to }) => side(from) !== side(to));
    const bytes = wasted.reduce((sum, { body }) => sum + JSON.stringify(body).length, 0) / 500;
    cluster.network = {};
    return { before, during, wasted: wasted.length / 500, bytes, healed: cluster.converge(2000) };
  };
  const withProbes = underPartition();
  const withoutProbes = underPartition("--max-timeouts", "1000000", "--max-rto", "1");
  assert(withProbes.during < withProbes.before * 0.8, `${withProbes.during} messages a value`);
  assert(
    withProbes.wasted < withoutProbes.wasted / 2,
    `${withProbes.wasted}, ${withoutProbes.wasted} messages wasted`,
  );
  assert(
    withProbes.bytes < withoutProbes.bytes / 20,
    `${withProbes.bytes}, ${withoutProbes.bytes} bytes wasted`,
  );
  assert(withProbes.healed < 700, `converged after ${withProbes.healed} ms`);
});

Deno.test("flood: sends to every neighbour except the sender, once, and loses what the network drops", () => {
  const cluster = newCluster("flood", 4, 5);
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
