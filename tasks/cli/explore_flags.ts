/**
 * The flags of `deno task explore`.
 *
 * @module
 */

import { type Flag, flag, type FlagValues, parseFlags, UsageError } from "../../lib/base/mod.ts";
import {
  ALLOWED_FAULT_NAMES,
  DEFAULT_MAX_RUNS,
  EXPLORED_FAULT_NAMES,
  GENERATED_VALUES,
  RESTART_ANY,
} from "../../lib/workbench/explore/mod.ts";
import type { ExploreSetup, FixedOptions } from "../../lib/workbench/explore/mod.ts";
import { isModulePath } from "../../lib/workbench/import_module.ts";
import { unknownWorkload } from "../../lib/workbench/load_workload.ts";
import { DEFAULT_OPTIONS, findWorkload, nodeIds, WORKLOADS } from "../../lib/workload/mod.ts";
import {
  type Extent,
  extentFlags,
  jobsFlag,
  MAX_SEED,
  readExtent,
} from "../explore/extent_flags.ts";
import { type FleetAddress, fleetFlags } from "../fleet/address.ts";
import { testFlagHint, unexpectedArgument } from "./flag_hints.ts";
import { builtInEngineFlags, maelstromFlags, testFlags } from "./test_flags.ts";
import { projectPath } from "./users_folder.ts";

/**
 * The faults of programs with certain features. Without a disk, a node loses its state when it is
 * killed, and its protocol need not tolerate that; the restarts spare what is not replicated.
 */
const FAULTS_OF_FEATURES = { persists: ["kill", "disk"], changesMembership: ["membership"] };
const SPECIAL_FAULTS: readonly string[] = Object.values(FAULTS_OF_FEATURES).flat();

/** Returns the faults that explore injects by default into nodes with certain features. */
export function defaultFaults(
  features: Readonly<Record<keyof typeof FAULTS_OF_FEATURES, boolean>>,
): string[] {
  const special = (["persists", "changesMembership"] as const)
    .flatMap((feature) => features[feature] ? FAULTS_OF_FEATURES[feature] : []);
  return EXPLORED_FAULT_NAMES.filter((name) =>
    !SPECIAL_FAULTS.includes(name) || special.includes(name)
  );
}

/** The consistency models of workloads whose challenge requires less than Maelstrom's default. */
const DEFAULT_MODELS: Readonly<Record<string, readonly string[]>> = {
  "txn-rw-register": ["read-committed"],
};

const someFaults = flag.someOf(ALLOWED_FAULT_NAMES, {
  placeholder: "F,…",
  help: "faults, see below; all or none",
  defaultText: "per node",
});
const nemesis: Flag<readonly string[]> = {
  ...someFaults,
  expectation: `all, none or ${someFaults.expectation}`,
  words: ["all", "none", ...ALLOWED_FAULT_NAMES],
  parse(value) {
    if (value === "all") return EXPLORED_FAULT_NAMES;
    return value === "none" ? [] : someFaults.parse(value);
  },
};

/** What nodes may claim to do, and are then held to. */
const CLAIMS = ["agreement", "monotonic-reads"] as const;

/**
 * Returns a flag of `maelstrom test` with another help text: its default is random, one of
 * `values`.
 */
function randomByDefault<T>(flag: Flag<T>, help: string, values: string): Flag<T> {
  return { ...flag, help, defaultText: `random: ${values}` };
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
    defaultText: "per workload",
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
  workload: { ...maelstromFlags.workload, help: "same as WORKLOAD", defaultText: "WORKLOAD" },
  bin: flag.text({
    placeholder: "PATH",
    help: "node: .ts, .wasm or Go",
    defaultText: "nodes/<workload>.ts",
  }),
  "wasm-exec": builtInEngineFlags["wasm-exec"],
  seeds: flag.number({
    placeholder: "N",
    help: "number of seeds",
    defaultText: "1000; with --for no limit",
    min: 1,
    integer: true,
  }),
  from: flag.number({
    placeholder: "SEED",
    help: "first seed",
    default: 0,
    max: MAX_SEED,
    integer: true,
  }),
  strategy: flag.text({ placeholder: "S", help: "short for -- --strategy S" }),
  nemesis,
  jobs: jobsFlag,
  claims: flag.someOf(CLAIMS, {
    placeholder: "C,…",
    help: `checked, too: ${CLAIMS.join(", ")}`,
  }),
  convergence: flag.number({
    placeholder: "S",
    help: "seconds from the heal to agreement",
    defaultText: "10",
    min: 0,
  }),
  triggered: flag.toggle({
    help: "faults begin at coverage points, if they can",
  }),
  "keep-going": flag.toggle({ help: "run all seeds, even after a failure" }),
  "shrink-runs": flag.number({
    placeholder: "N",
    help: "max runs for shrinking a case",
    default: DEFAULT_MAX_RUNS,
    integer: true,
  }),
  store: flag.text({ placeholder: "DIR", help: "directory for failing cases", default: "store" }),
  ...extentFlags,
  ...fleetFlags,
  ...fixedOptionFlags,
  help: flag.help,
} as const;

