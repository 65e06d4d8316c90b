/**
 * Replicas that lose their memory, with each of the states that the engine replicates.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import {
  EntryLog,
  gossipPolicy,
  type Receiver,
  type ReplicatedState,
} from "../../lib/replication/mod.ts";
import { Totals } from "../../nodes/g_counter.ts";
import { Registers } from "../../nodes/txn_rw_register.ts";
import { replaced } from "../support/replaced.ts";
import { Replicas } from "./replicas.ts";

type Named = { readonly id: string; readonly incarnation: string };

/** A state to which a test makes numbered changes. */
interface Kind<S extends ReplicatedState> {
  readonly newState: (node: Named) => S;
  readonly change: (state: S, number: number, now: number) => void;
  /** Returns the number of changes that a state has. */
  readonly count: (state: S) => number;
}

const logs: Kind<EntryLog> = {
  newState: (node) => new EntryLog(node),
  change: (log, number, now) => log.add(number, now),
  count: (log) => log.values.length,
};
const totals: Kind<Totals> = {
  newState: (node) => new Totals(node),
  change: (state, number, now) => state.add(number % 2 === 0 ? 3 : -2, now),
  // A summary has what was added plus what was subtracted: 2.5 for each of an even number of changes.
  count: (state) => Object.values(state.summary() as object).reduce((a, b) => a + b, 0) / 2.5,
};
const registers: Kind<Registers> = {
  newState: (node) => new Registers(node),
  change: (state, number, now) => state.commit([[number, 0]], now),
  count: (state) => {
    let count = 0;
    while (state.read(String(count)) !== undefined) count++;
    return count;
  },
};

const NODES = ["n0", "n1", "n2"];
const CHANGES = 20;

/**
 * Makes changes on all replicas under losses, and restarts one when all others have what it had.
 * Returns by how many changes the replica that has the fewest falls short.
 */
function missingAfterRestarts<S extends ReplicatedState>(kind: Kind<S>, seed: number): number {
  const random = new Random(seed);
  const others = (id: string) => NODES.filter((other) => other !== id);
  const replicas = new Replicas(NODES, (id) => gossipPolicy(50, others(id)), kind.newState);
  let changes = 0;
  for (const restarted of ["n1", "n2", "n1"]) {
    replicas.delayMs = () => random.chance(0.2) ? Infinity : random.pick([0, 0, 30]);
    for (let change = 0; change < CHANGES; change++) {
      const number = changes++;
      replicas.change(random.pick(NODES), (state, now) => kind.change(state, number, now));
      replicas.run(20);
    }
    replicas.delayMs = () => 0;
    replicas.run(5000);
    replicas.start(restarted);
  }
  replicas.run(5000);
  return changes - Math.min(...NODES.map((id) => kind.count(replicas.of(id).state)));
}

/** How a new incarnation may go wrong. */
const faults: Readonly<Record<string, <S extends ReplicatedState>(kind: Kind<S>) => Kind<S>>> = {
  "starts again under the name of the previous incarnation": (kind) => ({
    ...kind,
    newState: ({ id }) => kind.newState({ id, incarnation: "always" }),
  }),
  "takes itself for up to date when it compares summaries": (kind) =>
    changed(kind, () => ({ includes: () => true })),
  "ignores what a peer's summary lacks": (kind) =>
    changed(kind, (state) => ({
      firstFor: (from: number, receiver: Receiver) =>
        receiver.summary === undefined ? state.firstFor(from, receiver) : state.version,
    })),
};

function changed<S extends ReplicatedState>(
  kind: Kind<S>,
  fault: (state: S) => Partial<ReplicatedState>,
): Kind<S> {
  const newState = (node: Named) => {
    const state = kind.newState(node);
    return replaced<S>(state, fault(state));
  };
  return { ...kind, newState };
}

function testKind<S extends ReplicatedState>(name: string, kind: Kind<S>): void {
  Deno.test(`${name}: restarted replicas have every change, and others have theirs`, () => {
    for (let seed = 0; seed < 20; seed++) {
      assertEquals(missingAfterRestarts(kind, seed), 0, `seed ${seed}`);
    }
  });
  for (const [fault, plant] of Object.entries(faults)) {
    Deno.test(`${name}: a planted fault is found: a new incarnation ${fault}`, () => {
      const seeds = Array.from({ length: 20 }, (_, seed) => seed);
      assert(seeds.some((seed) => missingAfterRestarts(plant(kind), seed) > 0));
    });
  }
}

testKind("log", logs);
testKind("totals", totals);
testKind("registers", registers);
