import { assert, assertEquals, AssertionError, assertThrows } from "std/testing";
import { canonicalJson, type Json, Random } from "../../../lib/base/mod.ts";
import { gossipPolicy, type Receiver, type ReplicatedState } from "../../../lib/replication/mod.ts";
import { Registers } from "../../../nodes/txn_rw_register.ts";
import { Replicas } from "../../replication/replicas.ts";
import { replaced } from "../../support/replaced.ts";

const unknown: Receiver = { source: "", summary: undefined };
const newRegisters = (id: string) => new Registers({ id, incarnation: "x" });
const read = (registers: Registers, key: Json) => registers.read(canonicalJson(key));

/** A key's value and timestamp. */
interface Stamped {
  readonly timestamp: [number, string];
  readonly value: number;
}

/** Returns the state that a peer would receive. */
function stateOf(registers: Registers): Map<string, Stamped> {
  const state = new Map<string, Stamped>();
  const { delta } = registers.delta(0, unknown);
  for (const [writer, ...transactions] of delta as [string, ...Json[][]][]) {
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

/** Merges all of one replica into another. */
function mergeAll(from: Registers, to: Registers): void {
  to.merge(from.delta(0, unknown).delta, "source", 0);
}

Deno.test("the higher timestamp wins in any order of arrival, and all replicas break ties alike", () => {
  const [a, b] = [newRegisters("a"), newRegisters("b")];
  a.commit([["x", 1]], 0);
  b.commit([["x", 2]], 0);
  const [before, fromB] = [newRegisters("a"), b.delta(0, unknown).delta];
  mergeAll(a, before);
  mergeAll(a, b);
  a.merge(fromB, "b", 0);
  assertEquals([read(a, "x"), read(b, "x"), read(before, "x")], [2, 2, 1]);
  // The next write of a overwrites what a has received.
  a.commit([["x", 3]], 0);
  mergeAll(a, b);
  mergeAll(before, b);
  assertEquals([read(a, "x"), read(b, "x")], [3, 3]);
});

Deno.test("Registers takes any JSON value as a key, and null as a value", () => {
  const registers = newRegisters("a");
  const keys: Json[] = [1, "1", [1, "1"], { a: 1, b: [] }, null, true, 10n ** 30n, 1.5];
  keys.forEach((key, index) => registers.commit([[key, index]], 0));
  keys.forEach((key, index) => assertEquals(read(registers, key), index));
  assertEquals(read(registers, { b: [], a: 1 }), 3);
  registers.commit([["1", null]], 0);
  assertEquals([read(registers, "1"), read(registers, "2")], [null, undefined]);
  assertEquals(stateOf(registers).size, 7, '1 and "1" are one text here');
});

Deno.test("a transaction applies its last write to each key, and without writes nothing", () => {
  const registers = newRegisters("a");
  registers.commit([["x", 1], ["y", 2], ["x", 3]], 0);
  registers.commit([], 0);
  assertEquals(registers.delta(0, unknown), { to: 2, delta: [["a.x", [1, "x", 3, "y", 2]]] });
  assertEquals(registers.summary(), { "a.x": 1 });
});

Deno.test("a delta omits what its receiver sent, and what its summary includes", () => {
  const registers = newRegisters("a");
  registers.commit([["x", 1], ["y", 1]], 0);
  const before = registers.version;
  registers.commit([["x", 2]], 5);
  registers.merge([["b", [7, "z", 3]]], "n1", 9);
  const deltaFor = (from: number, receiver: Partial<Receiver>) =>
    registers.delta(from, { ...unknown, ...receiver }).delta;
  assertEquals(deltaFor(before, { source: "n2" }), [["a.x", [2, "x", 2]], ["b", [7, "z", 3]]]);
  assertEquals(deltaFor(before, { source: "n1" }), [["a.x", [2, "x", 2]]]);
  const summary = { "a.x": 1 };
  assertEquals(deltaFor(0, { summary }), [["a.x", [2, "x", 2]], ["b", [
    7,
    "z",
    3,
  ]]]);
  assertEquals(deltaFor(0, { source: "n1", summary }), [["a.x", [2, "x", 2]]]);
  assertEquals(deltaFor(registers.version, {}), []);
  const firstBeyond = (summary: Receiver["summary"]) =>
    registers.firstFor(0, { source: "", summary });
  assertEquals([firstBeyond({}), firstBeyond(summary)], [0, 2]);
  assertEquals(firstBeyond({ "a.x": 2, b: 7 }), registers.version);
  assertEquals([registers.changedAt(0), registers.changedAt(2), registers.changedAt(3)], [0, 5, 9]);
});

Deno.test("a summary has the last counter of each writer, also of writes that were superseded", () => {
  const registers = newRegisters("a");
  registers.commit([["x", 1]], 0);
  registers.merge([["b", [3, "x", 2], [2, "y", 2]]], "n1", 0);
  registers.merge([["c", [1, "x", 0]]], "n1", 0);
  assertEquals(registers.summary(), { "a.x": 1, b: 3, c: 1 });
  assert(registers.includes({ "a.x": 1, b: 2 }));
  assert(!registers.includes({ "a.x": 2 }) && !registers.includes({ d: 1 }));
  registers.commit([["z", 1]], 0);
  assertEquals(registers.summary(), { "a.x": 4, b: 3, c: 1 });
});

Deno.test("a delta contains no superseded changes, and reaches the end of the log", () => {
  const registers = newRegisters("a");
  for (let round = 0; round < 10_000; round++) registers.commit([[round % 7, round]], 0);
  const version = registers.version;
  registers.commit([["x", 1]], 0);
  assertEquals(registers.delta(version, unknown).delta, [["a.x", [10_001, "x", 1]]]);
  assertEquals(registers.delta(0, unknown).to, 10_001);
  assertEquals(stateOf(registers).size, 8);
});

Deno.test("a write that is merged again changes nothing", () => {
  const registers = newRegisters("a");
  for (const value of [1, 1]) registers.merge([["b", [3, "x", value]]], "n1", 0);
  assertEquals(registers.version, 1);
});

Deno.test("a malformed delta is rejected as a whole", () => {
  const registers = newRegisters("a");
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
    assertThrows(() => registers.merge(delta, "n1", 0), TypeError, "must be [[writer, [counter,");
    assertEquals([read(registers, "x"), registers.version], [undefined, 0]);
  }
});

/** A transaction, and the transactions that it had seen when it committed. */
interface Committed {
  readonly timestamp: [number, string];
  readonly keys: string[];
  readonly past: ReadonlySet<number>;
}

const KEYS = ["u", "v", "w", "x", "y"];
/** One step of a run; a message takes 10. */
const STEP_MS = 5;

/** Returns what is faulty about a state. */
type Fault = (registers: Registers) => Partial<ReplicatedState>;

/** Replicas on a network with faults. It checks the causal order of what each replica shows. */
class CausalCluster {
  readonly #random: Random;
  readonly replicas: Replicas<Registers>;
  readonly #transactions: Committed[] = [];
  /** The transactions that each incarnation has seen, by number. */
  readonly #seen = new Map<Registers, Set<number>>();

  /** The registers behind each state, which a test may have replaced by a faulty one. */
  readonly #registers = new Map<Registers, Registers>();

  constructor(seed: number, nodes: number, fault: Fault = () => ({})) {
    this.#random = new Random(seed);
    const ids = Array.from({ length: nodes }, (_, index) => `n${index}`);
    const others = (id: string) => ids.filter((other) => other !== id);
    this.replicas = new Replicas(ids, (id) => gossipPolicy(20, others(id)), (node) => {
      const registers = new Registers(node);
      const state = replaced(registers, fault(registers));
      this.#registers.set(state, registers);
      return state;
    });
  }

  /** Commits transactions, restarts nodes, and delays or loses messages; checks after each step. */
  run(steps: number, restarts: boolean): void {
    const { nodes } = this.replicas;
    const fates = [0, 0, 0, 0, 15, 40, 200, Infinity];
    this.replicas.delayMs = () => this.#random.pick(fates);
    for (let step = 0; step < steps; step++) {
      if (this.#random.chance(0.3)) this.#commit(this.#random.pick(nodes));
      if (restarts && this.#random.chance(0.01)) this.replicas.start(this.#random.pick(nodes));
      this.replicas.run(STEP_MS);
      for (const id of nodes) this.#check(this.#registersOf(id));
    }
  }

  /** Heals the network; returns the states that remain different. */
  heal(): Set<string> {
    this.replicas.delayMs = () => 0;
    this.replicas.run(5000);
    return new Set(
      this.replicas.nodes.map((id) => JSON.stringify([...stateOf(this.#registersOf(id))].sort())),
    );
  }

  #registersOf(id: string): Registers {
    return this.#registers.get(this.replicas.of(id).state) as Registers;
  }

  #commit(id: string): void {
    const state = this.#registersOf(id);
    const number = this.#transactions.length;
    const keys = this.#random.shuffle(KEYS).slice(0, 1 + this.#random.integer(3));
    const past = this.#updateSeen(state);
    this.replicas.change(id, (registers, now) => {
      registers.commit(keys.map((key) => [key, number]), now);
    });
    const { timestamp } = stateOf(state).get(keys[0] as string) as Stamped;
    this.#transactions.push({ timestamp, keys, past: new Set(past) });
    past.add(number);
  }

  /**
   * A replica has seen the transactions whose writes it shows, and everything that these had seen.
   */
  #updateSeen(registers: Registers): Set<number> {
    let seen = this.#seen.get(registers);
    if (seen === undefined) this.#seen.set(registers, seen = new Set());
    for (const { value } of stateOf(registers).values()) {
      const transaction = this.#transactions[value];
      if (transaction === undefined || seen.has(value)) continue;
      seen.add(value);
      for (const number of transaction.past) seen.add(number);
    }
    return seen;
  }

  /** Asserts that a replica shows all writes of the transactions it has seen, or newer values. */
  #check(registers: Registers): void {
    const state = stateOf(registers);
    for (const number of this.#updateSeen(registers)) {
      const { timestamp, keys } = this.#transactions[number] as Committed;
      for (const key of keys) {
        const shown = state.get(key);
        assert(
          shown !== undefined && !isBefore(shown.timestamp, timestamp),
          `a replica that has seen transaction ${number} lacks its write of ${key}`,
        );
      }
    }
  }
}

Deno.test("replicas are causally closed, show transactions atomically under every fault, and converge", () => {
  for (let seed = 0; seed < 45; seed++) {
    const cluster = new CausalCluster(seed, [2, 3, 4][seed % 3] as number);
    cluster.run(120, seed % 2 === 0);
    assertEquals(cluster.heal().size, 1, `seed ${seed}`);
  }
});

/** Returns whether the checks above find a fault in one of many runs. */
function isFound(fault: Fault): boolean {
  for (let seed = 0; seed < 45; seed++) {
    const cluster = new CausalCluster(seed, [2, 3, 4][seed % 3] as number, fault);
    try {
      cluster.run(120, seed % 2 === 0);
    } catch (error) {
      if (error instanceof AssertionError) return true;
      throw error;
    }
    if (cluster.heal().size > 1) return true;
  }
  return false;
}

const faults: Readonly<Record<string, Fault>> = {
  "merges deltas in any order": () => ({ isOrdered: false }),
  "cuts a delta in the middle of the log": (registers) => ({
    delta(from, receiver) {
      const to = Math.min(from + 2, registers.version);
      const later = registers.delta(to, receiver).delta as [string, ...Json[][]][];
      const all = registers.delta(from, receiver).delta as [string, ...Json[][]][];
      const known = new Set(
        later.flatMap((part) => part.slice(1).map((of) => String([part[0], of]))),
      );
      const first = all.map(([writer, ...transactions]) => [
        writer,
        ...transactions.filter((of) => !known.has(String([writer, of]))),
      ]);
      return { delta: first as Json, to };
    },
  }),
  "has a summary of more than it has": (registers) => ({
    summary: () => {
      const summary = registers.summary() as Record<string, number>;
      return Object.fromEntries(
        Object.entries(summary).map(([writer, count]) => [writer, count + 1]),
      );
    },
  }),
  "forgets its summary when it compares": () => ({ includes: () => true }),
  "forgets which changes a summary lacks": (registers) => ({
    firstFor: (from: number, receiver: Receiver) =>
      receiver.summary === undefined ? registers.firstFor(from, receiver) : registers.version,
  }),
};

for (const [name, fault] of Object.entries(faults)) {
  Deno.test(`a planted fault is found: a replica ${name}`, () => assert(isFound(fault)));
}
