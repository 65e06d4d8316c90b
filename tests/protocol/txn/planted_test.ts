import { assert, assertEquals } from "std/testing";
import type { NodeFunction } from "../../../lib/node/mod.ts";
import { simulate, type SimulationOptions } from "../../../lib/workbench/mod.ts";
import { txnListAppend } from "../../../lib/workload/txn_list_append.ts";
import { txnRwRegister } from "../../../lib/workload/txn_rw_register.ts";
import registersNode from "../../../nodes/txn_rw_register.ts";
import {
  appliedTwice,
  dirtyReads,
  fracturedReads,
  invertedCauses,
  lostUpdates,
  rootedLists,
  rootedRegisters,
  writeSkew,
} from "./planted_nodes.ts";

interface Planted {
  readonly name: string;
  readonly faulty: NodeFunction;
  readonly correct: NodeFunction;
  readonly workload: "rw-register" | "list-append";
  /** The consistency model that both nodes are checked against. */
  readonly model: string;
  /** The checker's names of the fault. The correct node has none of these anomalies. */
  readonly anomalies: readonly string[];
  readonly options?: SimulationOptions;
}

const causal = {
  workload: "rw-register",
  correct: registersNode,
  model: "strong-session-snapshot-isolation",
} as const;

const planted: readonly Planted[] = [
  {
    ...causal,
    name: "a dirty read",
    faulty: dirtyReads,
    model: "read-committed",
    anomalies: ["G1a"],
  },
  {
    ...causal,
    name: "a fractured read",
    faulty: fracturedReads,
    anomalies: ["G-single-item"],
  },
  {
    ...causal,
    name: "an inverted causal order",
    faulty: invertedCauses,
    anomalies: ["G-single-item-process"],
    // A third node would deliver the causes in time.
    options: { nodes: 2 },
  },
  {
    name: "a lost update",
    faulty: lostUpdates,
    correct: rootedRegisters,
    workload: "rw-register",
    model: "strict-serializable",
    anomalies: ["lost-update"],
  },
  {
    name: "write skew",
    faulty: writeSkew,
    correct: rootedRegisters,
    workload: "rw-register",
    model: "strict-serializable",
    anomalies: ["G2-item"],
    // The order of two writes is only certain if no earlier write exists.
    options: { maxWritesPerKey: 1 },
  },
  {
    name: "a transaction applied twice",
    faulty: appliedTwice,
    correct: rootedLists,
    workload: "list-append",
    model: "strict-serializable",
    anomalies: ["duplicate-elements"],
  },
];

/** Returns the anomalies of a number of seeds. Stops once all of `wanted` are found. */
async function anomaliesOf(
  program: NodeFunction,
  { workload, model, options }: Planted,
  seeds: number,
  wanted: readonly string[] = [],
) {
  const found = new Set<string>();
  for (let seed = 0; seed < seeds; seed++) {
    if (wanted.length > 0 && wanted.every((anomaly) => found.has(anomaly))) break;
    const { verdict } = await simulate(
      program,
      workload === "rw-register" ? txnRwRegister : txnListAppend,
      {
        nodes: 3,
        concurrency: 6,
        ratePerSecond: 150,
        timeLimitSeconds: 5,
        latency: { meanMs: 5, distribution: "exponential" },
        faults: ["partition"],
        nemesisIntervalSeconds: 1,
        consistencyModels: [model],
        ...options,
        seed,
      },
    );
    for (const type of verdict["anomaly-types"] ?? []) found.add(type);
  }
  return found;
}

for (const fault of planted) {
  Deno.test(`the checker finds and names ${fault.name}, and none in a correct node`, async () => {
    const found = await anomaliesOf(fault.faulty, fault, 4, fault.anomalies);
    const without = await anomaliesOf(fault.correct, fault, 4);
    for (const anomaly of fault.anomalies) {
      assert(found.has(anomaly), `the faulty node had only ${[...found].join(", ")}`);
      assert(!without.has(anomaly), `the correct node had ${[...without].join(", ")}`);
    }
  });
}

Deno.test("the checker does not report write skew as a lost update", async () => {
  const fault = planted.find(({ name }) => name === "write skew") as Planted;
  const found = await anomaliesOf(fault.faulty, fault, 4);
  assertEquals(found.has("lost-update"), false, [...found].join(", "));
});
