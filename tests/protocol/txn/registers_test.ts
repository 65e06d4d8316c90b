import { assert, assertEquals, assertThrows } from "std/testing";
import { type Json, Random } from "../../../lib/base/mod.ts";
import { DeltaGossip, type Gossip } from "../../../lib/protocol/crdt/mod.ts";
import { Registers } from "../../../lib/protocol/txn/mod.ts";

/** Returns the state that a neighbour would receive: each key's value and timestamp. */
interface Stamped {
  readonly timestamp: [number, string];
  readonly value: number;
}

function stateOf(registers: Registers): Map<string, Stamped> {
  const state = new Map<string, Stamped>();
  for (const [writer, ...transactions] of registers.deltaSince(0, "") as [string, ...Json[][]][]) {
    for (const [counter, ...writes] of transactions as [number, ...Json[]][]) {
      for (let at = 0; at < writes.length; at += 2) {
        state.set(String(writes[at]), {
          timestamp: [counter, writer],
          value: writes[at + 1] as number,
        });
      }
    }
  }
  return state;
}

function isBefore([counter, writer]: [number, string], [other, otherWriter]: [number, string]) {
  return counter < other || (counter === other && writer < otherWriter);
}

Deno.test("the higher timestamp wins in any order of arrival, and all replicas break ties alike", () => {
  const [a, b] = [new Registers("a"), new Registers("b")];
  a.commit([["x", 1]]);
  b.commit([["x", 2]]);
  const [fromA, fromB] = [a.deltaSince(0, "b"), b.deltaSince(0, "a")];
  a.join(fromB, "b");
  b.join(fromA, "a");
  assertEquals([a.read("x"), b.read("x")], [2, 2]);
  // The next write of a overwrites what a has received.
  a.commit([["x", 3]]);
  b.join(a.deltaSince(0, "b"), "a");
  assertEquals([a.read("x"), b.read("x")], [3, 3]);
});

Deno.test("Registers takes any JSON value as a key, and null as a value", () => {
  const registers = new Registers("a");
  const keys: Json[] = [1, "1", [1, "1"], { a: 1, b: [] }, null, true, 10n ** 30n, 1.5];
  keys.forEach((key, index) => registers.commit([[key, index]]));
  keys.forEach((key, index) => assertEquals(registers.read(key), index));
  assertEquals(registers.read({ b: [], a: 1 }), 3);
  registers.commit([["1", null]]);
  assertEquals(registers.read("1"), null);
  assertEquals(registers.keys.length, keys.length);
});

Deno.test("a delta omits what its receiver sent, unless it is a delta of everything", () => {
  const registers = new Registers("a");
  registers.commit([["x", 1], ["y", 1]]);
  const before = registers.version;
  registers.commit([["x", 2]]);
  registers.join([["b", [7, "z", 3]]], "n1");
  assertEquals(registers.deltaSince(before, "n2"), [["a", [2, "x", 2]], ["b", [7, "z", 3]]]);
  assertEquals(registers.deltaSince(before, "n1"), [["a", [2, "x", 2]]]);
  const everything = [["a", [1, "y", 1], [2, "x", 2]], ["b", [7, "z", 3]]];
  assertEquals(registers.deltaSince(0, "n1"), everything);
  assertEquals(registers.deltaSince(registers.version, "n2"), []);
});

Deno.test("a delta contains no superseded changes", () => {
  const registers = new Registers("a");
  for (let round = 0; round < 10_000; round++) registers.commit([[round % 7, round]]);
  const version = registers.version;
  registers.commit([["x", 1]]);
  assertEquals(registers.deltaSince(version, "b"), [["a", [10_001, "x", 1]]]);
  assertEquals(stateOf(registers).size, 8);
});

Deno.test("a malformed delta is rejected as a whole", () => {
  const registers = new Registers("a");
  const valid: Json = ["b", [1, "x", 1]];
  const malformed: Json[] = [
    null,
    {},
    [1],
    [valid, ["b", [1, "y"]]],
    [valid, ["b", ["1", "y", 2]]],
    [valid, [1, [1, "y", 2]]],
  ];
  for (const delta of malformed) {
    assertThrows(() => registers.join(delta, "n1"), TypeError);
    assertEquals([registers.read("x"), registers.version], [null, 0]);
  }
});

/** A transaction, and the transactions that it had seen when it committed. */
interface Committed {
  readonly timestamp: [number, string];
  readonly keys: string[];
  readonly past: ReadonlySet<number>;
}

interface Replica {
  readonly registers: Registers;
  readonly gossip: DeltaGossip;
}

