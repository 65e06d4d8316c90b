import { assert, assertEquals, assertThrows } from "std/testing";
import { type Json, Random } from "../../../lib/base/mod.ts";
import { DeltaGossip, type Gossip } from "../../../lib/protocol/crdt/mod.ts";
import { Registers } from "../../../lib/protocol/txn/mod.ts";

/** The state of registers as others would learn it: by key, the value and its stamp. */
function stateOf(registers: Registers): Map<string, { stamp: [number, string]; value: number }> {
  const state = new Map<string, { stamp: [number, string]; value: number }>();
  for (const [writer, ...transactions] of registers.deltaSince(0, "") as [string, ...Json[][]][]) {
    for (const [counter, ...writes] of transactions as [number, ...Json[]][]) {
      for (let at = 0; at < writes.length; at += 2) {
        state.set(String(writes[at]), {
          stamp: [counter, writer],
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

Deno.test("the higher stamp wins, whoever hears of it first, and ties go to one writer everywhere", () => {
  const [a, b] = [new Registers("a"), new Registers("b")];
  a.commit([["x", 1]]);
  b.commit([["x", 2]]);
  const [fromA, fromB] = [a.deltaSince(0, "b"), b.deltaSince(0, "a")];
  a.join(fromB, "b");
  b.join(fromA, "a");
  assertEquals([a.read("x"), b.read("x")], [2, 2]);
  // What a has seen by now, its next write overwrites.
  a.commit([["x", 3]]);
  b.join(a.deltaSince(0, "b"), "a");
  assertEquals([a.read("x"), b.read("x")], [3, 3]);
});

Deno.test("keys are any JSON value, equal ones are one register, and null is a value", () => {
  const registers = new Registers("a");
  const keys: Json[] = [1, "1", [1, "1"], { a: 1, b: [] }, null, true, 10n ** 30n, 1.5];
  keys.forEach((key, index) => registers.commit([[key, index]]));
  keys.forEach((key, index) => assertEquals(registers.read(key), index));
  assertEquals(registers.read({ b: [], a: 1 }), 3);
  registers.commit([["1", null]]);
  assertEquals(registers.read("1"), null);
  assertEquals(registers.keys.length, keys.length);
});

Deno.test("a delta holds what changed, without what its receiver told itself, unless it forgot", () => {
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

Deno.test("a delta stays as small as what changed, however often it changed before", () => {
  const registers = new Registers("a");
  for (let round = 0; round < 10_000; round++) registers.commit([[round % 7, round]]);
  const version = registers.version;
  registers.commit([["x", 1]]);
  assertEquals(registers.deltaSince(version, "b"), [["a", [10_001, "x", 1]]]);
  assertEquals(stateOf(registers).size, 8);
});

Deno.test("a delta of the wrong form is refused whole", () => {
  const registers = new Registers("a");
  const right: Json = ["b", [1, "x", 1]];
  const wrong: Json[] = [null, {}, [1], [right, ["b", [1, "y"]]], [right, ["b", ["1", "y", 2]]], [
    right,
    [1, [1, "y", 2]],
  ]];
  for (const delta of wrong) {
    assertThrows(() => registers.join(delta, "n1"), TypeError);
    assertEquals([registers.read("x"), registers.version], [null, 0]);
  }
});

/** Replicas, and what each transaction had seen when it was committed. */
class World {
  readonly random: Random;
  readonly ids: readonly string[];
  readonly replicas = new Map<string, { registers: Registers; gossip: DeltaGossip }>();
  readonly onTheWay: { from: string; to: string; gossip: Gossip }[] = [];
  /** Of each transaction: the stamp and the keys it wrote. */
  readonly transactions: { stamp: [number, string]; keys: string[]; past: Set<number> }[] = [];
  /** Of each life: the transactions it has seen. */
  readonly seen = new Map<Registers, Set<number>>();
  lives = 0;

  constructor(seed: number, nodes: number) {
    this.random = new Random(seed);
    this.ids = Array.from({ length: nodes }, (_, index) => `n${index}`);
    for (const id of this.ids) this.start(id);
  }

  start(id: string): void {
    const life = `${id}/${this.lives++}`;
    const registers = new Registers(life);
    const others = this.ids.filter((other) => other !== id);
    const gossip = new DeltaGossip(registers, life, others, { intervalMs: 1, retryMs: 3 });
    this.replicas.set(id, { registers, gossip });
    this.seen.set(registers, new Set());
  }

  commit(id: string): void {
    const { registers } = this.replicas.get(id) as { registers: Registers };
    const number = this.transactions.length;
    const keys = this.random.shuffle(["u", "v", "w", "x", "y"]).slice(
      0,
      1 + this.random.integer(3),
    );
    registers.commit(keys.map((key) => [key, number]));
    const past = this.seen.get(registers) as Set<number>;
    this.learn(registers);
    const stamp = stateOf(registers).get(keys[0] as string)?.stamp as [number, string];
    this.transactions.push({ stamp, keys, past: new Set(past) });
    past.add(number);
  }

  /** Whose writes a replica shows, it has seen, with all that those had seen. */
  learn(registers: Registers): void {
    const seen = this.seen.get(registers) as Set<number>;
    for (const { value } of stateOf(registers).values()) {
      const transaction = this.transactions[value];
      if (transaction === undefined) continue;
      seen.add(value);
      transaction.past.forEach((number) => seen.add(number));
    }
  }

  /** All writes of all transactions that a replica has seen are there, or something later is. */
  check(registers: Registers): void {
    this.learn(registers);
    const state = stateOf(registers);
    for (const number of this.seen.get(registers) as Set<number>) {
      const { stamp, keys } = this.transactions[number] as World["transactions"][number];
      for (const key of keys) {
        const shown = state.get(key);
        assert(
          shown !== undefined && !isBefore(shown.stamp, stamp),
          `a replica that has seen transaction ${number} misses its write of ${key}`,
        );
      }
    }
  }

  step(now: number, faults: boolean): void {
    for (const [from, { gossip }] of this.replicas) {
      for (const { to, gossip: message } of gossip.tick(now)) {
        const copies = !faults ? 1 : this.random.pick([0, 0, 1, 1, 1, 2]);
        for (let copy = 0; copy < copies; copy++) {
          this.onTheWay.push({ from, to, gossip: JSON.parse(JSON.stringify(message)) });
        }
      }
    }
    const arriving = faults ? this.random.integer(this.onTheWay.length + 1) : Infinity;
    for (let count = 0; count < arriving && this.onTheWay.length > 0; count++) {
      const place = faults ? this.random.integer(this.onTheWay.length) : 0;
      const [message] = this.onTheWay.splice(place, 1);
      const { from, to, gossip } = message as World["onTheWay"][number];
      const replica = this.replicas.get(to) as { registers: Registers; gossip: DeltaGossip };
      replica.gossip.receive(from, gossip, now);
      this.check(replica.registers);
    }
  }
}

Deno.test("replicas are causally closed and show transactions whole, under every fault, and agree", () => {
  for (let seed = 0; seed < 60; seed++) {
    const world = new World(seed, [2, 3, 4][seed % 3] as number);
    let now = 0;
    for (; now < 60; now++) {
      if (world.random.chance(0.6)) world.commit(world.random.pick(world.ids));
      if (seed % 2 === 0 && world.random.chance(0.05)) world.start(world.random.pick(world.ids));
      world.step(now, true);
    }
    for (const end = now + 20; now < end; now++) world.step(now, false);
    const states = [...world.replicas.values()].map(({ registers }) =>
      JSON.stringify([...stateOf(registers)].sort())
    );
    assertEquals(new Set(states).size, 1, `seed ${seed}`);
    assertEquals(world.onTheWay, []);
  }
});
