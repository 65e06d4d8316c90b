import { assert, assertEquals, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { BatchCluster, type Member } from "./batch_cluster.ts";

const appliedBy = ({ source }: Member) => source.applied;
const isPrefix = (part: readonly number[], whole: readonly number[]) =>
  part.every((number, index) => number === whole[index]);

Deno.test("BatchBroadcast applies each writer's updates in order, then an idle cluster is silent", () => {
  const cluster = new BatchCluster(3);
  cluster.run(300);
  for (let number = 0; number < 10; number++) {
    cluster.at(number % 2).source.write(number);
    cluster.run(50);
  }
  cluster.run(2000);
  const expected = [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9], []];
  for (const member of cluster.members) assertEquals(appliedBy(member), expected);
  const before = cluster.sent;
  cluster.run(10_000);
  assertEquals(cluster.sent, before);
});

Deno.test("BatchBroadcast seals all updates since the last message into one batch", () => {
  const cluster = new BatchCluster(3);
  cluster.run(500);
  cluster.at(0).source.write(-1);
  cluster.run(1000);
  const { sent: before, snapshots } = cluster;
  for (let number = 0; number < 100; number++) {
    cluster.at(0).source.write(number);
    if (number % 10 === 9) cluster.run(100);
  }
  assert(cluster.at(0).broadcast.nextBatch <= 12);
  assertEquals(cluster.snapshots, snapshots);
  // Ten batches to each of two nodes, their acknowledgements, and the batches that these two nodes
  // relay to each other, because neither has reported them to the other.
  assert(cluster.sent - before <= 60, `${cluster.sent - before} messages`);
});

Deno.test("a third node relays batches around a partitioned link", () => {
  const cluster = new BatchCluster(3);
  cluster.run(500);
  cluster.delivers = (from, to) => !(from === "n0" && to === "n2");
  for (let number = 0; number < 5; number++) {
    cluster.at(0).source.write(number);
    cluster.run(200);
  }
  cluster.run(1500);
  assertEquals(cluster.at(2).source.applied[0], [0, 1, 2, 3, 4]);
});

Deno.test("batches reach all nodes of a ring", () => {
  const count = 7;
  const ring = (self: number) => [(self + 1) % count, (self + count - 1) % count];
  const cluster = new BatchCluster(count, "one", ring);
  cluster.run(1000);
  for (let number = 0; number < 40; number++) {
    cluster.at(number % count).source.write(number);
    cluster.run(40);
  }
  cluster.run(5000);
  const expected = appliedBy(cluster.at(0));
  assertEquals(expected.flat().length, 40);
  for (const member of cluster.members) assertEquals(appliedBy(member), expected);
  const before = cluster.sent;
  cluster.run(10_000);
  assertEquals(cluster.sent, before);
});

Deno.test("a node seals no batch before its neighbours have replied", () => {
  const cluster = new BatchCluster(2);
  cluster.delivers = (from) => from === "n0";
  cluster.at(0).source.write(1);
  cluster.run(2000);
  assertEquals(cluster.at(0).broadcast.nextBatch, 1);
  cluster.delivers = () => true;
  cluster.run(1000);
  assertEquals(cluster.at(1).source.applied, [[1], []]);
});

Deno.test("a node that lost its memory restores a snapshot and continues after its last batch", () => {
  const cluster = new BatchCluster(3);
  cluster.run(300);
  for (let number = 0; number < 5; number++) {
    cluster.at(0).source.write(number);
    cluster.run(200);
  }
  const restarted = cluster.restart(0);
  cluster.run(1000);
  assert(cluster.snapshots >= 2);
  assertEquals(restarted.source.applied[0], [0, 1, 2, 3, 4]);
  restarted.source.write(5);
  cluster.run(1000);
  for (const { source } of cluster.members) assertEquals(source.applied[0], [0, 1, 2, 3, 4, 5]);
});

Deno.test("with acks all no batch is applied before all nodes have received it", () => {
  const cluster = new BatchCluster(3, "all");
  cluster.run(500);
  cluster.delivers = (from, to) => from !== "n2" && to !== "n2";
  cluster.at(0).source.write(1);
  cluster.run(3000);
  for (const { source } of cluster.members) assertEquals(source.applied[0], []);
  cluster.delivers = () => true;
  cluster.run(2000);
  for (const { source } of cluster.members) assertEquals(source.applied[0], [1]);
});

Deno.test("under loss each node applies a prefix of the updates, and eventually all", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const acks = random.pick(["one", "all"] as const);
    const cluster = new BatchCluster(2 + random.integer(4), acks);
    cluster.delivers = () => random.chance(0.6);
    const written = cluster.members.map((): number[] => []);
    for (let number = 0; number < 60; number++) {
      const self = random.integer(cluster.members.length);
      const { source } = cluster.at(self);
      if (source.isRecovered) {
        source.write(number);
        written[self]?.push(number);
      }
      cluster.run(25 * random.integer(8));
      for (const { source } of cluster.members) {
        for (const [writer, applied] of source.applied.entries()) {
          assert(isPrefix(applied, written[writer] as number[]), `seed ${seed}: ${applied}`);
        }
      }
    }
    cluster.delivers = () => true;
    cluster.run(5000);
    for (const { source } of cluster.members) {
      assertEquals(source.applied, written, `seed ${seed}`);
    }
  }
});

