import { assert, assertEquals } from "std/testing";
import { type Json, Random } from "../../../lib/base/mod.ts";
import {
  DeltaGossip,
  type DeltaState,
  type Gossip,
  type OutgoingGossip,
  overlayNeighbours,
} from "../../../lib/protocol/crdt/mod.ts";

/** A set of texts. */
class TextSet implements DeltaState {
  readonly elements: string[] = [];

  get version(): number {
    return this.elements.length;
  }

  add(element: string): void {
    if (!this.elements.includes(element)) this.elements.push(element);
  }

  deltaSince(version: number): string[] {
    return this.elements.slice(version);
  }

  join(delta: Json): void {
    for (const element of delta as string[]) this.add(element);
  }
}

const PACE = { intervalMs: 100, retryMs: 200 };
const TICK_MS = 25;

interface Replica {
  readonly id: string;
  set: TextSet;
  gossip: DeltaGossip;
}

function replica(id: string, nodes: readonly string[], incarnation = `${id}-1`): Replica {
  const set = new TextSet();
  return { id, set, gossip: new DeltaGossip(set, incarnation, overlayNeighbours(id, nodes), PACE) };
}

/** Replicas on a network without latency. The test decides which messages arrive. */
class Cluster {
  readonly replicas: Replica[];
  readonly ids: readonly string[];
  nowMs = 0;
  sent = 0;
  arrives: (from: string, to: string) => boolean = () => true;

  constructor(count: number) {
    this.ids = Array.from({ length: count }, (_, index) => `n${index}`);
    this.replicas = this.ids.map((id) => replica(id, this.ids));
  }

  run(durationMs: number): void {
    for (const end = this.nowMs + durationMs; this.nowMs < end; this.nowMs += TICK_MS) {
      for (const { id, gossip } of this.replicas) {
        for (const outgoing of gossip.tick(this.nowMs)) this.#deliver(id, outgoing);
      }
    }
  }

  #deliver(from: string, { to, gossip }: OutgoingGossip): void {
    this.sent++;
    const copy = JSON.parse(JSON.stringify(gossip));
    const target = this.replicas.find(({ id }) => id === to) as Replica;
    if (this.arrives(from, to)) target.gossip.receive(from, copy, this.nowMs);
  }

  contents(): string[] {
    return this.replicas.map(({ set }) => JSON.stringify([...set.elements].sort()));
  }
}

