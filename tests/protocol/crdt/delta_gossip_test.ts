import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  DeltaGossip,
  type Gossip,
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

/** What node n1 says to n0 in one of its lives, when it last saw a message of a certain stamp. */
function wordsOf(life: string, seen: number, delta: string[] = []): Gossip {
  return {
    incarnation: life,
    since: 0,
    version: 1,
    acked: { incarnation: "", version: 0 },
    seq: 1,
    echo: { incarnation: "n0-1", seq: seen },
    delta,
  };
}

Deno.test("a new life is listened to once it has seen what was sent after the former one spoke", () => {
  const { gossip, set } = replica("n0", ["n0", "n1"]);
  const tick = (now: number) => gossip.tick(now)[0]?.gossip.seq as number;
  gossip.receive("n1", wordsOf("first", 0, ["a"]));
  const seen = tick(0);
  gossip.receive("n1", wordsOf("second", 0, ["lost"]));
  assertEquals([gossip.lifeOf("n1"), set.elements], ["first", ["a"]]);
  assertEquals(tick(1), seen + 1, "it is answered at once, so that it can show that it lives");
  gossip.receive("n1", wordsOf("second", seen, ["b"]));
  assertEquals([gossip.lifeOf("n1"), set.elements], ["second", ["a", "b"]]);
});

Deno.test("a life that was turned from is never heeded again, whatever it has seen", () => {
  const { gossip, set } = replica("n0", ["n0", "n1"]);
  const stamps: number[] = [];
  for (const life of ["first", "second", "third"]) {
    gossip.receive("n1", wordsOf(life, stamps.at(-1) ?? 0));
    for (let time = 0; time < 3; time++) {
      const now = 1000 * (stamps.length + 1);
      stamps.push(gossip.tick(now)[0]?.gossip.seq as number);
      gossip.receive("n1", wordsOf("nobody", 0));
    }
    assertEquals(gossip.lifeOf("n1"), life);
  }
  gossip.receive("n1", wordsOf("fourth", stamps.at(-1) as number));
  for (const seen of stamps) gossip.receive("n1", wordsOf("second", seen, ["lost"]));
  assertEquals([gossip.lifeOf("n1"), set.elements], ["fourth", []]);
});

Deno.test("what a neighbour says to a former life is joined only if it begins with nothing known", () => {
  const { gossip, set } = replica("n0", ["n0", "n1"], "n0-2");
  const toFormer = (since: number, delta: string[]) =>
    gossip.receive("n1", {
      ...wordsOf("n1-1", 0, delta),
      acked: { incarnation: "n0-1", version: 9 },
      since,
      version: 5,
    });
  toFormer(1, ["b"]);
  assertEquals(set.elements, []);
  toFormer(0, ["a", "b"]);
  toFormer(1, ["c"]);
  assertEquals(set.elements, ["a", "b"]);
  const heard = gossip.tick(0)[0]?.gossip.acked;
  assertEquals(heard?.version, 0, "it is not acknowledged: it need not be all that was known then");
});

Deno.test("a node that lost its memory makes itself known, whichever of its words are lost", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new Random(seed);
    const cluster = new Cluster(2);
    cluster.run(500);
    for (const life of ["n1-2", "n1-3"]) {
      cluster.replicas[1] = replica("n1", cluster.ids, life);
      cluster.arrives = () => random.chance(0.5);
      cluster.run(25 * random.integer(40));
    }
    cluster.arrives = () => true;
    cluster.run(3 * pace.retry);
    const [a, b] = cluster.replicas as [Replica, Replica];
    assertEquals([a.gossip.lifeOf("n1"), b.gossip.isKnownToAll], ["n1-3", true], `seed ${seed}`);
    const before = cluster.sent;
    cluster.run(5000);
    assertEquals(cluster.sent, before, "then all are silent");
  }
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
