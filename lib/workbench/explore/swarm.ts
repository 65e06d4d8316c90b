/**
 * Generates a case from a seed by swarm testing (Groce et al., "Swarm Testing", ISSTA 2012).
 *
 * Tests with all faults enabled are much alike, and one fault can mask the effects of another. Each
 * case therefore omits a random subset of faults. It chooses each parameter from a few values that
 * are far apart, so that extreme values are as frequent as moderate ones.
 *
 * Invariants: equal configurations and seeds give equal cases. Each parameter has its own random
 * source, so fixing one parameter does not change the others.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import type { ExploredFlags } from "../../node/mod.ts";
import {
  DEFAULT_OPTIONS,
  LATENCY_DISTRIBUTIONS,
  type LatencyDistribution,
  nodeIds,
  optionsProblem,
  type TestOptions,
  TOPOLOGIES,
  type Workload,
} from "../../workload/mod.ts";
import { FAULT_NAMES } from "../fault/mod.ts";
import {
  RESTART_ANY,
  RESTART_NAMES,
  type Scenario,
  withAnyRestarts,
  withReaderRestarts,
  withSettledRestarts,
} from "./restarts.ts";
import { generateFaults } from "./swarm_faults.ts";
import type { TestCase } from "./test_case.ts";
import {
  chooseWorld,
  LARGE_NODE_COUNTS,
  MANY_WORKERS_PER_NODE,
  STATELESS_FACTOR,
  type World,
  WORLDS,
} from "./worlds.ts";

/** What may happen in a case: the names of faults, and of the restarts in `restarts.ts`. */
export const EXPLORED_FAULT_NAMES: readonly string[] = [...FAULT_NAMES, ...RESTART_NAMES];

/** More names that an exploration may list, but does not have by default. */
export const ALLOWED_FAULT_NAMES: readonly string[] = [...EXPLORED_FAULT_NAMES, RESTART_ANY];

/** Options with a fixed value, which are not generated. */
export type FixedOptions = Partial<
  Omit<TestOptions, "workload" | "concurrency" | "nemesis" | "nemesisIntervalSeconds" | "seed">
>;

/** The configuration of a swarm: what its cases have in common. */
export interface SwarmConfig {
  readonly workload: Workload;
  /** The path of the workload's module, if it is not one of Maelstrom's. */
  readonly workloadModule?: string;
  readonly bin: string;
  readonly args: readonly string[];
  /** The names of the faults and restarts that a case may have, see {@link EXPLORED_FAULT_NAMES}. */
  readonly faults: readonly string[];
  readonly fixedOptions: FixedOptions;
  /** Whether nodes claim to agree in the end where the workload leaves that to them. */
  readonly agreement?: boolean;
  /** Whether nodes claim that they never show less than before, see `monotonic_reads.ts`. */
  readonly monotonicReads?: boolean;
  /** The time after the heal in which nodes claim to converge, in milliseconds; Maelstrom's by default. */
  readonly convergenceMs?: number;
  /** Whether faults begin when nodes reach coverage points, if they can, in all cases. */
  readonly triggered?: boolean;
  /** The values of the node's flags from which a case may have some. */
  readonly exploredFlags?: ExploredFlags;
}

/** Mean durations of an fsync: slow ones, during which machines lose power more often. */
const SLOW_DISK_LATENCIES_MS = [5, 30] as const;
const SLOW_DISK_PROBABILITY = 1 / 2;
/** How often each flag with explored values does not have its default. */
const FLAG_PROBABILITY = 1 / 2;
/** Bounds the main phase, since the cost of checking grows faster than the history. */
const MAX_OPERATIONS = 1000;
const NODE_COUNTS = [1, 2, 3, 3, 3, 4, 5, 5, 7] as const;
const TIME_LIMITS_S = [1, 2, 5, 10, 20] as const;
const LATENCIES_MS = [0, 0, 1, 5, 20, 100, 300] as const;
const MAX_EXPONENTIAL_LATENCY_MS = 100;
const MAX_RATE_PER_SECOND = 256;
const KEY_COUNTS = [undefined, 1, 2, 5] as const;
const MAX_TRANSACTION_LENGTHS = [1, 2, 4, 8] as const;
const MAX_WRITES_PER_KEY = [4, 16, 64] as const;
const SERIAL_DELIVERY_PROBABILITY = 3 / 4;
const WORKERS_PER_NODE = [1, 2, 3, 4] as const;
/** Restarts of either kind: those of settled nodes prolong a run. */
const RESTART_PROBABILITY = 1 / 5;
/** Restarts at any time, which are listed by name. */
const RESTART_ANY_PROBABILITY = 1 / 2;

