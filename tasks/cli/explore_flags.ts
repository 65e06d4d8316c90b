/**
 * The flags of `deno task explore`.
 *
 * @module
 */

import { FAULT_NAMES } from "../../lib/workbench/mod.ts";
import { DEFAULT_MOST_RUNS, DRAWN } from "../../lib/workbench/explore/mod.ts";
import type { ExploreSetup, Pinned } from "../../lib/workbench/explore/mod.ts";
import { DEFAULT_OPTIONS, findWorkload, nodeIds, WORKLOADS } from "../../lib/workload/mod.ts";
import { BadArguments } from "./exit_code.ts";
import { help, numeric, text, toggle, withDefault } from "./flag_kinds.ts";
import { type Flag, Invalid, readCommandLine } from "./flags.ts";
import { maelstromFlags } from "./test_flags.ts";

/**
 * What is drawn unless the command line says otherwise: all faults but `kill`. A node that keeps
 * nothing on disk loses what it was told when it is killed, and need not promise more.
 */
const DEFAULT_FAULTS = FAULT_NAMES.filter((name) => name !== "kill");

/** What transactions must satisfy where Maelstrom's default is more than the challenge asks for. */
const DEFAULT_MODELS: Readonly<Record<string, readonly string[]>> = {
  "txn-rw-register": ["read-committed"],
};

const nemesis: Flag<readonly string[]> = {
  placeholder: "F,…",
  help: `faults that may be drawn: ${FAULT_NAMES.join(", ")}; or all, or none (all but kill)`,
  read(value) {
    if (value === "all") return FAULT_NAMES;
    if (value === "none") return [];
    const names = value.split(",").map((name) => name.trim());
    return names.every((name) => FAULT_NAMES.includes(name))
      ? [...new Set(names)]
      : new Invalid(`all, none, or some of ${FAULT_NAMES.join(", ")}, separated by commas`);
  },
};

/** A flag of `maelstrom test` that fixes what would be drawn, and from what it would be. */
function randomByDefault<T>(flag: Flag<T>, from: string): Flag<T> {
  return withDefault(flag, `drawn: ${from}`);
}

const pinnedFlags = {
  "node-count": randomByDefault(maelstromFlags["node-count"], DRAWN.nodes),
  "time-limit": randomByDefault(maelstromFlags["time-limit"], DRAWN.timeLimit),
  rate: randomByDefault(maelstromFlags.rate, DRAWN.rate),
  latency: randomByDefault(maelstromFlags.latency, DRAWN.latency),
  "latency-dist": randomByDefault(maelstromFlags["latency-dist"], DRAWN.distribution),
  topology: randomByDefault(maelstromFlags.topology, DRAWN.topology),
  availability: maelstromFlags.availability,
  "consistency-models": {
    ...maelstromFlags["consistency-models"],
    help: "what transactions must satisfy (strict-serializable; txn-rw-register: read-committed)",
  },
  "key-count": randomByDefault(maelstromFlags["key-count"], DRAWN.keyCount),
  "max-txn-length": randomByDefault(maelstromFlags["max-txn-length"], DRAWN.maxTxnLength),
  "max-writes-per-key": randomByDefault(
    maelstromFlags["max-writes-per-key"],
    DRAWN.maxWritesPerKey,
  ),
} as const;

/** All flags. */
export const exploreFlags = {
  bin: text("PATH", "the node's module (nodes/<workload>.ts)"),
  seeds: numeric("N", "how many seeds to run (1000)", { min: 1, integer: true }),
  from: numeric("SEED", "the first seed (0)", { min: 0, integer: true }),
  strategy: text("S", "short for `-- --strategy S`"),
  nemesis,
  jobs: numeric("N", "how many threads (one a core)", { min: 1, integer: true }),
  "keep-going": toggle("run all seeds, also when one has failed"),
  "shrink-runs": numeric("N", `how many runs shrinking may take (${DEFAULT_MOST_RUNS})`, {
    min: 0,
    integer: true,
  }),
  store: text("DIR", "where to keep what fails: DIR/explore/… (store)"),
  ...pinnedFlags,
  help,
} as const;

/** What a command line of explore asks for. */
export interface ExploreCommandLine {
  readonly setup: ExploreSetup;
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly keepGoing: boolean;
  readonly shrinkRuns: number;
  readonly store: string;
}

/** Reads a command line; undefined when it only asks for help. Throws {@link BadArguments}. */
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
      pinned: pinnedOptions(workload, flags),
    },
    seeds: flags.seeds ?? 1000,
    from: flags.from ?? 0,
    jobs: flags.jobs ?? navigator.hardwareConcurrency,
    keepGoing: flags["keep-going"] ?? false,
    shrinkRuns: flags["shrink-runs"] ?? DEFAULT_MOST_RUNS,
    store: flags.store ?? "store",
  };
}

function workloadOf(positional: readonly string[]): string {
  const [name, stranger] = positional;
  const names = WORKLOADS.map((workload) => workload.name).join(", ");
  if (name === undefined) throw new BadArguments(`Which workload? There are ${names}.`);
  if (findWorkload(name) === undefined) {
    throw new BadArguments(`There is no workload '${name}'; there are ${names}.`);
  }
  if (stranger !== undefined) {
    throw new BadArguments(
      `'${stranger}' is no flag. Arguments for the nodes go after --, at the end.`,
    );
  }
  return name;
}

type GivenPins = ReturnType<typeof readCommandLine<typeof exploreFlags>>["flags"];

function pinnedOptions(workload: string, flags: GivenPins): Pinned {
  const count = flags["node-count"];
  const { latency: mean, "latency-dist": distribution } = flags;
  if (mean === undefined && distribution !== undefined) {
    throw new BadArguments("--latency-dist goes with --latency.");
  }
  const given = {
    nodes: count === undefined ? undefined : nodeIds(count),
    timeLimit: flags["time-limit"],
    rate: flags.rate,
    latency: mean === undefined ? undefined : {
      mean,
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
  ) as Pinned;
}
