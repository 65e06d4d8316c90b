/**
 * The nodes of the project in each strategy: how to test them, the faults that they tolerate, and
 * the consistency models that they satisfy under these faults.
 *
 * @module
 */

import type { NodeFunction } from "../../lib/node/mod.ts";
import { RESTART_ANY, RESTART_NAMES } from "../../lib/workbench/explore/mod.ts";
import { FAULT_NAMES } from "../../lib/workbench/fault/mod.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";
import broadcast from "../../nodes/broadcast.ts";
import echo from "../../nodes/echo.ts";
import gCounter from "../../nodes/g_counter.ts";
import gSet from "../../nodes/g_set.ts";
import kafka from "../../nodes/kafka.ts";
import linKv from "../../nodes/lin_kv.ts";
import pnCounter from "../../nodes/pn_counter.ts";
import txnListAppend from "../../nodes/txn_list_append.ts";
import txnRwRegister from "../../nodes/txn_rw_register.ts";
import uniqueIds from "../../nodes/unique_ids.ts";
import type { TestedNode } from "./tested_node.ts";

/** A node of the project in one strategy. */
export interface ProjectNode extends TestedNode {
  /** The faults under which its runs must be valid. */
  readonly faults: readonly string[];
  /** The restarts under which they must be, too: see `explore/restarts.ts`. */
  readonly restarts: readonly string[];
  /** The only number of nodes that the strategy supports; undefined for any number. */
  readonly onlyNodes: number | undefined;
}

/**
 * How a strategy differs from the default: it tolerates all faults except `kill` and `disk`, with
 * which nodes lose their memory, and `partial-partition`, under which they must relay the messages of others. It
 * tolerates restarts of nodes that hold nothing unreplicated, of both kinds.
 */
interface Strategy {
  readonly faults?: readonly string[];
  readonly restarts?: readonly string[];
  /** The consistency models that transactions must satisfy. */
  readonly models?: readonly string[];
  readonly onlyNodes?: number;
}

interface Family {
  readonly workload: string;
  readonly program: NodeFunction;
  readonly nodeCount: number;
  readonly options: Partial<TestOptions>;
  readonly strategies: Readonly<Record<string, Strategy>>;
}

const any = { faults: FAULT_NAMES };
/** A loss of power kills nodes, too. */
const but = (...faults: readonly string[]) => ({
  faults: FAULT_NAMES.filter((name) => !faults.includes(name === "disk" ? "kill" : name)),
});
/** For nodes that relay each other's updates, and for nodes that need no relay. */
const memory = but("kill", "disk");
const counting = { timeLimitSeconds: 3, ratePerSecond: 50 };
const counters = {
  crdt: memory,
  "seq-kv": memory,
  cas: any,
  // A read needs the totals of all nodes, and no node relays them or keeps those of another.
  peers: { restarts: ["restart-reader"] },
};
const transactions = { timeLimitSeconds: 3, ratePerSecond: 100, concurrency: 4 };

const families: readonly Family[] = [
  {
    workload: "echo",
    program: echo,
    nodeCount: 1,
    options: { timeLimitSeconds: 2, ratePerSecond: 50 },
    strategies: { "": any },
  },
  {
    workload: "unique-ids",
    program: uniqueIds,
    nodeCount: 3,
    options: { timeLimitSeconds: 2, ratePerSecond: 100 },
    strategies: {
      counter: any,
      uuid: any,
      modulo: but("skew"),
      snowflake: but("skew"),
      "lin-kv": any,
      "lin-tso": any,
    },
  },
  {
    workload: "broadcast",
    program: broadcast,
    nodeCount: 5,
    options: counting,
    strategies: {
      ...{
        hub: memory,
        mesh: memory,
        retry: memory,
        batch: memory,
        tree: memory,
        plumtree: memory,
      },
      // Nothing is sent again, and nodes send to their neighbours only.
      flood: { faults: ["duplicate", "slow", "reorder", "skew"], restarts: [] },
    },
  },
  { workload: "g-set", program: gSet, nodeCount: 3, options: counting, strategies: { "": memory } },
  {
    workload: "g-counter",
    program: gCounter,
    nodeCount: 3,
    options: counting,
    strategies: counters,
  },
  {
    workload: "pn-counter",
    program: pnCounter,
    nodeCount: 3,
    options: counting,
    strategies: counters,
  },
  {
    workload: "kafka",
    program: kafka,
    nodeCount: 2,
    options: { timeLimitSeconds: 3, ratePerSecond: 100, concurrency: 4 },
    strategies: {
      // A node that restarts at any time loses what it has not sent, and nothing else goes wrong.
      lamport: { ...memory, restarts: [...RESTART_NAMES, RESTART_ANY] },
      // An owner holds messages that clients of other nodes have sent.
      owner: { ...memory, restarts: ["restart-settled"] },
      "lin-kv": any,
      // The clients of a node are served nothing while its link to the first node is broken.
      single: { ...but("kill", "disk", "partial-partition"), restarts: [] },
      raft: any,
    },
  },
  {
    workload: "lin-kv",
    program: linKv,
    nodeCount: 2,
    options: { timeLimitSeconds: 3, ratePerSecond: 50, concurrency: 4 },
    strategies: {
      raft: any,
      proxy: any,
      // Two phases around broken links may take longer than a client waits.
      caspaxos: but("partial-partition"),
    },
  },
  {
    workload: "txn-list-append",
    program: txnListAppend,
    nodeCount: 2,
    options: transactions,
    strategies: {
      root: { ...any, models: ["strict-serializable"] },
      raft: { ...any, models: ["strict-serializable"] },
    },
  },
  {
    workload: "txn-rw-register",
    program: txnRwRegister,
    nodeCount: 2,
    options: transactions,
    strategies: {
      local: {
        faults: ["pause", "skew"],
        restarts: [],
        models: ["strict-serializable"],
        onlyNodes: 1,
      },
      "read-uncommitted": { ...memory, models: ["read-uncommitted"] },
      "read-committed": { ...memory, models: ["read-committed"] },
      // The sessions of a node that loses its memory lose their guarantees.
      causal: { ...memory, restarts: [], models: ["causal-cerone", "read-atomic"] },
      "lin-kv": { ...any, models: ["strict-serializable"] },
    },
  },
];

/** All nodes of the project, in all strategies. */
export const PROJECT_NODES: readonly ProjectNode[] = families.flatMap((family) => {
  const { workload, program, strategies } = family;
  const path = `../../nodes/${workload.replaceAll("-", "_")}.ts`;
  const file = new URL(path, import.meta.url).pathname;
  return Object.entries(strategies).map(([name, { faults, restarts, models, onlyNodes }]) => ({
    workload,
    program,
    file,
    onlyNodes,
    faults: faults ?? but("kill", "disk", "partial-partition").faults,
    restarts: restarts ?? RESTART_NAMES,
    args: name === "" ? [] : ["--strategy", name],
    nodeCount: onlyNodes ?? family.nodeCount,
    options: {
      ...family.options,
      ...(models === undefined ? {} : { consistencyModels: models }),
    },
  }));
});
