import { assert, assertEquals, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { BatchCluster, type Member } from "./batch_cluster.ts";

const heardBy = ({ source }: Member) => source.heard;
const isPrefix = (part: readonly number[], whole: readonly number[]) =>
  part.every((number, place) => number === whole[place]);

Deno.test("each node takes what each writer says in its order, and then there is silence", () => {
  const cluster = new BatchCluster(3);
  cluster.run(300);
  for (let number = 0; number < 10; number++) {
    cluster.at(number % 2).source.say(number);
    cluster.run(50);
  }
  cluster.run(2000);
  const expected = [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9], []];
  for (const member of cluster.members) assertEquals(heardBy(member), expected);
  const before = cluster.sent;
  cluster.run(10_000);
  assertEquals(cluster.sent, before);
});

Deno.test("news become one batch a message, however many there are", () => {
  const cluster = new BatchCluster(3);
  cluster.run(500);
  cluster.at(0).source.say(-1);
  cluster.run(1000);
  const { sent: before, snapshots } = cluster;
  for (let number = 0; number < 100; number++) {
    cluster.at(0).source.say(number);
    if (number % 10 === 9) cluster.run(100);
  }
  assert(cluster.at(0).broadcast.nextBatch <= 12);
  assertEquals(cluster.snapshots, snapshots);
  // Ten to each of two nodes, as many acknowledgements, and what these two, who have nothing to say
  // of their own, tell each other for fear that the other has not heard it.
  assert(cluster.sent - before <= 60, `${cluster.sent - before} messages`);
});

Deno.test("what a cut link would have carried comes by way of a third node", () => {
  const cluster = new BatchCluster(3);
  cluster.run(500);
  cluster.arrives = (from, to) => !(from === "n0" && to === "n2");
  for (let number = 0; number < 5; number++) {
    cluster.at(0).source.say(number);
    cluster.run(200);
  }
  cluster.run(1500);
  assertEquals(cluster.at(2).source.heard[0], [0, 1, 2, 3, 4]);
});

Deno.test("nodes that are no neighbours hear of each other, in a ring too", () => {
  const count = 7;
  const ring = (self: number) => [(self + 1) % count, (self + count - 1) % count];
  const cluster = new BatchCluster(count, "one", ring);
  cluster.run(1000);
  for (let number = 0; number < 40; number++) {
    cluster.at(number % count).source.say(number);
    cluster.run(40);
  }
  cluster.run(5000);
  const expected = heardBy(cluster.at(0));
  assertEquals(expected.flat().length, 40);
  for (const member of cluster.members) assertEquals(heardBy(member), expected);
  const before = cluster.sent;
  cluster.run(10_000);
  assertEquals(cluster.sent, before);
});

Deno.test("a node says nothing of its own before its neighbours have answered", () => {
  const cluster = new BatchCluster(2);
  cluster.arrives = (from) => from === "n0";
  cluster.at(0).source.say(1);
  cluster.run(2000);
  assertEquals(cluster.at(0).broadcast.nextBatch, 1);
  cluster.arrives = () => true;
  cluster.run(1000);
  assertEquals(cluster.at(1).source.heard, [[1], []]);
});

Deno.test("a node that lost its memory gets a snapshot and goes on behind its last batch", () => {
  const cluster = new BatchCluster(3);
  cluster.run(300);
  for (let number = 0; number < 5; number++) {
    cluster.at(0).source.say(number);
    cluster.run(200);
  }
  const reborn = cluster.restart(0);
  cluster.run(1000);
  assert(cluster.snapshots >= 2);
  assertEquals(reborn.source.heard[0], [0, 1, 2, 3, 4]);
  reborn.source.say(5);
  cluster.run(1000);
  for (const { source } of cluster.members) assertEquals(source.heard[0], [0, 1, 2, 3, 4, 5]);
});

Deno.test("with acks all nothing is applied before all nodes have it", () => {
  const cluster = new BatchCluster(3, "all");
  cluster.run(500);
  cluster.arrives = (from, to) => from !== "n2" && to !== "n2";
  cluster.at(0).source.say(1);
  cluster.run(3000);
  for (const { source } of cluster.members) assertEquals(source.heard[0], []);
  cluster.arrives = () => true;
  cluster.run(2000);
  for (const { source } of cluster.members) assertEquals(source.heard[0], [1]);
});