/** The values from which each option is chosen, as help text. */
export const GENERATED_VALUES = {
  nodes: `${oneOf(NODE_COUNTS)} (${oneOf(LARGE_NODE_COUNTS)})`,
  workersPerNode: `1 to ${Math.max(...WORKERS_PER_NODE)} (${oneOf(MANY_WORKERS_PER_NODE)})`,
  timeLimitSeconds: oneOf(TIME_LIMITS_S),
  ratePerSecond: `1 to ${MAX_RATE_PER_SECOND}`,
  latency: oneOf(LATENCIES_MS),
  distribution: "any",
  topology: "any",
  keyCount: `${oneOf(KEY_COUNTS.filter((count) => count !== undefined))}, or Maelstrom's default`,
  maxTxnLength: oneOf(MAX_TRANSACTION_LENGTHS),
  maxWritesPerKey: oneOf(MAX_WRITES_PER_KEY),
} as const;

function oneOf(values: readonly number[]): string {
  return [...new Set(values)].join(", ");
}

/**
 * Generates a case.
 *
 * @throws {RangeError} When the workload rejects the options for each number of workers per node.
 */
export function generateCase(config: SwarmConfig, seed: string): TestCase {
  const random = new Random(seed).fork("swarm");
  const world: World = WORLDS[chooseWorld(random.fork("world"))];
  const options = generateOptions(config, world, seed, random);
  const { schedule, triggers } = generateFaults(config, world, options, random.fork("faults"));
  const { timeLimitSeconds } = options;
  const { skippedReads } = world;
  const factor = config.workload.reads === undefined ? STATELESS_FACTOR : 1;
  const operations = world.operations === undefined ? undefined : world.operations * factor;
  const clients = skippedReads === undefined ? {} : { skippedReads };
  const given = { schedule, timeLimitSeconds, clients };
  // Nodes would not settle under faults that have no time yet.
  const scenario: Scenario = triggers !== undefined ? given : generateRestarts(
    config.faults,
    world.restartProbability ?? RESTART_PROBABILITY,
    given,
    options.nodes,
    random.fork("restarts"),
  );
  const faults = new Set([
    ...scenario.schedule.map(({ f }) => f.slice(f.indexOf("-") + 1)),
    ...triggers?.faults ?? [],
  ]);
  return {
    bin: config.bin,
    args: config.args,
    options: {
      ...options,
      timeLimitSeconds: scenario.timeLimitSeconds,
      nemesis: [...faults],
    },
    schedule: scenario.schedule,
    ...(triggers === undefined ? {} : { triggers }),
    serialDelivery: random.fork("serial delivery").chance(SERIAL_DELIVERY_PROBABILITY),
    ...(operations === undefined ? {} : { mostOperations: operations }),
    ...(Object.keys(scenario.clients).length === 0 ? {} : { clients: scenario.clients }),
    ...(scenario.toleratesLoss === true ? { toleratesLoss: true } : {}),
    ...(faults.has("disk") ? generateDiskLatency(random.fork("disk latency")) : {}),
    ...generateFlags(config.exploredFlags ?? {}, random.fork("flags")),
    ...(config.agreement === true ? { agreement: true } : {}),
    ...(config.monotonicReads === true ? { monotonicReads: true } : {}),
    ...(config.convergenceMs === undefined ? {} : { convergenceMs: config.convergenceMs }),
    ...(config.workloadModule === undefined ? {} : { workloadModule: config.workloadModule }),
  };
}

