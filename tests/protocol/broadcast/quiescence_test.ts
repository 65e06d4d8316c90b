/**
 * An idle cluster sends no messages, whatever happened before: nodes that lost their memory, entries
 * that no node has any more, very long latencies.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Cluster, partition, STRATEGIES } from "./cluster.ts";

const MINUTE_MS = 60_000;

function isolate(cluster: Cluster, node: string): void {
  cluster.network = partition([node]);
}

for (const [name, args] of Object.entries(STRATEGIES)) {
  Deno.test(`${name}: requests for an entry that no node has any more end`, () => {
    for (const nodes of [3, 25]) {
      const cluster = new Cluster({ nodes, latencyMs: 10, args });
      cluster.run(1000);
      cluster.broadcast("n0", "first");
      cluster.run(5000);
      isolate(cluster, "n2");
      cluster.broadcast("n2", "lost with n2");
      cluster.run(50);
      cluster.network = {};
      cluster.broadcast("n2", "maybe received");
      cluster.run(15);
      cluster.restart("n2");
      cluster.run(MINUTE_MS);
      assertEquals(cluster.countSent(MINUTE_MS), 0, `${nodes} nodes`);
      assert(cluster.agrees(), `${nodes} nodes`);
    }
  });

  Deno.test(`${name}: with latencies of seconds all nodes converge and fall silent`, () => {
    for (const latencyMs of [1500, 3000]) {
      const cluster = new Cluster({ nodes: 9, latencyMs, seed: 3, args });
      cluster.run(1000);
      for (let value = 0; value < 50; value++) {
        cluster.broadcast(`n${(value * 7) % 9}`, value);
        cluster.run(100);
      }
      cluster.run(5 * MINUTE_MS);
      assert(cluster.agrees(50), `${latencyMs} ms`);
      assertEquals(cluster.countSent(10 * MINUTE_MS), 0, `${latencyMs} ms`);
    }
  });
}

for (const [name, args] of Object.entries({ hub: STRATEGIES.hub ?? [] })) {
  Deno.test(`${name}: an unsubscribe from a new incarnation is handled`, () => {
    for (const latencyMs of [0, 100]) {
      const cluster = new Cluster({ nodes: 3, latencyMs, args });
      cluster.run(1000);
      cluster.broadcast("n1", 0);
      cluster.run(2000);
      isolate(cluster, "n0");
      cluster.broadcast("n1", 1);
      cluster.broadcast("n2", 2);
      cluster.run(10_000);
      isolate(cluster, "n2");
      cluster.run(500);
      cluster.broadcast("n1", 3);
      cluster.run(6000);
      cluster.restart("n2");
      cluster.run(100);
      cluster.network = {};
      cluster.run(20_000);
      assert(cluster.agrees(), `latency ${latencyMs} ms`);
      assertEquals(cluster.countSent(MINUTE_MS), 0, `latency ${latencyMs} ms`);
    }
  });
}
