/**
 * The flags of `maelstrom test`: Maelstrom's own with its defaults, and those of the built-in
 * engines.
 *
 * @module
 */

import { isClientId, SERVICES } from "../../lib/wire/mod.ts";
import { FAULT_NAMES } from "../../lib/workbench/mod.ts";
import {
  DEFAULT_OPTIONS,
  findWorkload,
  LATENCY_DISTRIBUTIONS,
  nodeIds,
  type TestOptions,
  type Workload,
  WORKLOADS,
} from "../../lib/workload/mod.ts";
import { BadArguments } from "./exit_code.ts";
import { help, numeric, oneOf, someOf, text, toggle } from "./flag_kinds.ts";
import { type Flag, type GivenFlags, readCommandLine, Wrong } from "./flags.ts";

const TOPOLOGIES = ["line", "grid", "tree", "tree2", "tree3", "tree4", "total"] as const;

/** The engines there are. */
export const ENGINES = ["maelstrom", "process", "sim"] as const;

const availability: Flag<number | "total"> = {
  placeholder: "FRACTION",
  help: "the fraction of requests that must succeed: total, or 0 to 1 (no check)",
  read(value) {
    if (value === "total") return value;
    const fraction = Number(value);
    const right = value.trim() !== "" && fraction >= 0 && fraction <= 1;
    return right ? fraction : new Wrong("total, or a number from 0 to 1");
  },
};

const concurrency: Flag<string> = {
  placeholder: "C",
  help: "workers: a number, or a multiple of the nodes such as 4n (1n)",
  read: (value) => /^[1-9][0-9]*n?$/.test(value) ? value : new Wrong("a number, or one such as 4n"),
};

const NODE_IDS = "different ids, separated by commas, not those of clients (c…) or services";

function isNodeId(id: string): boolean {
  return id !== "" && !isClientId(id) && !SERVICES.some((service) => service === id);
}

const nodes: Flag<readonly string[]> = {
  placeholder: "A,B,…",
  help: "the ids of the nodes (n1,n2,n3,n4,n5)",
  read(value) {
    const ids = value.split(",").map((id) => id.trim());
    const right = ids.every(isNodeId) && new Set(ids).size === ids.length;
    return right ? ids : new Wrong(NODE_IDS);
  },
};

const consistencyModels: Flag<readonly string[]> = {
  placeholder: "M,…",
  help: "what transactions must satisfy (strict-serializable)",
  read: (value) => value.split(",").map((model) => model.trim()),
};

/** Maelstrom's flags: these are passed on to the real one unchanged. */
export const maelstromFlags = {
  workload: oneOf("NAME", WORKLOADS.map(({ name }) => name), "what to test (lin-kv)", "w"),
  bin: text("PATH", "the program that runs one node; required"),
  "node-count": numeric("N", "how many nodes: n0, n1, … (overrides --nodes)", {
    least: 1,
    integer: true,
  }),
  nodes,
  "time-limit": numeric("SECONDS", "how long to test (60)", { least: 0 }),
  rate: numeric("R", "requests per second (5)", { least: 0 }),
  concurrency,
  "test-count": numeric("K", "how many times to test, unless one is not valid (1)", {
    least: 1,
    integer: true,
  }),
  latency: numeric("MS", "mean latency between nodes (0)", { least: 0 }),
  "latency-dist": oneOf("D", LATENCY_DISTRIBUTIONS, "constant, uniform or exponential (constant)"),
  nemesis: someOf("F,…", FAULT_NAMES, `faults to inject: ${FAULT_NAMES.join(", ")} (none)`),
  "nemesis-interval": numeric("SECONDS", "mean time between two acts of the nemesis (10)", {
    least: 0,
    above: true,
  }),
  topology: oneOf("T", TOPOLOGIES, `${TOPOLOGIES.join(", ")} (grid)`),
  availability,
  "consistency-models": consistencyModels,
  "key-count": numeric("N", "keys in use at a time (10)", { least: 1, integer: true }),
  "max-txn-length": numeric("N", "operations in a transaction (4)", { least: 1, integer: true }),
  "max-writes-per-key": numeric("N", "writes to one key (16)", { least: 1, integer: true }),
  "log-stderr": toggle("show what nodes write to stderr"),
  "log-net-send": toggle("show messages as they are sent"),
  "log-net-recv": toggle("show messages as they are received"),
} as const;

