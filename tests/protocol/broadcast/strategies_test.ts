/**
 * The guarantees of every strategy except `flood`.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { Cluster, partition, STRATEGIES } from "./cluster.ts";

for (const [name, args] of Object.entries(STRATEGIES)) {
  const newCluster = (options: { nodes: number; latencyMs?: number; seed?: number }) =>
    new Cluster({ ...options, args });

  Deno.test(`${name}: a value of one node reaches all nodes, and they fall silent`, () => {
    for (const nodes of [1, 2, 3, 5, 25]) {
      const cluster = newCluster({ nodes, latencyMs: 20 });
      cluster.run(1000);
      cluster.broadcast(cluster.nodes.at(-1) as string, "value");
      cluster.run(5000);
      assert(cluster.agrees(1), `${nodes} nodes`);
      assertEquals(cluster.countSent(60_000), 0, `${nodes} nodes`);
    }
  });

  Deno.test(`${name}: values are any JSON, distinguished by content, read once`, () => {
    const cluster = newCluster({ nodes: 4, latencyMs: 5 });
    const values = [0, "0", null, true, [], {}, { a: 1, b: [2] }, "", -1.5, 12345678901234567890n];
    values.forEach((value, index) => cluster.broadcast(`n${index % 4}`, value as never));
    cluster.broadcast("n3", { b: [2], a: 1 });
    cluster.run(3000);
    cluster.broadcast("n0", { b: [2], a: 1 });
    cluster.run(3000);
    assertEquals(cluster.valuesOf("n2").length, values.length);
    assert(cluster.agrees(values.length));
  });

  Deno.test(`${name}: loses no values under loss, duplicates and reordering`, () => {
    for (const seed of [1, 2, 3]) {
      const cluster = newCluster({ nodes: 7, latencyMs: 10, seed });
      cluster.network = { loss: 0.3, duplication: 0.3, maxExtraDelayMs: 200 };
      cluster.broadcastRandomly(60, 50, seed);
      cluster.network = {};
      assert(cluster.converge(2000) < 2000, `seed ${seed}`);
      assert(cluster.agrees(60), `seed ${seed}`);
    }
  });

  Deno.test(`${name}: converges within a second of a heal, also of one-way partitions`, () => {
    for (const direction of [undefined, "in", "out"] as const) {
      for (const side of [["n0"], ["n4"], ["n0", "n1", "n2"], ["n3", "n5", "n6"]]) {
        const cluster = newCluster({ nodes: 7, seed: side.length });
        cluster.broadcastRandomly(10, 40, 1);
        cluster.network = partition(side, direction);
        cluster.broadcastRandomly(100, 60, 2, 100);
        cluster.network = {};
        const label = `${side.join()} ${direction ?? "both"}`;
        assert(cluster.converge(1000) < 1000, label);
        assert(cluster.agrees(110), label);
      }
    }
  });

  Deno.test(`${name}: converges within a second and twelve latencies of a heal`, () => {
    const cluster = newCluster({ nodes: 7, latencyMs: 200 });
    cluster.run(1000);
    cluster.network = partition(["n0", "n3", "n5"]);
    cluster.broadcastRandomly(100, 60, 2);
    cluster.network = {};
    const maxMs = 1000 + 12 * 200;
    assert(cluster.converge(maxMs) < maxMs);
    assert(cluster.agrees(100));
  });

  Deno.test(`${name}: a paused node catches up, and its own values are not lost`, () => {
    const cluster = newCluster({ nodes: 5, latencyMs: 2 });
    cluster.broadcastRandomly(10, 40, 1);
    cluster.broadcast("n0", "just before");
    cluster.pause("n0");
    cluster.pause("n3");
    for (let value = 0; value < 50; value++) {
      cluster.broadcast(value % 2 === 0 ? "n1" : "n4", `during ${value}`);
      cluster.run(100);
    }
    cluster.resume("n0");
    cluster.resume("n3");
    assert(cluster.converge(1500) < 1500);
    assert(cluster.agrees(61));
  });

  Deno.test(`${name}: a node that lost its memory catches up, even in an idle cluster`, () => {
    for (const lost of [["n0"], ["n2"], ["n0", "n1"]]) {
      const cluster = newCluster({ nodes: 5, latencyMs: 2 });
      cluster.broadcastRandomly(40, 40, 1);
      cluster.run(5000);
      for (const node of lost) cluster.restart(node);
      assert(cluster.converge(2500) < 2500, lost.join());
      assert(cluster.agrees(40), lost.join());
    }
  });

  Deno.test(`${name}: catches up by digest, without entries that the receiver has`, () => {
    const cluster = newCluster({ nodes: 5, latencyMs: 2 });
    for (let value = 0; value < 3000; value++) {
      cluster.broadcast(`n${value % 5}`, value);
      if (value % 50 === 0) cluster.run(20);
    }
    cluster.run(5000);
    assert(cluster.agrees(3000));
    const before = cluster.sent.length;
    cluster.network = partition(["n4"]);
    for (let value = 0; value < 20; value++) {
      cluster.broadcast(value % 2 === 0 ? "n4" : "n0", `new ${value}`);
      cluster.run(300);
    }
    cluster.network = {};
    cluster.run(3000);
    assert(cluster.agrees(3020));
    const largest = Math.max(
      ...cluster.sent.slice(before).map(({ body }) => JSON.stringify(body).length),
    );
    assert(largest < 1000, `a message had ${largest} characters`);
  });

  Deno.test(`${name}: the circuit of a partitioned link opens, and probes back off`, () => {
    const cluster = newCluster({ nodes: 5, latencyMs: 2 });
    cluster.broadcastRandomly(20, 40, 1);
    cluster.network = partition(["n4"]);
    cluster.broadcast("n4", "there");
    cluster.broadcast("n0", "here");
    cluster.run(10_000);
    assert(cluster.marks.has("a peer was suspected"));
    const before = cluster.sent.length;
    cluster.run(60_000);
    const attempts = cluster.sent.slice(before).filter(({ from, to }) =>
      (from === "n4") !== (to === "n4")
    );
    // At most two probes per 450 ms from n4, and as many from each peer with a link to it.
    assert(attempts.length < 60_000 / 450 * 2 * 5, `${attempts.length} messages in a minute`);
    assert(attempts.every(({ body }) => body.delta === undefined), "probes only");
    cluster.network = {};
    assert(cluster.converge(1000) < 1000);
  });

  Deno.test(`${name}: random faults of all kinds delay values and lose none`, () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = new Random(seed);
      const cluster = newCluster({
        nodes: random.pick([2, 3, 5, 8]),
        latencyMs: random.pick([0, 5, 50]),
        seed,
      });
      for (let round = 0; round < 6; round++) {
        injectFaults(cluster, random);
        cluster.broadcastRandomly(15, random.pick([10, 60, 200]), seed * 100 + round, round * 15);
      }
      for (const node of cluster.nodes) cluster.resume(node);
      cluster.network = {};
      assert(cluster.converge(4000) < 4000, `seed ${seed}`);
      assert(cluster.agrees(90), `seed ${seed}`);
    }
  });
}

for (const name of ["hub", "retry"]) {
  const args = ["--strategy", name, "--max-timeouts", "1"];
  Deno.test(`${name}: circuits that open at the first timeout do not cause endless replies`, () => {
    for (let seed = 0; seed < 10; seed++) {
      const cluster = new Cluster({ nodes: 5, latencyMs: 1, seed, args });
      cluster.network = partition(["n1"]);
      cluster.broadcastRandomly(20, 100, seed);
      cluster.network = {};
      const sent = cluster.countSent(200);
      assert(sent < 100, `${sent} messages within 200 ms of the heal`);
      assert(cluster.converge(1000) < 1000);
    }
  });
}

function injectFaults(cluster: Cluster, random: Random): void {
  for (const node of cluster.nodes) cluster.resume(node);
  const side = cluster.nodes.filter(() => random.chance(0.5));
  const cut = partition(side, random.pick([undefined, "in", "out"] as const));
  cluster.network = {
    ...(random.chance(0.5) ? cut : {}),
    loss: random.pick([0, 0, 0.3]),
    duplication: random.pick([0, 0.5]),
    maxExtraDelayMs: random.pick([0, 0, 300]),
  };
  if (random.chance(0.3)) cluster.pause(random.pick(cluster.nodes));
}
