/**
 * What is particular to `mesh`, `plumtree`, `retry`, `batch`, `tree` and `flood`.
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

function newWorld(create: (self: LocalNode) => Strategy, nodes = 25, latencyMs = 100) {
  return new StrategyCluster({ create, nodes, latencyMs });
}

function weather(drops: NetworkConditions["drops"]): NetworkConditions {
  return drops === undefined ? {} : { drops };
}

/**
 * Tells random nodes a value every `gap` ms; returns how many messages that took for each value.
 */
function chatter(world: StrategyCluster, values: number, gap: number, seed = 1): number {
  const random = new Random(seed);
  const before = world.sent.length;
  for (let value = 0; value < values; value++) {
    world.broadcast(random.pick(world.nodes), `${seed}: ${value}`);
    world.run(gap);
  }
  return (world.sent.length - before) / values;
}

Deno.test("mesh: a value is everywhere after one latency", () => {
  const world = newWorld(mesh);
  world.broadcast("n7", "value");
  world.run(100);
  assert(world.agrees(1));
});

Deno.test("mesh: notes are compared for less than half a message a value at the challenge's rate", () => {
  const world = newWorld(mesh);
  chatter(world, 200, 20);
  const perValue = chatter(world, 1000, 20, 2);
  assert(perValue > 24 && perValue < 24.6, `${perValue} messages for each value`);
});

Deno.test("mesh: a push that got lost is missed when the next one comes, and asked for", () => {
  const world = newWorld(mesh, 5, 10);
  chatter(world, 20, 20);
  world.run(3000);
  world.network = { drops: (from, to) => from === "n2" && to === "n4" };
  world.broadcast("n2", "lost on its way to n4");
  world.run(15);
  world.network = {};
  world.broadcast("n2", "not lost");
  world.run(20);
  assert(!world.valuesOf("n4").includes('"lost on its way to n4"'));
  world.run(350);
  assert(world.valuesOf("n4").includes('"lost on its way to n4"'));
  assert(world.marks.has("a lost push was requested"));
});

Deno.test("mesh: the last push of all is made up for too, if it got lost", () => {
  const world = newWorld(mesh, 5, 10);
  chatter(world, 20, 20);
  world.run(3000);
  world.network = { drops: (from) => from === "n3" };
  world.broadcast("n3", "lost on its way to everybody");
  world.run(15);
  world.network = {};
  assert(world.converge(1000) < 1000);
});

Deno.test("mesh: nobody pushes to those that the hub does not reach, until it reaches them again", () => {
  const world = newWorld(mesh, 6, 5);
  chatter(world, 50, 20);
  world.network = weather(partition(["n4", "n5"]));
  chatter(world, 700, 20, 2);
  const before = world.sent.length;
  chatter(world, 100, 20, 3);
  const pushes = world.sent.slice(before).filter(({ body }) => body.type === "push");
  const across = pushes.filter(({ from, to }) => (from < "n4") !== (to < "n4"));
  assertEquals(across.length, 0);
  assert(pushes.length > 0);
  world.network = {};
  assert(world.converge(1000) < 1000);
  chatter(world, 200, 20, 4);
  const after = world.sent.length;
  world.broadcast("n1", "to all");
  assertEquals(world.sent.length - after, 5);
});

Deno.test("plumtree: once the tree has grown a value takes n − 1 messages, and offers", () => {
  const world = newWorld(plumtree);
  chatter(world, 200, 20);
  const before = world.sent.length;
  chatter(world, 500, 20, 2);
  const sent = world.sent.slice(before);
  const news = sent.filter(({ body }) => body.type === "delta" && (body.runs as []).length > 0);
  const perValue = news.length / 500;
  assert(perValue > 23.5 && perValue < 24.5, `${perValue} news for each value`);
  const offers = sent.filter(({ body }) => body.type === "ihave").length;
  assert(offers > 0 && offers < 12 * 2 * 75, `${offers} offers in 10 s`);
});

