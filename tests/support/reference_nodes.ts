/**
 * The reference nodes: for each workload the correct node in `examples/` and its planted faults. Each
 * fault states the load under which it shows and the anomaly that the checker must report. A
 * reference node runs as a process (`file`) and in the simulator (`program`), with the same
 * arguments.
 *
 * @module
 */

import type { NodeFunction } from "../../lib/node/mod.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";
import broadcast from "../../examples/broadcast.ts";
import type { TestedNode } from "./tested_node.ts";
import echo from "../../examples/echo.ts";
import gCounter from "../../examples/g_counter.ts";
import gSet from "../../examples/g_set.ts";
import kafka from "../../examples/kafka.ts";
import linKv from "../../examples/lin_kv.ts";
import pnCounter from "../../examples/pn_counter.ts";
import txnListAppend from "../../examples/txn_list_append.ts";
import txnRwRegister from "../../examples/txn_rw_register.ts";
import uniqueIds from "../../examples/unique_ids.ts";

/** A reference node, the options of its test, and the expected result. */
export interface ReferenceNode extends TestedNode {
  /** The value of the flag `--fault`; `none` for a correct node. */
  readonly fault: string;
  /** An anomaly that the checker must report; undefined when the run must be valid. */
  readonly anomaly: string | undefined;
}

interface Family {
  readonly workload: string;
  readonly program: NodeFunction;
  readonly nodeCount: number;
  readonly options: Partial<TestOptions>;
  /** The anomaly of each fault, with options that the fault needs to show. */
  readonly faults: Readonly<Record<string, string | readonly [string, Partial<TestOptions>]>>;
}

const transactional = { timeLimitSeconds: 4, ratePerSecond: 100, concurrency: 8 };
const models = (...consistencyModels: string[]) => ({ consistencyModels });

const families: readonly Family[] = [
  {
    workload: "echo",
    program: echo,
    nodeCount: 1,
    options: { timeLimitSeconds: 2, ratePerSecond: 20 },
    faults: { alter: "wrong-echo", refuse: "wrong-echo" },
  },
  {
    workload: "unique-ids",
    program: uniqueIds,
    nodeCount: 3,
    options: { timeLimitSeconds: 2, ratePerSecond: 50 },
    faults: { repeat: "duplicated-id", anonymous: "duplicated-id" },
  },
  {
    workload: "broadcast",
    program: broadcast,
    nodeCount: 5,
    options: { timeLimitSeconds: 4, ratePerSecond: 20 },
    faults: {
      silo: "lost",
      lossy: "lost",
      vanish: "lost",
      freeze: "lost",
      phantom: "stranger",
      twice: "duplicated",
    },
  },
  {
    workload: "g-set",
    program: gSet,
    nodeCount: 3,
    options: { timeLimitSeconds: 4, ratePerSecond: 20 },
    faults: { forget: "lost", freeze: "lost", overwrite: "lost" },
  },
  {
    workload: "g-counter",
    program: gCounter,
    nodeCount: 3,
    options: { timeLimitSeconds: 3, ratePerSecond: 30 },
    faults: {
      forget: "unacceptable-read",
      fraction: "non-integer-read",
      silo: "unacceptable-read",
    },
  },
  {
    workload: "pn-counter",
    program: pnCounter,
    nodeCount: 3,
    options: { timeLimitSeconds: 3, ratePerSecond: 30 },
    faults: {
      twice: "unacceptable-read",
      unsigned: "unacceptable-read",
      single: "unacceptable-read",
    },
  },
  {
    workload: "kafka",
    program: kafka,
    nodeCount: 2,
    options: { timeLimitSeconds: 5, ratePerSecond: 100, concurrency: 4 },
    faults: {
      skip: "int-poll-skip",
      repeat: "nonmonotonic-poll",
      reuse: "inconsistent-offsets",
      twice: "duplicate",
      hide: "unseen",
      backwards: "nonmonotonic-send",
      lose: "lost-write",
      abort: "G1a",
    },
  },
  {
    workload: "lin-kv",
    program: linKv,
    nodeCount: 2,
    options: { timeLimitSeconds: 4, ratePerSecond: 80, concurrency: 8 },
    faults: {
      cache: "nonlinearizable",
      forget: "nonlinearizable",
      "false-error": "nonlinearizable",
      seq: "nonlinearizable",
      race: "nonlinearizable",
    },
  },
  {
    workload: "txn-list-append",
    program: txnListAppend,
    nodeCount: 2,
    options: transactional,
    faults: {
      abort: ["G1a", models("read-committed")],
      internal: ["internal", models("snapshot-isolation")],
      dirty: ["G1b", models("read-committed")],
      stale: "G-single-item-realtime",
      blind: ["lost-update", { ...models("snapshot-isolation"), keyCount: 3 }],
      split: ["incompatible-order", models("read-committed")],
      double: ["duplicate-elements", models("read-uncommitted")],
      truncate: ["incompatible-order", models("read-committed")],
    },
  },
  {
    workload: "txn-rw-register",
    program: txnRwRegister,
    nodeCount: 2,
    options: transactional,
    faults: {
      abort: ["G1a", models("read-committed")],
      internal: ["internal", models("read-atomic")],
      dirty: ["G1b", models("read-committed")],
      stale: "G-single-item-realtime",
      blind: ["lost-update", { ...models("snapshot-isolation"), keyCount: 3 }],
      split: ["lost-update", { ...models("serializable"), keyCount: 3, maxTxnLength: 8 }],
      invent: ["phantom-read", models("read-uncommitted")],
    },
  },
];

/** All reference nodes; the correct node of each workload precedes its faults. */
export const REFERENCE_NODES: readonly ReferenceNode[] = families.flatMap((family) => {
  const { workload, program, nodeCount, options } = family;
  const file = `${import.meta.dirname}/../../examples/${workload.replaceAll("-", "_")}.ts`;
  const common = { workload, file, program, nodeCount };
  return [
    { ...common, options, ...withFault("none"), anomaly: undefined },
    ...Object.entries(family.faults).map(([fault, expected]) => {
      const [anomaly, own] = typeof expected === "string" ? [expected, {}] : expected;
      return { ...common, options: { ...options, ...own }, ...withFault(fault), anomaly };
    }),
  ];
});

function withFault(fault: string) {
  return { fault, args: ["--fault", fault] };
}
