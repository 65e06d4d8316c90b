/**
 * The flags of `deno task explore`.
 *
 * @module
 */

import { FAULT_NAMES } from "../../lib/workbench/mod.ts";
import { DEFAULT_MAX_RUNS, GENERATED_VALUES } from "../../lib/workbench/explore/mod.ts";
import type { ExploreSetup, FixedOptions } from "../../lib/workbench/explore/mod.ts";
import { DEFAULT_OPTIONS, findWorkload, nodeIds, WORKLOADS } from "../../lib/workload/mod.ts";
import { BadArguments } from "./exit_code.ts";
import { help, numeric, text, toggle } from "./flag_kinds.ts";
import { type Flag, Invalid, readCommandLine } from "./flags.ts";
import { maelstromFlags, unexpectedArgument } from "./test_flags.ts";

/**
 * The faults that explore injects by default: all but `kill`. A node without a disk loses its state
 * when it is killed, and its protocol need not tolerate that.
 */
const DEFAULT_FAULTS = FAULT_NAMES.filter((name) => name !== "kill");

/** The consistency models of workloads whose challenge requires less than Maelstrom's default. */
const DEFAULT_MODELS: Readonly<Record<string, readonly string[]>> = {
  "txn-rw-register": ["read-committed"],
};

const nemesis: Flag<readonly string[]> = {
  placeholder: "F,…",
  help: "faults, see below; all or none (all but kill)",
  read(value) {
    if (value === "all") return FAULT_NAMES;
    if (value === "none") return [];
    const names = value.split(",").map((name) => name.trim());
    return names.every((name) => FAULT_NAMES.includes(name))
      ? [...new Set(names)]
      : new Invalid(`all, none or a comma-separated list of ${FAULT_NAMES.join(", ")}`);
  },
};

/**
 * Returns a flag of `maelstrom test` with another help text: its default is random, one of
 * `values`.
 */
function randomByDefault<T>(flag: Flag<T>, help: string, values: string): Flag<T> {
  return { ...flag, help: `${help} (random: ${values})` };
}

const fixedOptionFlags = {
  "node-count": randomByDefault(maelstromFlags["node-count"], "nodes", GENERATED_VALUES.nodes),
  "time-limit": randomByDefault(
    maelstromFlags["time-limit"],
    "seconds",
    GENERATED_VALUES.timeLimitSeconds,
  ),
  rate: randomByDefault(maelstromFlags.rate, "requests per second", GENERATED_VALUES.ratePerSecond),
  latency: randomByDefault(maelstromFlags.latency, "mean ms", GENERATED_VALUES.latency),
  "latency-dist": randomByDefault(
    maelstromFlags["latency-dist"],
    "latency distribution",
    GENERATED_VALUES.distribution,
  ),
  topology: randomByDefault(maelstromFlags.topology, "topology", GENERATED_VALUES.topology),
  availability: maelstromFlags.availability,
  "consistency-models": {
    ...maelstromFlags["consistency-models"],
    help: "isolation that must hold (per workload)",
  },
  "key-count": randomByDefault(
    maelstromFlags["key-count"],
    "keys",
    GENERATED_VALUES.keyCount,
  ),
  "max-txn-length": randomByDefault(
    maelstromFlags["max-txn-length"],
    "max operations",
    GENERATED_VALUES.maxTxnLength,
  ),
  "max-writes-per-key": randomByDefault(
    maelstromFlags["max-writes-per-key"],
    "max writes per key",
    GENERATED_VALUES.maxWritesPerKey,
  ),
} as const;

/** The flags of explore. */
export const exploreFlags = {
  bin: text("PATH", "module of the node (nodes/<workload>.ts)"),
  seeds: numeric("N", "number of seeds (1000)", { min: 1, integer: true }),
  from: numeric("SEED", "first seed (0)", { min: 0, integer: true }),
  strategy: text("S", "short for -- --strategy S"),
  nemesis,
  jobs: numeric("N", "number of threads (one per core)", { min: 1, integer: true }),
  "keep-going": toggle("run all seeds, even after a failure"),
  "shrink-runs": numeric("N", `max runs for shrinking a case (${DEFAULT_MAX_RUNS})`, {
    min: 0,
    integer: true,
  }),
  store: text("DIR", "directory for failing cases (store)"),
  ...fixedOptionFlags,
  help,
} as const;

/** A parsed command line of explore. */
export interface ExploreCommandLine {
  readonly setup: ExploreSetup;
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly keepGoing: boolean;
  readonly shrinkRuns: number;
  readonly store: string;
}

/** Parses a command line; returns undefined for `--help`. Throws {@link BadArguments}. */
export function readExploreCommandLine(args: readonly string[]): ExploreCommandLine | undefined {
  const { flags, positional, rest } = readCommandLine(args, exploreFlags);
  if (flags.help) return undefined;
  const workload = workloadOf(positional);
  return {
    setup: {
      workload,
      bin: flags.bin ?? `nodes/${workload.replaceAll("-", "_")}.ts`,
      args: [...(flags.strategy === undefined ? [] : ["--strategy", flags.strategy]), ...rest],
      faults: flags.nemesis ?? DEFAULT_FAULTS,
      fixedOptions: fixedOptionsOf(workload, flags),
    },
    seeds: flags.seeds ?? 1000,
    from: flags.from ?? 0,
    jobs: flags.jobs ?? navigator.hardwareConcurrency,
    keepGoing: flags["keep-going"] ?? false,
    shrinkRuns: flags["shrink-runs"] ?? DEFAULT_MAX_RUNS,
    store: flags.store ?? "store",
  };
}

function workloadOf(positional: readonly string[]): string {
  const [name, extra] = positional;
  const names = WORKLOADS.map((workload) => workload.name).join(", ");
  if (name === undefined) throw new BadArguments(`missing workload; choose one of ${names}`);
  if (findWorkload(name) === undefined) {
    throw new BadArguments(`unknown workload "${name}"; choose one of ${names}`);
  }
  if (extra !== undefined) throw new BadArguments(unexpectedArgument(extra));
  return name;
}

type GivenExploreFlags = ReturnType<typeof readCommandLine<typeof exploreFlags>>["flags"];

function fixedOptionsOf(workload: string, flags: GivenExploreFlags): FixedOptions {
  const count = flags["node-count"];
  const { latency: meanMs, "latency-dist": distribution } = flags;
  if (meanMs === undefined && distribution !== undefined) {
    throw new BadArguments("--latency-dist needs --latency MS");
  }
  const given = {
    nodes: count === undefined ? undefined : nodeIds(count),
    timeLimitSeconds: flags["time-limit"],
    ratePerSecond: flags.rate,
    latency: meanMs === undefined ? undefined : {
      meanMs,
      distribution: distribution ?? DEFAULT_OPTIONS.latency.distribution,
    },
    topology: flags.topology,
    availability: flags.availability,
    consistencyModels: flags["consistency-models"] ?? DEFAULT_MODELS[workload],
    keyCount: flags["key-count"],
    maxTxnLength: flags["max-txn-length"],
    maxWritesPerKey: flags["max-writes-per-key"],
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as FixedOptions;
}