Deno.test("plumtree: a tree that lost a node mends itself within some round trips", () => {
  const world = newWorld(plumtree, 25, 20);
  chatter(world, 200, 20);
  world.network = weather(partition(["n3"]));
  chatter(world, 150, 20, 2);
  for (let trial = 0; trial < 10; trial++) {
    world.broadcast(`n${trial + 10}`, `trial ${trial}`);
    world.run(1000);
    const known = world.nodes.filter((node) => world.valuesOf(node).includes(`"trial ${trial}"`));
    assertEquals(known.length, 24, `trial ${trial}`);
  }
});

Deno.test("tree: a value takes n − 1 messages, and acknowledgements ride on news", () => {
  const world = newWorld(tree);
  const perValue = chatter(world, 1000, 20);
  assert(perValue > 23.5 && perValue < 24.5, `${perValue} messages for each value`);
});

Deno.test("retry: as many messages as flooding, though all are acknowledged", () => {
  const flooded = chatter(newWorld(flood), 500, 20);
  const retried = chatter(newWorld((self) => retry(self)), 500, 20);
  assert(retried < flooded * 1.02, `${retried} instead of ${flooded}`);
});

Deno.test("batch: a neighbour gets at most one message an interval", () => {
  const world = newWorld(batch);
  chatter(world, 100, 20);
  const before = world.sent.length;
  chatter(world, 500, 20, 2);
  const links = Map.groupBy(world.sent.slice(before), ({ from, to }) => `${from} ${to}`);
  assertEquals(links.size, 80);
  for (const [link, sent] of links) assert(sent.length <= 101, `${link}: ${sent.length}`);
});

Deno.test("retry: the suggested neighbours take the place of its own, if they exist", () => {
  const world = newWorld((self) => retry(self), 4, 5);
  const line: Record<string, string[]> = {
    n0: ["n1"],
    n1: ["n0", "n2"],
    n2: ["n1", "n3", "n9"],
    n3: ["n2"],
  };
  const out = { send() {}, sometimes() {} };
  for (const node of world.nodes) world.strategy(node).topology(line[node] as string[], 0, out);
  world.broadcast("n0", "along the line");
  world.run(1000);
  assert(world.agrees(1));
  const used = new Set(world.sent.map(({ from, to }) => `${from} ${to}`));
  assertEquals(used, new Set(["n0 n1", "n1 n0", "n1 n2", "n2 n1", "n2 n3", "n3 n2"]));
});

Deno.test("retry: open circuits spare most of what is sent in vain under a partition, and no time after it", () => {
  const underPartition = (shorter: Partial<LinkTiming>) => {
    const world = newWorld((self) => retry(self, shorter), 9, 5);
    const before = chatter(world, 200, 40);
    world.network = weather(partition(["n0", "n1", "n3"]));
    chatter(world, 100, 40, 2);
    const side = (node: string) => ["n0", "n1", "n3"].includes(node);
    const begin = world.sent.length;
    const during = chatter(world, 500, 40, 3);
    const vain = world.sent.slice(begin).filter(({ from, to }) => side(from) !== side(to));
    const bytes = vain.reduce((sum, { body }) => sum + JSON.stringify(body).length, 0) / 500;
    world.network = {};
    return { before, during, vain: vain.length / 500, bytes, healed: world.converge(2000) };
  };
  const breaking = underPartition({});
  const stubborn = underPartition({ maxTimeouts: Infinity, maxRtoMs: 0 });
  assert(
    breaking.during < breaking.before * 0.8,
    "fewer messages a value than without a partition",
  );
  assert(breaking.vain < stubborn.vain / 2, `${breaking.vain}, ${stubborn.vain} messages in vain`);
  assert(
    breaking.bytes < stubborn.bytes / 20,
    `${breaking.bytes}, ${stubborn.bytes} bytes in vain`,
  );
  assert(breaking.healed < 700, `converged after ${breaking.healed} ms`);
});

Deno.test("flood: tells every neighbour but the one that told it, once, and loses what is lost", () => {
  const world = newWorld(flood, 4, 5);
  world.broadcast("n0", "value");
  world.broadcast("n0", "value");
  world.run(1000);
  assert(world.agrees(1));
  // Around the square both ways: over each of its 4 links, and back over the one where they meet.
  assertEquals(world.sent.length, 5);
  world.network = { loss: 1 };
  world.broadcast("n1", "lost");
  world.run(60_000);
  assertEquals(world.valuesOf("n3"), ['"value"']);
});