function generateOptions(
  config: SwarmConfig,
  world: World,
  seed: string,
  random: Random,
): TestOptions {
  const pick = <T>(purpose: string, values: readonly T[]) => random.fork(purpose).pick(values);
  const { workload, fixedOptions } = config;
  const timeLimitSeconds = fixedOptions.timeLimitSeconds ?? world.timeLimitSeconds ??
    pick("time limit", TIME_LIMITS_S);
  const rate = MAX_RATE_PER_SECOND ** random.fork("rate").next();
  const keyCount = pick("key count", KEY_COUNTS);
  const maxOperations = world.maxOperations ?? MAX_OPERATIONS;
  const generated: TestOptions = {
    ...DEFAULT_OPTIONS,
    timeLimitSeconds,
    seed,
    workload: workload.name,
    nodes: nodeIds(pick("nodes", world.nodeCounts ?? NODE_COUNTS)),
    ratePerSecond: world.ratePerSecond ??
      Math.max(1, Math.round(Math.min(rate, maxOperations / timeLimitSeconds))),
    latency: generateLatency(
      pick("latency", world.latenciesMs ?? LATENCIES_MS),
      pick("latency distribution", LATENCY_DISTRIBUTIONS),
    ),
    topology: pick("topology", TOPOLOGIES),
    maxTxnLength: pick("transaction length", MAX_TRANSACTION_LENGTHS),
    maxWritesPerKey: world.maxWritesPerKey ?? pick("writes per key", MAX_WRITES_PER_KEY),
    ...(keyCount === undefined ? {} : { keyCount }),
    ...fixedOptions,
  };
  return withConcurrency(workload, generated, world.workersPerNode, random.fork("concurrency"));
}

/**
 * Returns a latency whose distribution has no long tail when its mean is high. With such a tail, a
 * reply that depends on several messages in sequence can exceed the client's timeout of five seconds
 * without any fault of the node.
 */
function generateLatency(
  meanMs: number,
  distribution: LatencyDistribution,
): TestOptions["latency"] {
  const hasLongTail = meanMs > MAX_EXPONENTIAL_LATENCY_MS && distribution === "exponential";
  return { meanMs, distribution: hasLongTail ? "uniform" : distribution };
}

function generateDiskLatency(random: Random): Pick<TestCase, "diskLatencyMs"> {
  return random.chance(SLOW_DISK_PROBABILITY)
    ? { diskLatencyMs: random.pick(SLOW_DISK_LATENCIES_MS) }
    : {};
}

function generateFlags(explored: ExploredFlags, random: Random): Pick<TestCase, "flags"> {
  const flags = Object.entries(explored).flatMap(([name, values = []]) => {
    const source = random.fork(name);
    return source.chance(FLAG_PROBABILITY) ? [[name, source.pick(values)] as const] : [];
  });
  return flags.length === 0 ? {} : { flags: Object.fromEntries(flags) };
}

/** Adds the concurrency: a random multiple of the node count that the workload accepts. */
function withConcurrency(
  workload: Workload,
  options: TestOptions,
  multiples: readonly number[] = WORKERS_PER_NODE,
  random: Random,
): TestOptions {
  const candidates = random.shuffle(multiples).map((multiple) => ({
    ...options,
    concurrency: multiple * options.nodes.length,
  }));
  const accepted = candidates.find((candidate) =>
    optionsProblem(workload, candidate) === undefined
  );
  if (accepted !== undefined) return accepted;
  throw new RangeError(
    optionsProblem(workload, options) ??
      `the workload accepts no concurrency of ${oneOf(multiples)} workers per node`,
  );
}

const ADD_RESTARTS: Readonly<Record<string, typeof withReaderRestarts>> = {
  "restart-reader": withReaderRestarts,
  "restart-settled": withSettledRestarts,
  [RESTART_ANY]: withAnyRestarts,
};

/** Adds restarts of one kind, if they are allowed and there is another node. */
function generateRestarts(
  names: readonly string[],
  probability: number,
  scenario: Scenario,
  nodes: readonly string[],
  random: Random,
): Scenario {
  const chosen = [...RESTART_NAMES, RESTART_ANY].find((name) =>
    names.includes(name) &&
    random.fork(name).chance(name === RESTART_ANY ? RESTART_ANY_PROBABILITY : probability)
  );
  // Kills at any time leave nothing to add.
  const isKilling = scenario.schedule.some(({ f }) => f === "start-kill" || f === "start-disk");
  if (chosen === undefined || nodes.length < 2 || isKilling) return scenario;
  const add = ADD_RESTARTS[chosen] as typeof withReaderRestarts;
  return add(scenario, nodes, random.fork("schedule"));
}
