import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { Hub } from "../../../lib/protocol/broadcast/mod.ts";
import {
  type NetworkConditions,
  partition,
  type Sent,
  StrategyCluster,
} from "./strategy_cluster.ts";
import { hub, hubOptions } from "./strategies.ts";

const INTERVAL = hubOptions.flushIntervalMs;

function newWorld(options: { nodes: number; latencyMs?: number; interval?: number }) {
  const { interval = INTERVAL } = options;
  return new StrategyCluster({
    ...options,
    create: (self) => new Hub(self, { ...hubOptions, flushIntervalMs: interval }),
  });
}

function weather(drops: NetworkConditions["drops"]): NetworkConditions {
  return drops === undefined ? {} : { drops };
}

/** Half as many values a second as the challenge has operations, on random nodes. */
function chatter(world: StrategyCluster, milliseconds: number, seed = 1): void {
  const random = new Random(seed);
  for (let passed = 0; passed < milliseconds; passed += 20) {
    world.broadcast(random.pick(world.nodes), `${seed}: ${passed}`);
    world.run(20);
  }
}

function parents(world: StrategyCluster): Record<string, string | undefined> {
  return Object.fromEntries(
    world.nodes.map((node) => [node, (world.strategy(node) as Hub).hub]),
  );
}

Deno.test("a leaf and its hub say at most one thing each an interval, acknowledgements included", () => {
  const world = newWorld({ nodes: 25, latencyMs: 100 });
  chatter(world, 4000);
  const before = world.sent.length;
  const seconds = 20;
  chatter(world, seconds * 1000, 2);
  const sent = world.sent.slice(before);
  const flushes = seconds * 1000 / INTERVAL;
  const byNode = Map.groupBy(sent.filter(({ from }) => from !== "n0"), ({ from }) => from);
  for (const [node, ups] of byNode) {
    assert(ups.length <= flushes + 1, `${node} said ${ups.length} things`);
  }
  const down = sent.filter(({ from }) => from === "n0").length;
  assert(Math.abs(down / 24 - flushes) <= 1, `${down / 24} flushes in ${seconds} s`);
  assert(sent.length < 2 * 24 * flushes * 0.85, "not every leaf has news in every interval");
});

Deno.test("whom the hub has told its first news, it does not ask as well what he knows", () => {
  const world = newWorld({ nodes: 25, latencyMs: 100 });
  world.run(350);
  chatter(world, 1000);
  const questions = world.sent.filter(({ from, body }) => from === "n0" && body.type === "digest");
  assertEquals(questions, []);
});

Deno.test("who speaks for the first time does not ask the one from whom he has all he knows", () => {
  const world = newWorld({ nodes: 3, latencyMs: 100 });
  for (let count = 0; count < 100; count++) {
    world.broadcast("n0", count);
    if (count % 20 === 0) world.run(INTERVAL);
  }
  world.run(INTERVAL + 200);
  assertEquals(world.valuesOf("n2").length, 100);
  world.broadcast("n2", "at last");
  world.run(800);
  assert(world.valuesOf("n1").includes('"at last"'));
  assertEquals(world.sent.filter(({ body }) => body.type === "digest"), []);
});

Deno.test("news arrive shortly before the hub's flush, once the leaf knows when that is", () => {
  const world = newWorld({ nodes: 9, latencyMs: 100 });
  chatter(world, 4000);
  const before = world.sent.length;
  chatter(world, 8000, 2);
  const sent = world.sent.slice(before);
  const flushes = flushTimes(sent);
  const early = sent.filter(({ to }) => to === "n0").map(({ at }) => {
    const next = flushes.find((flush) => flush >= at + 100);
    return next === undefined ? undefined : next - at - 100;
  }).filter((wait) => wait !== undefined);
  assert(early.length > 50);
  for (const wait of early) {
    assert(
      wait >= hubOptions.flushMarginMs - 2 && wait <= hubOptions.flushMarginMs + 2,
      `${wait} ms early`,
    );
  }
});

Deno.test("all can read a value an interval, a margin and two latencies after it was said", () => {
  const world = newWorld({ nodes: 9, latencyMs: 100 });
  chatter(world, 4000);
  for (let trial = 0; trial < 40; trial++) {
    world.broadcast(`n${trial % 9}`, `trial ${trial}`);
    const begin = world.now;
    const text = `"trial ${trial}"`;
    while (!world.nodes.every((node) => world.valuesOf(node).includes(text))) world.run(5);
    const took = world.now - begin;
    assert(took <= INTERVAL + hubOptions.flushMarginMs + 200 + 10, `it took ${took} ms`);
    world.broadcast(`n${(trial * 5 + 3) % 9}`, `between ${trial}`);
    world.run(37);
  }
});

Deno.test("at rest the first value goes at once, up and down", () => {
  const world = newWorld({ nodes: 5, latencyMs: 10, interval: 1000 });
  world.broadcast("n3", "warm up");
  world.run(10_000);
  world.broadcast("n3", "value");
  world.run(21);
  assert(world.agrees(2));
});

