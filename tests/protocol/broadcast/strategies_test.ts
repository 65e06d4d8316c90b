/**
 * What every strategy but the naive one promises, held against each of them.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { Hub, type LocalNode } from "../../../lib/protocol/broadcast/mod.ts";
import { partition, StrategyCluster } from "./strategy_cluster.ts";
import { hubOptions, retry, STRATEGIES } from "./strategies.ts";

for (const [name, create] of Object.entries(STRATEGIES)) {
  const world = (options: { nodes: number; latencyMs?: number; seed?: number }) =>
    new StrategyCluster({ ...options, create });

  Deno.test(`${name}: what one node is told all come to know, and fall silent`, () => {
    for (const nodes of [1, 2, 3, 5, 25]) {
      const all = world({ nodes, latencyMs: 20 });
      all.run(1000);
      all.broadcast(all.nodes.at(-1) as string, "value");
      all.run(5000);
      assert(all.agrees(1), `${nodes} nodes`);
      assertEquals(all.countSent(60_000), 0, `${nodes} nodes`);
    }
  });

  Deno.test(`${name}: values are any JSON, told apart by content, read once`, () => {
    const all = world({ nodes: 4, latencyMs: 5 });
    const values = [0, "0", null, true, [], {}, { a: 1, b: [2] }, "", -1.5, 12345678901234567890n];
    values.forEach((value, index) => all.broadcast(`n${index % 4}`, value as never));
    all.broadcast("n3", { b: [2], a: 1 });
    all.run(3000);
    all.broadcast("n0", { b: [2], a: 1 });
    all.run(3000);
    assertEquals(all.strategy("n2").values.length, values.length);
    assert(all.agrees(values.length));
  });

  Deno.test(`${name}: loses nothing to loss, duplicates and reordering`, () => {
    for (const seed of [1, 2, 3]) {
      const all = world({ nodes: 7, latencyMs: 10, seed });
      all.network = { loss: 0.3, duplication: 0.3, maxExtraDelayMs: 200 };
      chatter(all, 60, 50, seed);
      all.network = {};
      assert(all.converge(2000) < 2000, `seed ${seed}`);
      assert(all.agrees(60), `seed ${seed}`);
    }
  });

  Deno.test(`${name}: converges within a second of a heal, whatever direction was cut`, () => {
    for (const direction of [undefined, "in", "out"] as const) {
      for (const side of [["n0"], ["n4"], ["n0", "n1", "n2"], ["n3", "n5", "n6"]]) {
        const all = world({ nodes: 7, seed: side.length });
        chatter(all, 10, 40, 1);
        const drops = partition(side, direction);
        if (drops !== undefined) all.network = { drops };
        chatter(all, 100, 60, 2, 100);
        all.network = {};
        const label = `${side.join()} ${direction ?? "both"}`;
        assert(all.converge(1000) < 1000, label);
        assert(all.agrees(110), label);
      }
    }
  });

  Deno.test(`${name}: takes so many latencies to converge after a heal, once they matter`, () => {
    const all = world({ nodes: 7, latencyMs: 200 });
    all.run(1000);
    const drops = partition(["n0", "n3", "n5"]);
    if (drops !== undefined) all.network = { drops };
    chatter(all, 100, 60, 2);
    all.network = {};
    const most = 1000 + 12 * 200;
    assert(all.converge(most) < most);
    assert(all.agrees(100));
  });

  Deno.test(`${name}: a node that stood still is caught up, and what it knew is not lost`, () => {
    const all = world({ nodes: 5, latencyMs: 2 });
    chatter(all, 10, 40, 1);
    all.broadcast("n0", "just before");
    all.pause("n0");
    all.pause("n3");
    for (let value = 0; value < 50; value++) {
      all.broadcast(value % 2 === 0 ? "n1" : "n4", `during ${value}`);
      all.run(100);
    }
    all.resume("n0");
    all.resume("n3");
    assert(all.converge(1500) < 1500);
    assert(all.agrees(61));
  });

  Deno.test(`${name}: a node that lost its memory is caught up, even in a cluster at rest`, () => {
    for (const lost of [["n0"], ["n2"], ["n0", "n1"]]) {
      const all = world({ nodes: 5, latencyMs: 2 });
      chatter(all, 40, 40, 1);
      all.run(5000);
      for (const node of lost) all.restart(node);
      assert(all.converge(2500) < 2500, lost.join());
      assert(all.agrees(40), lost.join());
    }
  });

  Deno.test(`${name}: catches up by digest, and sends nothing that is known`, () => {
    const all = world({ nodes: 5, latencyMs: 2 });
    for (let value = 0; value < 3000; value++) {
      all.broadcast(`n${value % 5}`, value);
      if (value % 50 === 0) all.run(20);
    }
    all.run(5000);
    assert(all.agrees(3000));
    const before = all.sent.length;
    const drops = partition(["n4"]);
    if (drops !== undefined) all.network = { drops };
    for (let value = 0; value < 20; value++) {
      all.broadcast(value % 2 === 0 ? "n4" : "n0", `new ${value}`);
      all.run(300);
    }
    all.network = {};
    all.run(3000);
    assert(all.agrees(3020));
    const largest = Math.max(
      ...all.sent.slice(before).map(({ body }) => JSON.stringify(body).length),
    );
    assert(largest < 1000, `a message had ${largest} characters`);
  });

  Deno.test(`${name}: a dead link's circuit opens, and what is tried backs off`, () => {
    const all = world({ nodes: 5, latencyMs: 2 });
    chatter(all, 20, 40, 1);
    const drops = partition(["n4"]);
    if (drops !== undefined) all.network = { drops };
    all.broadcast("n4", "there");
    all.broadcast("n0", "here");
    all.run(10_000);
    assert(all.marks.has("the circuit to a peer opened"));
    const across = all.sent.length;
    all.run(60_000);
    const tried = all.sent.slice(across).filter(({ from, to }) =>
      (from === "n4") !== (to === "n4")
    );
    // At most two probes every 450 ms from n4, and as many to it from those that it has links with.
    assert(tried.length < 60_000 / 450 * 2 * 5, `${tried.length} messages in a minute`);
    const isProbe = ({ type }: { type: string }) => type === "probe" || type === "election";
    assert(tried.every(({ body }) => isProbe(body)), "nothing but probes");
    all.network = {};
    assert(all.converge(1000) < 1000);
  });

  Deno.test(`${name}: random faults of all kinds delay values and lose none`, () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = new Random(seed);
      const all = world({
        nodes: random.pick([2, 3, 5, 8]),
        latencyMs: random.pick([0, 5, 50]),
        seed,
      });
      for (let round = 0; round < 6; round++) {
        makeTrouble(all, random);
        chatter(all, 15, random.pick([10, 60, 200]), seed * 100 + round, round * 15);
      }
      for (const node of all.nodes) all.resume(node);
      all.network = {};
      assert(all.converge(4000) < 4000, `seed ${seed}`);
      assert(all.agrees(90), `seed ${seed}`);
    }
  });
}

for (
  const [name, create] of Object.entries({
    hub: (self: LocalNode) => new Hub(self, { ...hubOptions, maxTimeouts: 1 }),
    retry: (self: LocalNode) => retry(self, { maxTimeouts: 1 }),
  })
) {
  Deno.test(`${name}: circuits that open at once do not make nodes answer each other for ever`, () => {
    for (let seed = 0; seed < 10; seed++) {
      const all = new StrategyCluster({ nodes: 5, latencyMs: 1, seed, create });
      const drops = partition(["n1"]);
      if (drops !== undefined) all.network = { drops };
      chatter(all, 20, 100, seed);
      all.network = {};
      const sent = all.countSent(200);
      assert(sent < 100, `${sent} messages within 200 ms of the heal`);
      assert(all.converge(1000) < 1000);
    }
  });
}

/** Tells random nodes so many values, one every so many milliseconds. */
function chatter(
  world: StrategyCluster,
  values: number,
  gap: number,
  seed: number,
  first = 0,
): void {
  const random = new Random(seed);
  for (let value = 0; value < values; value++) {
    world.broadcast(random.pick(world.nodes), first + value);
    world.run(gap);
  }
}

function makeTrouble(world: StrategyCluster, random: Random): void {
  for (const node of world.nodes) world.resume(node);
  const side = world.nodes.filter(() => random.chance(0.5));
  const drops = partition(side, random.pick([undefined, "in", "out"] as const));
  world.network = {
    ...(drops !== undefined && random.chance(0.5) ? { drops } : {}),
    loss: random.pick([0, 0, 0.3]),
    duplication: random.pick([0, 0.5]),
    maxExtraDelayMs: random.pick([0, 0, 300]),
  };
  if (random.chance(0.3)) world.pause(random.pick(world.nodes));
}