Deno.test("DeltaGossip delivers an element to all replicas within an interval, then is silent", () => {
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

Deno.test("DeltaGossip sends to an isolated neighbour at the retry pace, and all once it replies", () => {
  const cluster = new Cluster(2);
  cluster.run(300);
  cluster.arrives = () => false;
  const before = cluster.sent;
  for (let element = 0; element < 100; element++) {
    cluster.replicas[0]?.set.add(String(element));
    cluster.run(100);
  }
  const tries = cluster.sent - before;
  assert(tries >= 40 && tries <= 60, `${tries} messages in 10 s`);
  cluster.arrives = () => true;
  cluster.run(2 * PACE.retryMs);
  assertEquals(cluster.replicas[1]?.set.elements.length, 100);
});

Deno.test("a suspected neighbour that sends something gets a message with the next tick", () => {
  const { gossip, set } = replica("n0", ["n0", "n1"]);
  set.add("a");
  for (let now = 0; now <= PACE.retryMs; now += PACE.intervalMs) {
    assertEquals(gossip.tick(now).length, 1, `at ${now} ms`);
  }
  assertEquals(gossip.tick(PACE.retryMs + PACE.intervalMs), []);
  gossip.receive("n1", greeting("first", 0), PACE.retryMs + PACE.intervalMs);
  assertEquals(gossip.tick(PACE.retryMs + PACE.intervalMs + TICK_MS).length, 1);
});

Deno.test("elements travel around links that fail in one direction", () => {
  const cluster = new Cluster(3);
  const ring = new Map([["n0", "n1"], ["n1", "n2"], ["n2", "n0"]]);
  cluster.arrives = (from, to) => ring.get(from) === to;
  cluster.replicas[0]?.set.add("a");
  cluster.run(2000);
  assertEquals(new Set(cluster.contents()), new Set(['["a"]']));
});

Deno.test("a restarted node receives everything, even if its first messages are lost", () => {
  const cluster = new Cluster(3);
  cluster.replicas[0]?.set.add("a");
  cluster.run(1000);
  cluster.replicas[1] = replica("n1", cluster.ids, "n1-2");
  cluster.arrives = () => false;
  cluster.run(500);
  cluster.arrives = () => true;
  cluster.run(2 * PACE.retryMs);
  assertEquals(new Set(cluster.contents()), new Set(['["a"]']));
});

/** A message from an incarnation of n1 to n0 that echoes the sequence number `echoed`. */
function greeting(incarnation: string, echoed: number, delta: string[] = []): Gossip {
  return {
    incarnation,
    since: 0,
    version: 1,
    acked: { incarnation: "", version: 0 },
    seq: 1,
    echo: { incarnation: "n0-1", seq: echoed },
    delta,
  };
}

Deno.test("a new incarnation is followed once it echoes a message sent after the current one's", () => {
  const { gossip, set } = replica("n0", ["n0", "n1"]);
  const tick = (now: number) => gossip.tick(now)[0]?.gossip.seq as number;
  gossip.receive("n1", greeting("first", 0, ["a"]), 0);
  const seq = tick(0);
  gossip.receive("n1", greeting("second", 0, ["lost"]), 0);
  assertEquals([gossip.incarnationOf("n1"), set.elements], ["first", ["a"]]);
  assertEquals(tick(1), seq + 1, "it gets an immediate reply, to prove with that it is newer");
  gossip.receive("n1", greeting("second", seq, ["b"]), 1);
  assertEquals([gossip.incarnationOf("n1"), set.elements], ["second", ["a", "b"]]);
});

Deno.test("a previous incarnation is ignored permanently, whatever it echoes", () => {
  const { gossip, set } = replica("n0", ["n0", "n1"]);
  const sent: number[] = [];
  for (const incarnation of ["first", "second", "third"]) {
    gossip.receive("n1", greeting(incarnation, sent.at(-1) ?? 0), 0);
    for (let time = 0; time < 3; time++) {
      const now = 1000 * (sent.length + 1);
      sent.push(gossip.tick(now)[0]?.gossip.seq as number);
      gossip.receive("n1", greeting("unknown", 0), now);
    }
    assertEquals(gossip.incarnationOf("n1"), incarnation);
  }
  gossip.receive("n1", greeting("fourth", sent.at(-1) as number), 0);
  for (const seq of sent) gossip.receive("n1", greeting("second", seq, ["lost"]), 0);
  assertEquals([gossip.incarnationOf("n1"), set.elements], ["fourth", []]);
});

Deno.test("a delta for a previous incarnation is joined only if it starts at version 0", () => {
  const { gossip, set } = replica("n0", ["n0", "n1"], "n0-2");
  const receive = (since: number, delta: string[]) =>
    gossip.receive("n1", {
      ...greeting("n1-1", 0, delta),
      acked: { incarnation: "n0-1", version: 9 },
      since,
      version: 5,
    }, 0);
  receive(1, ["b"]);
  assertEquals(set.elements, []);
  receive(0, ["a", "b"]);
  receive(1, ["c"]);
  assertEquals(set.elements, ["a", "b"]);
  const acked = gossip.tick(0)[0]?.gossip.acked;
  assertEquals(acked?.version, 0, "not acknowledged: the delta may omit what n0-1 had sent");
});

Deno.test("all neighbours switch to a restarted node's newest incarnation under loss", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new Random(seed);
    const cluster = new Cluster(2);
    cluster.run(500);
    for (const incarnation of ["n1-2", "n1-3"]) {
      cluster.replicas[1] = replica("n1", cluster.ids, incarnation);
      cluster.arrives = () => random.chance(0.5);
      cluster.run(25 * random.integer(40));
    }
    cluster.arrives = () => true;
    cluster.run(3 * PACE.retryMs);
    const [a, b] = cluster.replicas as [Replica, Replica];
    assertEquals([a.gossip.incarnationOf("n1"), b.gossip.isSynced], ["n1-3", true], `seed ${seed}`);
    const before = cluster.sent;
    cluster.run(5000);
    assertEquals(cluster.sent, before, "all are silent afterwards");
  }
});

Deno.test("a node is synced once each neighbour has sent its state", () => {
  const cluster = new Cluster(3);
  const [a] = cluster.replicas as [Replica];
  cluster.arrives = (from, to) => !(from === "n2" && to === "n0");
  cluster.run(1000);
  assert(!a.gossip.isSynced);
  cluster.arrives = () => true;
  cluster.run(2 * PACE.retryMs);
  assert(a.gossip.isSynced);
  a.set.add("a");
  assertEquals(a.gossip.acknowledgedByAll, 0);
  cluster.run(500);
  assertEquals(a.gossip.acknowledgedByAll, 1);
});

Deno.test("replicas converge after loss", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const cluster = new Cluster(2 + random.integer(8));
    cluster.arrives = () => random.chance(0.6);
    for (let element = 0; element < 50; element++) {
      random.pick(cluster.replicas).set.add(String(element));
      cluster.run(25 * random.integer(8));
    }
    cluster.arrives = () => true;
    cluster.run(5 * PACE.retryMs);
    assertEquals(new Set(cluster.contents()).size, 1, `seed ${seed}`);
    assertEquals(cluster.replicas[0]?.set.elements.length, 50, `seed ${seed}`);
  }
});