Deno.test("under loss each node has a prefix of what was said, and all of it in the end", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const acks = random.pick(["one", "all"] as const);
    const cluster = new BatchCluster(2 + random.integer(4), acks);
    cluster.arrives = () => random.chance(0.6);
    const said = cluster.members.map((): number[] => []);
    for (let number = 0; number < 60; number++) {
      const self = random.integer(cluster.members.length);
      const { source } = cluster.at(self);
      if (source.isOpen) {
        source.say(number);
        said[self]?.push(number);
      }
      cluster.run(25 * random.integer(8));
      for (const { source } of cluster.members) {
        for (const [writer, heard] of source.heard.entries()) {
          assert(isPrefix(heard, said[writer] as number[]), `seed ${seed}: ${heard}`);
        }
      }
    }
    cluster.arrives = () => true;
    cluster.run(5000);
    for (const { source } of cluster.members) assertEquals(source.heard, said, `seed ${seed}`);
  }
});

/** What has been applied anywhere, by writer: whoever applied some must have applied the same. */
class Applied {
  readonly #byWriter: number[][];

  constructor(count: number) {
    this.#byWriter = Array.from({ length: count }, () => []);
  }

  /** Compares what the members have applied by now with what was before. */
  follow(cluster: BatchCluster, seed: number): void {
    for (const member of cluster.members) {
      for (const [writer, heard] of heardBy(member).entries()) {
        const known = this.#byWriter[writer] as number[];
        assert(isPrefix(known, heard) || isPrefix(heard, known), `seed ${seed}: two orders`);
        if (heard.length > known.length) this.#byWriter[writer] = [...heard];
      }
    }
  }

  /** Checks that all members have all of it. */
  assertKept(cluster: BatchCluster, seed: number): void {
    for (const member of cluster.members) {
      for (const [writer, heard] of heardBy(member).entries()) {
        assert(isPrefix(this.#byWriter[writer] as number[], heard), `seed ${seed}: some is lost`);
      }
      assertEquals(heardBy(member), heardBy(cluster.at(0)), `seed ${seed}`);
    }
  }
}

Deno.test("with acks all, what was applied anywhere outlives the loss of all memories but one", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(`memory ${seed}`);
    const count = 2 + random.integer(3);
    const cluster = new BatchCluster(count, "all");
    const applied = new Applied(count);
    cluster.run(500);
    for (let number = 0; number < 40; number++) {
      const { source } = cluster.at(random.integer(count));
      if (source.isOpen) source.say(number);
      cluster.run(25 * random.integer(12));
      applied.follow(cluster, seed);
      if (number % 10 === 9) {
        const keeps = random.integer(count);
        for (let self = 0; self < count; self++) if (self !== keeps) cluster.restart(self);
        // The next loss may strike the one that kept it, so the others must be back.
        cluster.run(1000);
      }
    }
    cluster.run(3000);
    applied.assertKept(cluster, seed);
  }
});

Deno.test("with acks all, words of former lives that come late do no harm", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(`late ${seed}`);
    const count = 2 + random.integer(3);
    const keeps = random.integer(count);
    const cluster = new BatchCluster(count, "all");
    const applied = new Applied(count);
    const slow = random.pick([0.02, 0.1, 0.3]);
    const cutLinks = random.pick([0, 0.1, 0.5]);
    let cut = new Set<string>();
    cluster.delay = () => random.chance(slow) ? 25 * random.integer(120) : 0;
    cluster.arrives = (from, to) => !cut.has(`${from} ${to}`) && !random.chance(0.05);
    for (let number = 0; number < 60; number++) {
      const { source } = cluster.at(random.integer(count));
      if (source.isOpen) source.say(number);
      if (random.chance(0.2)) cut = new Set(links(cluster).filter(() => random.chance(cutLinks)));
      cluster.run(25 * random.integer(30));
      applied.follow(cluster, seed);
      if (!random.chance(0.15)) continue;
      for (let self = 0; self < count; self++) {
        if (self !== keeps && random.chance(0.7)) cluster.restart(self);
      }
    }
    cluster.arrives = () => true;
    cluster.delay = () => 0;
    cluster.run(8000);
    applied.assertKept(cluster, seed);
  }
});

function links({ members }: BatchCluster): string[] {
  return members.flatMap(({ id: from }) => members.map(({ id: to }) => `${from} ${to}`));
}

Deno.test("what is no delta between so many nodes is refused", () => {
  const { broadcast } = new BatchCluster(2).at(0);
  const right = { from: 1, received: [0, 1], batches: [[1, 1, [7]]] };
  const wrong = [
    null,
    { ...right, from: 2 },
    { ...right, received: [0] },
    { ...right, batches: [[2, 1, []]] },
    { ...right, batches: [[1, 1]] },
    { ...right, snapshot: { applied: [0, 0, 0], state: [] } },
  ];
  for (const delta of wrong) assertThrows(() => broadcast.join(delta), TypeError);
  broadcast.join(right);
});