Deno.test("a value that comes too late for its flush does not wait for another interval", () => {
  const world = newWorld({ nodes: 5, latencyMs: 50, interval: 1000 });
  chatter(world, 6000);
  const last = flushTimes(world.sent).at(-1) as number;
  // n4 stands still when it should send, so that what it sends comes just after the next flush.
  world.run(last + 1000 - 90 - world.now);
  world.broadcast("n1", "keeps the hub flushing");
  const waiting = world.now;
  world.broadcast("n4", "late");
  world.pause("n4");
  world.run(120);
  world.resume("n4");
  world.run(waiting + 1000 + 150 + 100 - world.now);
  assert(world.valuesOf("n2").includes('"late"'));
});

Deno.test("the lowest node that can be reached takes over when the hub is cut off", () => {
  for (const direction of [undefined, "in", "out"] as const) {
    const world = newWorld({ nodes: 6, latencyMs: 5 });
    chatter(world, 2000);
    world.network = weather(partition(["n0"], direction));
    chatter(world, 8000, 2);
    const { n1, ...others } = parents(world);
    assertEquals(n1, undefined, `${direction}`);
    assertEquals(others, { n0: undefined, n2: "n1", n3: "n1", n4: "n1", n5: "n1" }, `${direction}`);
    world.broadcast("n5", `meanwhile ${direction}`);
    world.run(1000);
    for (const node of ["n1", "n2", "n3", "n4"]) {
      assert(world.valuesOf(node).includes(`"meanwhile ${direction}"`), `${node} ${direction}`);
    }
    world.network = {};
    assert(world.converge(1000) < 1000);
    chatter(world, 5000, 3);
    assertEquals(new Set(Object.values(parents(world))), new Set([undefined, "n0"]));
  }
});

Deno.test("nodes that have nothing to say are told that the hub has changed", () => {
  const world = newWorld({ nodes: 6, latencyMs: 5 });
  chatter(world, 1000);
  world.run(3000);
  world.network = weather(partition(["n0"]));
  world.broadcast("n3", "only n3 notices");
  world.run(8000);
  for (const node of ["n1", "n2", "n4", "n5"]) {
    assert(world.valuesOf(node).includes('"only n3 notices"'), node);
  }
});

Deno.test("each half of a cluster has its own hub, and they are one again after the heal", () => {
  const world = newWorld({ nodes: 9, latencyMs: 5 });
  chatter(world, 2000);
  world.network = weather(partition(["n0", "n1", "n2", "n3"]));
  chatter(world, 12_000, 2);
  const halves = parents(world);
  assertEquals([halves.n3, halves.n4, halves.n5, halves.n8], ["n0", undefined, "n4", "n4"]);
  world.network = {};
  assert(world.converge(1000) < 1000);
});

Deno.test("a leave that was overtaken by the child's return is ignored", () => {
  const world = newWorld({ nodes: 4, latencyMs: 5 });
  chatter(world, 1000);
  world.network = weather(partition(["n0"]));
  chatter(world, 6000, 2);
  world.network = {};
  chatter(world, 4000, 3);
  const leave = world.sent.find(({ body, from }) => body.type === "unsubscribe" && from === "n3");
  assert(leave !== undefined, "n3 left n1 when n0 came back");
  world.network = weather(partition(["n0"]));
  chatter(world, 6000, 4);
  assertEquals(parents(world).n3, "n1");
  const out = { send() {}, sometimes() {} };
  world.strategy("n1").receive("n3", leave.body, world.now, out);
  world.broadcast("n2", "still told");
  world.run(1000);
  assert(world.valuesOf("n3").includes('"still told"'));
});

Deno.test("a node moves to the lowest that answers, not to one that it only hears", () => {
  const world = newWorld({ nodes: 4, latencyMs: 5 });
  chatter(world, 1000);
  world.network = { drops: (from, to) => from === "n3" && to === "n0" };
  chatter(world, 12_000, 2);
  assertEquals(parents(world).n3, "n1");
  world.broadcast("n3", "by way of n1");
  world.run(1500);
  assert(world.valuesOf("n0").includes('"by way of n1"'));
});

Deno.test("without aim, where latencies vary, news go up at once", () => {
  const world = new StrategyCluster({ nodes: 5, latencyMs: 20, create: hub });
  world.network = { maxExtraDelayMs: 300 };
  chatter(world, 4000);
  const before = world.sent.length;
  chatter(world, 4000, 2);
  const ups = world.sent.slice(before).filter(({ to, body }) =>
    to === "n0" && body.age !== undefined
  );
  const atOnce = ups.filter(({ body }) => body.age === 0).length;
  assert(atOnce > ups.length * 0.8, `${atOnce} of ${ups.length} at once`);
});

function flushTimes(sent: readonly Sent[]): number[] {
  return [...new Set(sent.filter(({ from }) => from === "n0").map(({ at }) => at))];
}
