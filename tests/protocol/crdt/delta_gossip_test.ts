import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  DeltaGossip,
  GrowOnlySet,
  type Outgoing,
  overlayNeighbours,
} from "../../../lib/protocol/crdt/mod.ts";

const pace = { interval: 100, retry: 200 };

interface Replica {
  readonly id: string;
  set: GrowOnlySet;
  gossip: DeltaGossip;
}

function replica(id: string, nodes: readonly string[], life = `${id}-1`): Replica {
  const set = new GrowOnlySet();
  return { id, set, gossip: new DeltaGossip(set, life, overlayNeighbours(id, nodes), pace) };
}

/** Replicas on a network that the test controls: whoever `arrives` says gets what was sent. */
class Cluster {
  readonly replicas: Replica[];
  readonly ids: readonly string[];
  now = 0;
  sent = 0;
  arrives: (from: string, to: string) => boolean = () => true;

  constructor(count: number) {
    this.ids = Array.from({ length: count }, (_, index) => `n${index}`);
    this.replicas = this.ids.map((id) => replica(id, this.ids));
  }

  run(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end; this.now += 25) {
      for (const { id, gossip } of this.replicas) {
        for (const outgoing of gossip.tick(this.now)) this.#deliver(id, outgoing);
      }
    }
  }

  #deliver(from: string, { to, gossip }: Outgoing): void {
    this.sent++;
    const wire = JSON.parse(JSON.stringify(gossip));
    const target = this.replicas.find(({ id }) => id === to) as Replica;
    if (this.arrives(from, to)) target.gossip.receive(from, wire);
  }

  contents(): string[] {
    return this.replicas.map(({ set }) => JSON.stringify([...set.elements].sort()));
  }
}

Deno.test("what one replica adds, all have within an interval, and then there is silence", () => {
  const cluster = new Cluster(3);
  cluster.run(300);
  cluster.replicas[0]?.set.add("a");
  cluster.run(150);
  assertEquals(new Set(cluster.contents()), new Set(['["a"]']));
  cluster.run(500);
  const before = cluster.sent;
  cluster.run(10_000);
  assertEquals(cluster.sent, before);
});

Deno.test("a neighbour that is cut off is tried at the retry pace only, and caught up at once", () => {
  const cluster = new Cluster(2);
  cluster.run(300);
  cluster.arrives = () => false;
  const before = cluster.sent;
  for (let element = 0; element < 100; element++) {
    cluster.replicas[0]?.set.add(element);
    cluster.run(100);
  }
  const tries = cluster.sent - before;
  assert(tries >= 40 && tries <= 60, `${tries} messages in 10 s`);
  cluster.arrives = () => true;
  cluster.run(2 * pace.retry);
  assertEquals(cluster.replicas[1]?.set.elements.length, 100);
});

Deno.test("news gets around a link that is cut in one direction", () => {
  const cluster = new Cluster(3);
  const ring = new Map([["n0", "n1"], ["n1", "n2"], ["n2", "n0"]]);
  cluster.arrives = (from, to) => ring.get(from) === to;
  cluster.replicas[0]?.set.add("a");
  cluster.run(2000);
  assertEquals(new Set(cluster.contents()), new Set(['["a"]']));
});

Deno.test("a node that lost its memory is sent everything, also when its first words are lost", () => {
  const cluster = new Cluster(3);
  cluster.replicas[0]?.set.add("a");
  cluster.run(1000);
  cluster.replicas[1] = replica("n1", cluster.ids, "n1-2");
  cluster.arrives = () => false;
  cluster.run(500);
  cluster.arrives = () => true;
  cluster.run(2 * pace.retry);
  assertEquals(new Set(cluster.contents()), new Set(['["a"]']));
});

Deno.test("what a former life said and arrives late does not count", () => {
  const a = replica("n0", ["n0", "n1"]);
  a.set.add("a");
  const heard = { incarnation: "n0-1", version: 1 };
  const old = { incarnation: "n1-1", since: 0, version: 0, heard, stamp: 1 };
  a.gossip.receive("n1", old);
  assertEquals(a.gossip.tick(0), []);
  a.gossip.receive("n1", { ...old, incarnation: "n1-2", heard: { incarnation: "", version: 0 } });
  a.gossip.receive("n1", old);
  const [outgoing] = a.gossip.tick(1000);
  assertEquals(outgoing?.gossip.delta, ["a"]);
});

Deno.test("a life that was taken for a former one is believed once it shows that it is alive", () => {
  const a = replica("n0", ["n0", "n1"]);
  const b = replica("n1", ["n0", "n1"], "n1-2");
  b.set.add("b");
  const exchange = (now: number) => {
    for (const { gossip } of a.gossip.tick(now)) b.gossip.receive("n0", gossip);
    for (const { gossip } of b.gossip.tick(now)) a.gossip.receive("n1", gossip);
  };
  exchange(0);
  assertEquals(a.gossip.lifeOf("n1"), "n1-2");
  const heard = { incarnation: "n0-1", version: 0 };
  const late = { incarnation: "n1-1", since: 0, version: 1, heard, stamp: 7, delta: ["lost"] };
  a.gossip.receive("n1", late);
  assertEquals(a.gossip.lifeOf("n1"), "n1-1");
  a.set.add("a");
  for (let now = 100; now < 1000; now += 25) {
    exchange(now);
    // The dead one's words keep coming, but it has seen nothing new.
    a.gossip.receive("n1", late);
  }
  assertEquals(a.gossip.lifeOf("n1"), "n1-2");
  assertEquals([...b.set.elements].sort(), ["a", "b", "lost"]);
});

Deno.test("a node is known to all when each neighbour has said what it knew", () => {
  const cluster = new Cluster(3);
  const [a] = cluster.replicas as [Replica];
  cluster.arrives = (from, to) => !(from === "n2" && to === "n0");
  cluster.run(1000);
  assert(!a.gossip.isKnownToAll);
  cluster.arrives = () => true;
  cluster.run(2 * pace.retry);
  assert(a.gossip.isKnownToAll);
  a.set.add("a");
  assertEquals(a.gossip.acknowledgedByAll, 0);
  cluster.run(500);
  assertEquals(a.gossip.acknowledgedByAll, 1);
});

Deno.test("under loss, duplication and reordering all replicas end up equal", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const cluster = new Cluster(2 + random.integer(8));
    cluster.arrives = () => random.chance(0.6);
    for (let element = 0; element < 50; element++) {
      random.pick(cluster.replicas).set.add(element);
      cluster.run(25 * random.integer(8));
    }
    cluster.arrives = () => true;
    cluster.run(5 * pace.retry);
    assertEquals(new Set(cluster.contents()).size, 1, `seed ${seed}`);
    assertEquals(cluster.replicas[0]?.set.elements.length, 50, `seed ${seed}`);
  }
});

Deno.test("overlays are symmetric, connected and of logarithmic degree", () => {
  for (const count of [1, 2, 5, 6, 25, 100]) {
    const ids = Array.from({ length: count }, (_, index) => `n${index}`);
    const neighbours = new Map(ids.map((id) => [id, overlayNeighbours(id, ids)]));
    const reached = new Set(ids.slice(0, 1));
    for (const id of reached) neighbours.get(id)?.forEach((other) => reached.add(other));
    assertEquals(reached.size, count);
    for (const [id, others] of neighbours) {
      assert(!others.includes(id));
      for (const other of others) assert(neighbours.get(other)?.includes(id), `${id}–${other}`);
      assert(others.length <= Math.max(4, 2 * Math.ceil(Math.log2(count))), `${others.length}`);
    }
  }
});