/** Flags of the built-in engines, which the real Maelstrom does not know. */
export const ownFlags = {
  seed: text("TEXT", "everything random follows from it (drawn anew)"),
  store: text("DIR", "where to keep results (store)"),
  schedule: text("FILE", "what the nemesis does, as schedule.json of a run; not with --nemesis"),
  "independent-delivery": toggle(
    "deliver each message when it is due, not behind earlier ones of its receiver",
  ),
} as const;

/** All flags of `maelstrom test`. */
export const testFlags = {
  ...maelstromFlags,
  engine: oneOf("E", ENGINES, "where to run it: maelstrom, process or sim"),
  ...ownFlags,
  help,
} as const;

/** The values of the flags of `maelstrom test` that were given. */
export type TestFlags = GivenFlags<typeof testFlags>;

/** A command line of `maelstrom test`. */
export interface TestCommandLine {
  readonly flags: TestFlags;
  /** Arguments of the nodes. */
  readonly nodeArgs: readonly string[];
}

/** Reads a command line. Throws {@link BadArguments}. */
export function readTestCommandLine(args: readonly string[]): TestCommandLine {
  const { flags, positional, rest } = readCommandLine(args, testFlags);
  if (positional.length > 0) {
    throw new BadArguments(
      `'${positional[0]}' is no flag. Arguments for the nodes go after --, at the end.`,
    );
  }
  return { flags, nodeArgs: rest };
}

/** The workload that is asked for. */
export function workloadOf(flags: TestFlags): Workload {
  return findWorkload(flags.workload ?? DEFAULT_OPTIONS.workload) as Workload;
}

/** The options that flags stand for. Throws {@link BadArguments} when they do not go together. */
export function testOptions(flags: TestFlags, seed: string): TestOptions {
  const count = flags["node-count"];
  const nodes = count !== undefined ? nodeIds(count) : flags.nodes ?? DEFAULT_OPTIONS.nodes;
  const options: TestOptions = {
    workload: workloadOf(flags).name,
    nodes,
    concurrency: workers(flags.concurrency ?? "1n", nodes.length),
    timeLimit: flags["time-limit"] ?? DEFAULT_OPTIONS.timeLimit,
    rate: flags.rate ?? DEFAULT_OPTIONS.rate,
    latency: {
      mean: flags.latency ?? DEFAULT_OPTIONS.latency.mean,
      distribution: flags["latency-dist"] ?? DEFAULT_OPTIONS.latency.distribution,
    },
    nemesis: flags.nemesis ?? DEFAULT_OPTIONS.nemesis,
    nemesisInterval: flags["nemesis-interval"] ?? DEFAULT_OPTIONS.nemesisInterval,
    topology: flags.topology ?? DEFAULT_OPTIONS.topology,
    consistencyModels: flags["consistency-models"] ?? DEFAULT_OPTIONS.consistencyModels,
    maxTxnLength: flags["max-txn-length"] ?? DEFAULT_OPTIONS.maxTxnLength,
    maxWritesPerKey: flags["max-writes-per-key"] ?? DEFAULT_OPTIONS.maxWritesPerKey,
    seed,
    ...(flags.availability === undefined ? {} : { availability: flags.availability }),
    ...(flags["key-count"] === undefined ? {} : { keyCount: flags["key-count"] }),
  };
  const problem = workloadOf(flags).problem?.(options);
  if (problem !== undefined) throw new BadArguments(problem);
  return options;
}

function workers(concurrency: string, nodeCount: number): number {
  return concurrency.endsWith("n")
    ? Number(concurrency.slice(0, -1)) * nodeCount
    : Number(concurrency);
}
