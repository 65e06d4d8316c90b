/**
 * The flags of `maelstrom test`: Maelstrom's own, with Maelstrom's defaults, and those of the
 * built-in engines.
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
import { type Flag, type GivenFlags, Invalid, readCommandLine } from "./flags.ts";
import { wrap } from "./wrap.ts";

const HELP_COLUMNS = 80;

const TOPOLOGIES = ["line", "grid", "tree", "tree2", "tree3", "tree4", "total"] as const;

/** The workloads' names as lines of a help text. */
export const WORKLOAD_LIST = wrap(
  `Workloads: ${WORKLOADS.map(({ name }) => name).join(", ")}`,
  HELP_COLUMNS,
);

/** The faults' names as lines of a help text. */
export const FAULT_LIST = wrap(`Faults: ${FAULT_NAMES.join(", ")}`, HELP_COLUMNS);

/** The engines. */
export const ENGINES = ["maelstrom", "process", "sim"] as const;

const availability: Flag<number | "total"> = {
  placeholder: "FRACTION",
  help: "min ok fraction: total, or 0 to 1 (not checked)",
  read(value) {
    if (value === "total") return value;
    const fraction = Number(value);
    const isValid = value.trim() !== "" && fraction >= 0 && fraction <= 1;
    return isValid ? fraction : new Invalid("total or a number from 0 to 1");
  },
};

const concurrency: Flag<string> = {
  placeholder: "C",
  help: "workers: a number, or per node such as 4n (1n)",
  read: (value) =>
    /^[1-9][0-9]*n?$/.test(value)
      ? value
      : new Invalid("an integer from 1, or a multiple of the node count such as 4n"),
};

const NODE_IDS = "comma-separated distinct ids, none of a client (c…) or a service";

function isNodeId(id: string): boolean {
  return id !== "" && !isClientId(id) && !SERVICES.some((service) => service === id);
}

const nodes: Flag<readonly string[]> = {
  placeholder: "A,B,…",
  help: "node ids (n1,n2,n3,n4,n5)",
  read(value) {
    const ids = value.split(",").map((id) => id.trim());
    const isValid = ids.every(isNodeId) && new Set(ids).size === ids.length;
    return isValid ? ids : new Invalid(NODE_IDS);
  },
};

const consistencyModels: Flag<readonly string[]> = {
  placeholder: "M,…",
  help: "isolation that must hold (strict-serializable)",
  read: (value) => value.split(",").map((model) => model.trim()),
};

/** Maelstrom's own flags; the real Maelstrom receives them unchanged. */
export const maelstromFlags = {
  workload: oneOf(
    "NAME",
    WORKLOADS.map(({ name }) => name),
    "workload, see below (lin-kv)",
    "w",
  ),
  bin: text("PATH", "program that runs one node (required)"),
  "node-count": numeric("N", "number of nodes, n0, n1, … (overrides --nodes)", {
    min: 1,
    integer: true,
  }),
  nodes,
  "time-limit": numeric("S", "length of the main phase in seconds (60)", { min: 0 }),
  rate: numeric("R", "requests per second, all workers together (5)", { min: 0 }),
  concurrency,
  "test-count": numeric("K", "repetitions, until a test is not valid (1)", {
    min: 1,
    integer: true,
  }),
  latency: numeric("MS", "mean latency between nodes in ms (0)", { min: 0 }),
  "latency-dist": oneOf("D", LATENCY_DISTRIBUTIONS, "constant, uniform or exponential (constant)"),
  nemesis: someOf("F,…", FAULT_NAMES, "faults to inject, see below (none)"),
  "nemesis-interval": numeric("S", "mean seconds between nemesis operations (10)", {
    min: 0,
    exclusive: true,
  }),
  topology: oneOf("T", TOPOLOGIES, "line, grid, tree, tree2 to tree4, total (grid)"),
  availability,
  "consistency-models": consistencyModels,
  "key-count": numeric("N", "keys in use at a time (10)", { min: 1, integer: true }),
  "max-txn-length": numeric("N", "max operations per transaction (4)", { min: 1, integer: true }),
  "max-writes-per-key": numeric("N", "max writes per key (16)", { min: 1, integer: true }),
  "log-stderr": toggle("print what nodes write to stderr"),
  "log-net-send": toggle("print each message when it is sent"),
  "log-net-recv": toggle("print each message when it is received"),
} as const;

/** The flags that only the built-in engines have. */
export const builtInEngineFlags = {
  seed: text("TEXT", "seed of all random choices (random)"),
  store: text("DIR", "directory for results (store)"),
  schedule: text("FILE", "nemesis schedule: a run's schedule.json"),
  "independent-delivery": toggle("do not deliver in order per receiver"),
} as const;

/** All flags of `maelstrom test`. */
export const testFlags = {
  ...maelstromFlags,
  engine: oneOf("E", ENGINES, "maelstrom, process or sim (maelstrom if found)"),
  ...builtInEngineFlags,
  help,
} as const;

/** The values of the given flags of `maelstrom test`. */
export type TestFlags = GivenFlags<typeof testFlags>;

/** A parsed command line of `maelstrom test`. */
export interface TestCommandLine {
  readonly flags: TestFlags;
  /** The arguments of the nodes. */
  readonly nodeArgs: readonly string[];
}

/** Parses a command line of `maelstrom test`. Throws {@link BadArguments}. */
export function readTestCommandLine(args: readonly string[]): TestCommandLine {
  const { flags, positional, rest } = readCommandLine(args, testFlags);
  if (positional.length > 0) {
    throw new BadArguments(unexpectedArgument(positional[0] as string));
  }
  return { flags, nodeArgs: rest };
}

/** Returns the error text for an argument that is not a flag. */
export function unexpectedArgument(argument: string): string {
  return `unexpected argument "${argument}"; put arguments for the nodes after --, at the end`;
}

/** Returns the workload that the flags name. */
export function workloadOf(flags: TestFlags): Workload {
  return findWorkload(flags.workload ?? DEFAULT_OPTIONS.workload) as Workload;
}

/** Returns the options that the flags describe. Throws {@link BadArguments} when they conflict. */
export function testOptions(flags: TestFlags, seed: string): TestOptions {
  const count = flags["node-count"];
  const nodes = count !== undefined ? nodeIds(count) : flags.nodes ?? DEFAULT_OPTIONS.nodes;
  const options: TestOptions = {
    workload: workloadOf(flags).name,
    nodes,
    concurrency: workers(flags.concurrency ?? "1n", nodes.length),
    timeLimitSeconds: flags["time-limit"] ?? DEFAULT_OPTIONS.timeLimitSeconds,
    ratePerSecond: flags.rate ?? DEFAULT_OPTIONS.ratePerSecond,
    latency: {
      meanMs: flags.latency ?? DEFAULT_OPTIONS.latency.meanMs,
      distribution: flags["latency-dist"] ?? DEFAULT_OPTIONS.latency.distribution,
    },
    nemesis: flags.nemesis ?? DEFAULT_OPTIONS.nemesis,
    nemesisIntervalSeconds: flags["nemesis-interval"] ?? DEFAULT_OPTIONS.nemesisIntervalSeconds,
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