/** Returns a hint for an unknown flag; `--nodes` would take ids, which explore names itself. */
function exploreFlagHint(unknown: string): string {
  return unknown === "--nodes" ? "did you mean --node-count?" : testFlagHint(unknown, testFlags);
}

/** A parsed command line of explore. */
export interface ExploreCommandLine {
  readonly setup: ExploreSetup;
  readonly extent: Extent;
  /** The path of the `wasm_exec.js` of a Go program. */
  readonly glue: string | undefined;
  readonly jobs: number;
  /** Whether `setup.faults` is still empty, and follows from what the program declares. */
  readonly hasDefaultFaults: boolean;
  readonly keepGoing: boolean;
  readonly shrinkRuns: number;
  readonly store: string;
  /** The paths of the report and of the ledger. */
  readonly report?: string;
  readonly ledger?: string;
  /** The fleet that runs the seeds instead of this process. */
  readonly fleet?: FleetAddress;
}

/** Parses a command line; returns undefined for `--help`. Throws {@link UsageError}. */
export function readExploreCommandLine(args: readonly string[]): ExploreCommandLine | undefined {
  const { flags, positional, rest } = parseFlags(args, exploreFlags, exploreFlagHint);
  if (flags.help) return undefined;
  const workload = workloadOf(flags, positional);
  const extent = readExtent(flags);
  const problem = claimProblem(flags, workload);
  if (problem !== undefined) throw new UsageError(problem);
  return {
    setup: {
      workload,
      bin: flags.bin ?? defaultBin(workload),
      args: [...(flags.strategy === undefined ? [] : ["--strategy", flags.strategy]), ...rest],
      faults: flags.nemesis ?? [],
      fixedOptions: fixedOptionsOf(workload, flags),
      // The nodes of the project claim it.
      agreement: flags.bin === undefined || flags.claims?.includes("agreement") === true,
      ...(flags.claims?.includes("monotonic-reads") ? { monotonicReads: true } : {}),
      ...(flags.convergence === undefined ? {} : { convergenceMs: 1000 * flags.convergence }),
      ...(flags.triggered ? { triggered: true } : {}),
    },
    extent,
    glue: flags["wasm-exec"],
    jobs: flags.jobs,
    // No other shard takes the seeds of this one, and workers do not wait for each other.
    keepGoing: flags["keep-going"] || extent.shard.count > 1 || flags.fleet !== undefined,
    hasDefaultFaults: flags.nemesis === undefined,
    shrinkRuns: flags["shrink-runs"],
    store: flags.store,
    ...(flags.report === undefined ? {} : { report: flags.report }),
    ...(flags.ledger === undefined ? {} : { ledger: flags.ledger }),
    ...fleetOf(flags),
  };
}

function workloadOf(flags: ExploreFlags, positional: readonly string[]): string {
  const [name, extra] = flags.workload === undefined ? positional : [flags.workload, ...positional];
  if (name === undefined) {
    const names = WORKLOADS.map((workload) => workload.name).join(", ");
    throw new UsageError(`missing workload; choose one of ${names}`);
  }
  if (extra !== undefined) throw new UsageError(unexpectedArgument(extra));
  if (!isModulePath(name) && findWorkload(name) === undefined) {
    throw new UsageError(unknownWorkload(name));
  }
  return name;
}

/** Returns why a workload does not allow what is claimed of its nodes; a module is not loaded yet. */
function claimProblem(flags: ExploreFlags, workload: string): string | undefined {
  if (isModulePath(workload)) return undefined;
  const { grows, losses } = findWorkload(workload)?.reads ?? {};
  if (flags.claims?.includes("monotonic-reads") && grows !== true) {
    return `--claims monotonic-reads needs a state that only grows, not that of ${workload}`;
  }
  if (flags.nemesis?.includes(RESTART_ANY) && losses === undefined) {
    return `--nemesis ${RESTART_ANY} needs a workload that may lose writes, not ${workload}`;
  }
  return undefined;
}

function defaultBin(workload: string): string {
  if (isModulePath(workload)) {
    throw new UsageError(`missing --bin PATH, the module of the node that serves ${workload}`);
  }
  return projectPath(`nodes/${workload.replaceAll("-", "_")}.ts`);
}

function fleetOf({ fleet: url, creds }: ExploreFlags): { readonly fleet?: FleetAddress } {
  if (url !== undefined) return { fleet: { url, ...(creds === undefined ? {} : { creds }) } };
  if (creds !== undefined) throw new UsageError("--creds needs --fleet URL");
  return {};
}

type ExploreFlags = FlagValues<typeof exploreFlags>;

function fixedOptionsOf(workload: string, flags: ExploreFlags): FixedOptions {
  const count = flags["node-count"];
  const { latency: meanMs, "latency-dist": distribution } = flags;
  if (meanMs === undefined && distribution !== undefined) {
    throw new UsageError("--latency-dist needs --latency MS");
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