/** What any node has applied, by writer. All nodes must apply the same. */
class AppliedUpdates {
  readonly #byWriter: number[][];

  constructor(count: number) {
    this.#byWriter = Array.from({ length: count }, () => []);
  }

  /** Compares what the nodes have applied by now with what was applied before. */
  observe(cluster: BatchCluster, seed: number): void {
    for (const member of cluster.members) {
      for (const [writer, applied] of appliedBy(member).entries()) {
        const before = this.#byWriter[writer] as number[];
        assert(isPrefix(before, applied) || isPrefix(applied, before), `seed ${seed}: two orders`);
        if (applied.length > before.length) this.#byWriter[writer] = [...applied];
      }
    }
  }

  /** Asserts that all nodes have applied all of it. */
  assertKept(cluster: BatchCluster, seed: number): void {
    for (const member of cluster.members) {
      for (const [writer, applied] of appliedBy(member).entries()) {
        assert(
          isPrefix(this.#byWriter[writer] as number[], applied),
          `seed ${seed}: an update is lost`,
        );
      }
      assertEquals(appliedBy(member), appliedBy(cluster.at(0)), `seed ${seed}`);
    }
  }
}

Deno.test("with acks all applied updates survive when all nodes but one lose their memory", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(`memory ${seed}`);
    const count = 2 + random.integer(3);
    const cluster = new BatchCluster(count, "all");
    const updates = new AppliedUpdates(count);
    cluster.run(500);
    for (let number = 0; number < 40; number++) {
      const { source } = cluster.at(random.integer(count));
      if (source.isRecovered) source.write(number);
      cluster.run(25 * random.integer(12));
      updates.observe(cluster, seed);
      if (number % 10 === 9) {
        const survivor = random.integer(count);
        for (let self = 0; self < count; self++) if (self !== survivor) cluster.restart(self);
        // The next survivor may be another node, so all must have recovered by then.
        cluster.run(1000);
      }
    }
    cluster.run(3000);
    updates.assertKept(cluster, seed);
  }
});

Deno.test("with acks all late messages of previous incarnations do no harm", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(`late ${seed}`);
    const count = 2 + random.integer(3);
    const survivor = random.integer(count);
    const cluster = new BatchCluster(count, "all");
    const updates = new AppliedUpdates(count);
    const slow = random.pick([0.02, 0.1, 0.3]);
    const partitionChance = random.pick([0, 0.1, 0.5]);
    let partitioned = new Set<string>();
    cluster.latencyMs = () => random.chance(slow) ? 25 * random.integer(120) : 0;
    cluster.delivers = (from, to) => !partitioned.has(`${from} ${to}`) && !random.chance(0.05);
    for (let number = 0; number < 60; number++) {
      const { source } = cluster.at(random.integer(count));
      if (source.isRecovered) source.write(number);
      if (random.chance(0.2)) {
        partitioned = new Set(links(cluster).filter(() => random.chance(partitionChance)));
      }
      cluster.run(25 * random.integer(30));
      updates.observe(cluster, seed);
      if (!random.chance(0.15)) continue;
      for (let self = 0; self < count; self++) {
        if (self !== survivor && random.chance(0.7)) cluster.restart(self);
      }
    }
    cluster.delivers = () => true;
    cluster.latencyMs = () => 0;
    cluster.run(8000);
    updates.assertKept(cluster, seed);
  }
});

function links({ members }: BatchCluster): string[] {
  return members.flatMap(({ id: from }) => members.map(({ id: to }) => `${from} ${to}`));
}

Deno.test("BatchBroadcast rejects a malformed delta with a TypeError", () => {
  const { broadcast } = new BatchCluster(2).at(0);
  const valid = { from: 1, received: [0, 1], batches: [[1, 1, [7]]] };
  const malformed: [delta: Parameters<typeof broadcast.join>[0], text: string][] = [
    [null, "the delta must be"],
    [{ ...valid, from: 2 }, "a delta must name nodes from 0 to 1, got 2"],
    [{ ...valid, received: [0] }, "must have 2 numbers in each vector"],
    [{ ...valid, batches: [[2, 1, []]] }, "a delta must name nodes from 0 to 1, got 2"],
    [{ ...valid, batches: [[1, 1]] }, "the delta.batches[0] must be"],
    [
      { ...valid, snapshot: { applied: [0, 0, 0], state: [] } },
      "must have 2 numbers in each vector",
    ],
  ];
  for (const [delta, text] of malformed) {
    assertThrows(() => broadcast.join(delta), TypeError, text);
  }
  broadcast.join(valid);
});