/** A message in flight. */
interface InFlight {
  readonly from: string;
  readonly to: string;
  readonly gossip: Gossip;
}

/** Replicas on a network with faults, which checks the causal order of what each replica shows. */
class ReplicatedCluster {
  readonly random: Random;
  readonly ids: readonly string[];
  readonly replicas = new Map<string, Replica>();
  readonly inFlight: InFlight[] = [];
  readonly transactions: Committed[] = [];
  /** The transactions that each incarnation has seen, by number. */
  readonly seen = new Map<Registers, Set<number>>();
  incarnations = 0;

  constructor(seed: number, nodes: number) {
    this.random = new Random(seed);
    this.ids = Array.from({ length: nodes }, (_, index) => `n${index}`);
    for (const id of this.ids) this.start(id);
  }

  start(id: string): void {
    const incarnation = `${id}/${this.incarnations++}`;
    const registers = new Registers(incarnation);
    const others = this.ids.filter((other) => other !== id);
    const gossip = new DeltaGossip(registers, incarnation, others, { intervalMs: 1, retryMs: 3 });
    this.replicas.set(id, { registers, gossip });
    this.seen.set(registers, new Set());
  }

  commit(id: string): void {
    const { registers } = this.replicas.get(id) as Replica;
    const number = this.transactions.length;
    const keys = this.random.shuffle(["u", "v", "w", "x", "y"]).slice(
      0,
      1 + this.random.integer(3),
    );
    registers.commit(keys.map((key) => [key, number]));
    const past = this.seen.get(registers) as Set<number>;
    this.updateSeen(registers);
    const { timestamp } = stateOf(registers).get(keys[0] as string) as Stamped;
    this.transactions.push({ timestamp, keys, past: new Set(past) });
    past.add(number);
  }

  /**
   * A replica has seen the transactions whose writes it shows, and everything that these had seen.
   */
  updateSeen(registers: Registers): void {
    const seen = this.seen.get(registers) as Set<number>;
    for (const { value } of stateOf(registers).values()) {
      const transaction = this.transactions[value];
      if (transaction === undefined) continue;
      seen.add(value);
      transaction.past.forEach((number) => seen.add(number));
    }
  }

  /** Asserts that a replica shows all writes of the transactions it has seen, or newer values. */
  check(registers: Registers): void {
    this.updateSeen(registers);
    const state = stateOf(registers);
    for (const number of this.seen.get(registers) as Set<number>) {
      const { timestamp, keys } = this.transactions[number] as Committed;
      for (const key of keys) {
        const shown = state.get(key);
        assert(
          shown !== undefined && !isBefore(shown.timestamp, timestamp),
          `a replica that has seen transaction ${number} lacks its write of ${key}`,
        );
      }
    }
  }

  step(now: number, faults: boolean): void {
    for (const [from, { gossip }] of this.replicas) {
      for (const { to, gossip: message } of gossip.tick(now)) {
        const copies = !faults ? 1 : this.random.pick([0, 0, 1, 1, 1, 2]);
        for (let copy = 0; copy < copies; copy++) {
          this.inFlight.push({ from, to, gossip: JSON.parse(JSON.stringify(message)) });
        }
      }
    }
    const arriving = faults ? this.random.integer(this.inFlight.length + 1) : Infinity;
    for (let count = 0; count < arriving && this.inFlight.length > 0; count++) {
      const index = faults ? this.random.integer(this.inFlight.length) : 0;
      const [message] = this.inFlight.splice(index, 1);
      const { from, to, gossip } = message as InFlight;
      const replica = this.replicas.get(to) as Replica;
      replica.gossip.receive(from, gossip, now);
      this.check(replica.registers);
    }
  }
}

Deno.test("replicas are causally closed, show transactions atomically under every fault, and converge", () => {
  for (let seed = 0; seed < 60; seed++) {
    const cluster = new ReplicatedCluster(seed, [2, 3, 4][seed % 3] as number);
    let now = 0;
    for (; now < 60; now++) {
      if (cluster.random.chance(0.6)) cluster.commit(cluster.random.pick(cluster.ids));
      if (seed % 2 === 0 && cluster.random.chance(0.05)) {
        cluster.start(cluster.random.pick(cluster.ids));
      }
      cluster.step(now, true);
    }
    for (const end = now + 20; now < end; now++) cluster.step(now, false);
    const states = [...cluster.replicas.values()].map(({ registers }) =>
      JSON.stringify([...stateOf(registers)].sort())
    );
    assertEquals(new Set(states).size, 1, `seed ${seed}`);
    assertEquals(cluster.inFlight, []);
  }
});
