/**
 * The flags of `maelstrom test`: Maelstrom's own, with Maelstrom's defaults, and those of the
 * built-in engines.
 *
 * @module
 */

import { type Flag, flag, type FlagValues, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { parseNodeIds } from "../../lib/wire/mod.ts";
import { isModulePath } from "../../lib/workbench/import_module.ts";
import { findOrLoadWorkload } from "../../lib/workbench/load_workload.ts";
import { FAULT_NAMES, PERSISTENT_FAULT_NAMES } from "../../lib/workbench/mod.ts";
import {
  completeOptions,
  DEFAULT_OPTIONS,
  findWorkload,
  type GivenOptions,
  InvalidOptionsError,
  LATENCY_DISTRIBUTIONS,
  type TestOptions,
  TOPOLOGIES,
  type Workload,
  WORKLOADS,
} from "../../lib/workload/mod.ts";
import { nodeFlagHint, unexpectedArgument } from "./flag_hints.ts";
import { natsFlags } from "./nats_flags.ts";
import { wrap } from "./wrap.ts";

/** The workloads' names as lines of a help text. */
export const WORKLOAD_LIST = wrap(
  `Workloads: ${
    WORKLOADS.map(({ name }) => name).join(", ")
  }; or a module's path, such as ./lock.ts`,
);

/** The faults' names, and which of them persist, as lines of a help text. */
export const FAULT_LIST = wrap(
  `Faults: ${FAULT_NAMES.join(", ")}. The final reads begin when the faults are healed; ` +
    `${PERSISTENT_FAULT_NAMES.join(", ")} stays active until the end.`,
);

/** The engines. */
const ENGINES = ["maelstrom", "process", "sim", "nats"] as const;

const availability: Flag<number | "total"> = {
  placeholder: "FRACTION",
  help: "min ok fraction: total, or 0 to 1",
  expectation: "total or a number from 0 to 1",
  defaultText: "not checked",
  parse(value) {
    if (value === "total") return value;
    const fraction = Number(value);
    return value.trim() !== "" && fraction >= 0 && fraction <= 1 ? fraction : undefined;
  },
};

const concurrency: Flag<string> = {
  placeholder: "C",
  help: "workers: a number, or per node such as 4n",
  expectation: "an integer from 1, or a multiple of the node count such as 4n",
  defaultText: "1n",
  parse: (value) => /^[1-9][0-9]*n?$/.test(value) ? value : undefined,
};

const nodes: Flag<readonly string[]> = {
  placeholder: "A,B,…",
  help: "node ids",
  expectation: "comma-separated distinct ids, none of a client (c…) or a service",
  defaultText: DEFAULT_OPTIONS.nodes.join(","),
  parse(value) {
    // A single node may have any id, but a user who gives one number means a number of nodes.
    if (/^[0-9]+$/.test(value)) {
      throw new UsageError(`--nodes takes ids; for ${value} nodes use --node-count ${value}`);
    }
    return parseNodeIds(value);
  },
};

const consistencyModels: Flag<readonly string[]> = {
  placeholder: "M,…",
  help: "isolation that must hold",
  expectation: "a comma-separated list of consistency models",
  defaultText: DEFAULT_OPTIONS.consistencyModels.join(","),
  parse: (value) => value.split(",").map((model) => model.trim()),
};

const workload: Flag<string> = {
  short: "w",
  placeholder: "NAME",
  help: "workload, see below",
  expectation: `one of ${WORKLOADS.map(({ name }) => name).join(", ")}, or the path of a module ` +
    "whose default export is a workload, such as ./lock.ts",
  words: WORKLOADS.map(({ name }) => name),
  defaultText: DEFAULT_OPTIONS.workload,
  parse: (value) => isModulePath(value) ? value : findWorkload(value)?.name,
};

/**
 * Maelstrom's own flags; the real Maelstrom receives them unchanged. Their defaults are those of
 * {@link testOptions}, so that a flag that is not given is absent.
 */
export const maelstromFlags = {
  workload,
  bin: flag.text({ placeholder: "PATH", help: "program that runs one node (required)" }),
  "node-count": flag.number({
    placeholder: "N",
    help: "number of nodes, n0, n1, …",
    defaultText: "those of --nodes",
    min: 1,
    integer: true,
  }),
  nodes,
  "time-limit": flag.number({
    placeholder: "S",
    help: "length of the main phase in seconds",
    defaultText: `${DEFAULT_OPTIONS.timeLimitSeconds}`,
  }),
  rate: flag.number({
    placeholder: "R",
    help: "requests per second, all workers together",
    defaultText: `${DEFAULT_OPTIONS.ratePerSecond}`,
  }),
  concurrency,
  "test-count": flag.number({
    placeholder: "K",
    help: "repetitions, until a test is not valid",
    defaultText: "1",
    min: 1,
    integer: true,
  }),
  latency: flag.number({
    placeholder: "MS",
    help: "mean latency between nodes in ms",
    defaultText: `${DEFAULT_OPTIONS.latency.meanMs}`,
  }),
  "latency-dist": flag.oneOf(LATENCY_DISTRIBUTIONS, {
    placeholder: "D",
    help: "constant, uniform or exponential",
    defaultText: DEFAULT_OPTIONS.latency.distribution,
  }),
  nemesis: flag.someOf(FAULT_NAMES, {
    placeholder: "F,…",
    help: "faults to inject, see below",
    defaultText: "none",
  }),
  "nemesis-interval": flag.number({
    placeholder: "S",
    help: "mean seconds between nemesis operations",
    defaultText: `${DEFAULT_OPTIONS.nemesisIntervalSeconds}`,
    above: true,
  }),
  topology: flag.oneOf(TOPOLOGIES, {
    placeholder: "T",
    help: "line, grid, tree, tree2 to tree4, total",
    defaultText: DEFAULT_OPTIONS.topology,
  }),
  availability,
  "consistency-models": consistencyModels,
  "key-count": flag.number({
    placeholder: "N",
    help: "keys in use at a time",
    defaultText: "10",
    min: 1,
    integer: true,
  }),
  "max-txn-length": flag.number({
    placeholder: "N",
    help: "max operations per transaction",
    defaultText: `${DEFAULT_OPTIONS.maxTxnLength}`,
    min: 1,
    integer: true,
  }),
  "max-writes-per-key": flag.number({
    placeholder: "N",
    help: "max writes per key",
    defaultText: `${DEFAULT_OPTIONS.maxWritesPerKey}`,
    min: 1,
    integer: true,
  }),
  "log-stderr": flag.toggle({ help: "print what nodes write to stderr" }),
  "log-net-send": flag.toggle({ help: "print each message when it is sent" }),
  "log-net-recv": flag.toggle({ help: "print each message when it is received" }),
} as const;

/** The flags that only the built-in engines have. */
export const builtInEngineFlags = {
  seed: flag.text({ placeholder: "TEXT", help: "seed of all random choices (random)" }),
  store: flag.text({ placeholder: "DIR", help: "directory for results (store)" }),
  schedule: flag.text({ placeholder: "FILE", help: "nemesis schedule: a run's schedule.json" }),
  "wasm-exec": flag.text({ placeholder: "FILE", help: "wasm_exec.js of a Go module (Go's own)" }),
  "independent-delivery": flag.toggle({ help: "do not deliver in order per receiver" }),
  ...natsFlags,
} as const;

/** All flags of `maelstrom test`. */
export const testFlags = {
  ...maelstromFlags,
  engine: flag.oneOf(ENGINES, {
    placeholder: "E",
    help: "maelstrom (if found), process, sim or nats",
  }),
  ...builtInEngineFlags,
  help: flag.help,
} as const;

/** The values of those flags of `maelstrom test` that are given or recorded. */
export type TestFlags = Partial<FlagValues<typeof testFlags>>;

/** A parsed command line of `maelstrom test`. */
export interface TestCommandLine {
  readonly flags: TestFlags;
  /** The arguments of the nodes. */
  readonly nodeArgs: readonly string[];
}

/** Parses a command line of `maelstrom test`. Throws {@link UsageError}. */
export function readTestCommandLine(args: readonly string[]): TestCommandLine {
  const { flags, positional, rest } = parseFlags(args, testFlags, nodeFlagHint);
  if (positional.length > 0) {
    throw new UsageError(unexpectedArgument(positional[0] as string));
  }
  return { flags, nodeArgs: rest };
}

/** Returns the workload that the flags name. Throws a {@link UsageError} if it cannot be loaded. */
export function workloadOf({ workload = DEFAULT_OPTIONS.workload }: TestFlags): Promise<Workload> {
  return findOrLoadWorkload(workload);
}

/** Returns the path of the workload's module for the records of a run, if it has one. */
export function workloadModuleOf({ workload = "" }: TestFlags): { workloadModule?: string } {
  return isModulePath(workload) ? { workloadModule: workload } : {};
}

/**
 * Returns the options of a test of a workload that the flags describe. The default
 * of `--concurrency` is 1n, as in Maelstrom. Throws a {@link UsageError} for invalid options.
 */
export function testOptions(flags: TestFlags, workload: Workload, seed: string): TestOptions {
  const nodes = flags["node-count"] ?? flags.nodes ?? DEFAULT_OPTIONS.nodes;
  const given: GivenOptions = {
    nodes,
    concurrency: workers(
      flags.concurrency ?? "1n",
      typeof nodes === "number" ? nodes : nodes.length,
    ),
    timeLimitSeconds: flags["time-limit"],
    ratePerSecond: flags.rate,
    latency: { meanMs: flags.latency, distribution: flags["latency-dist"] },
    nemesis: flags.nemesis,
    nemesisIntervalSeconds: flags["nemesis-interval"],
    topology: flags.topology,
    availability: flags.availability,
    consistencyModels: flags["consistency-models"],
    keyCount: flags["key-count"],
    maxTxnLength: flags["max-txn-length"],
    maxWritesPerKey: flags["max-writes-per-key"],
    seed,
  };
  try {
    return completeOptions(workload, given);
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    const isGiven = flags.workload !== undefined;
    const note = isGiven ? "" : `no --workload given: ${workload.name}, Maelstrom's default; `;
    throw new UsageError(note + error.message);
  }
}

/**
 * Returns the options by which a recorded history is judged. How it was generated does not matter:
 * a history that is there needs no plausible number of workers. Throws a {@link UsageError} for
 * options that no checker can judge.
 */
export function checkOptions(flags: TestFlags, judged: Workload): TestOptions {
  const { availability, "consistency-models": models } = flags;
  return testOptions(
    {
      workload: judged.name,
      ...(availability === undefined ? {} : { availability }),
      ...(models === undefined ? {} : { "consistency-models": models }),
      concurrency: "2n",
    },
    judged,
    "recorded",
  );
}

function workers(concurrency: string, nodeCount: number): number {
  return concurrency.endsWith("n")
    ? Number(concurrency.slice(0, -1)) * nodeCount
    : Number(concurrency);
}
