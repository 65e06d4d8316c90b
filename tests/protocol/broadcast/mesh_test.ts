/**
 * Strategy `mesh`: which messages its nodes exchange beside the pushes.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Cluster, partition, type Sent } from "./cluster.ts";

const INTERVAL_MS = 1000;

/** Broadcasts a value every 50 ms on nodes in turn; returns what nodes send each other meanwhile. */
function underLoad(cluster: Cluster, nodes: readonly string[], seconds: number): readonly Sent[] {
  const before = cluster.sent.length;
  for (let value = 0; value < 20 * seconds; value++) {
    cluster.broadcast(nodes[value % nodes.length] as string, `${cluster.now}`);
    cluster.run(50);
  }
  return cluster.sent.slice(before);
}

/** A cluster that has been under load, so that all nodes know each other. */
function newCluster(): Cluster {
  const args = ["--strategy", "mesh", "--interval", `${INTERVAL_MS}`];
  const cluster = new Cluster({ nodes: 4, latencyMs: 10, args });
  underLoad(cluster, cluster.nodes, 3);
  return cluster;
}

/** The number of messages from one node to another, by type; updates with values are `delta`. */
function counts(sent: readonly Sent[], from: string, to: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { body } of sent.filter((message) => message.from === from && message.to === to)) {
    const type = body.type === "update" && body.delta !== undefined ? "delta" : body.type;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

Deno.test("mesh: a node and the first one exchange three messages an interval beside the values", () => {
  const cluster = newCluster();
  const sent = underLoad(cluster, cluster.nodes, 20);
  assertEquals(counts(sent, "n0", "n1"), { push: 100, ihave: 20, update: 20 });
  assertEquals(counts(sent, "n1", "n0"), { push: 100, ihave: 20 });
  assertEquals(counts(sent, "n1", "n2"), { push: 100 });
});

Deno.test("mesh: an acknowledgement makes the first node send no values again", () => {
  const sent = underLoad(newCluster(), ["n0"], 20);
  const { ihave = 0, update = 0, ...others } = counts(sent, "n0", "n1");
  assertEquals(others, { push: 400 });
  assert(ihave + update < 25, `${ihave} + ${update}`);
});

Deno.test("mesh: a node that suspects the first one sends it no values", () => {
  const cluster = newCluster();
  cluster.network = partition(["n0"]);
  underLoad(cluster, cluster.nodes, 10);
  const { push } = counts(underLoad(cluster, cluster.nodes, 5), "n1", "n0");
  assertEquals(push, undefined);
});
