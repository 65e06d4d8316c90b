/**
 * Measures a strategy of the lin_kv node over several seeds: messages, bytes, latency, and how long
 * clients wait after a fault.
 *
 * @module
 */

import { type History, pairOperations } from "../../lib/history/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import {
  simulate,
  type SimulationControls,
  type SimulationOptions,
  type SimulationResult,
} from "../../lib/workbench/mod.ts";
import { linKv } from "../../lib/workload/lin_kv.ts";
import {
  operationsOf,
  type Percentiles,
  percentilesOf,
  serverMessageSizes,
} from "./kafka_figures.ts";

/** The runs of a measurement. */
export interface RegisterRuns {
  readonly program: NodeFunction;
  readonly strategy: string;
  readonly options: SimulationOptions & { readonly timeLimitSeconds: number };
  readonly seeds: number;
}

/** The costs of a strategy. */
export interface RegisterFigures {
  /** Messages between servers per operation: the mean of all runs, and the run with most. */
  readonly messages: number;
  readonly mostMessages: number;
  /** Bytes between servers per operation, as JSON. */
  readonly bytes: number;
  /** Latency of served operations in milliseconds. */
  readonly latency: Percentiles;
  /** Operations a second. */
  readonly throughput: number;
  /** The fraction of operations that were served: with a result, or error 20 or 22. */
  readonly servedFraction: number;
  /** The fraction of operations whose outcome is unknown. */
  readonly unknownFraction: number;
  /** Whether the checker found no anomaly in any run. */
  readonly isValid: boolean;
}

type Paired = ReturnType<typeof pairOperations>[number];

/** The errors of lin-kv that are results: the key does not exist, or has another value. */
const RESULTS = ["key-does-not-exist", "precondition-failed"];

/** Whether a node executed an operation and replied. */
export function isServed({ completion }: Paired): boolean {
  if (completion === undefined) return false;
  const { type, error } = completion;
  const name = Array.isArray(error) ? error[0] : error;
  return type === "ok" || (type === "fail" && RESULTS.includes(String(name)));
}

/** Measures a strategy in the main phase of the runs. */
export async function measureRegisters(runs: RegisterRuns): Promise<RegisterFigures> {
  const results = await simulateAll(runs);
  const { timeLimitSeconds } = runs.options;
  const endNs = timeLimitSeconds * 1e9;
  const measured = results.map((run) => ({
    operations: operationsOf(run, endNs),
    traffic: serverMessageSizes(run, endNs),
  }));
  const operations = measured.flatMap(({ operations }) => operations);
  const traffic = measured.flatMap(({ traffic }) => traffic);
  const served = operations.filter(isServed);
  const unknown = operations.filter(({ completion }) => (completion?.type ?? "info") === "info");
  return {
    messages: traffic.length / operations.length,
    mostMessages: Math.max(
      ...measured.map(({ operations, traffic }) => traffic.length / operations.length),
    ),
    bytes: traffic.reduce((sum, bytes) => sum + bytes, 0) / operations.length,
    latency: percentilesOf(served.map(latencyMs)),
    throughput: operations.length / (results.length * timeLimitSeconds),
    servedFraction: served.length / operations.length,
    unknownFraction: unknown.length / operations.length,
    isValid: results.every(({ verdict }) => verdict["valid?"] === true),
  };
}

function latencyMs({ invocation, completion }: Paired): number {
  return ((completion?.time ?? NaN) - invocation.time) / 1e6;
}

async function simulateAll({ program, strategy, options, seeds }: RegisterRuns) {
  const results: SimulationResult[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const args = ["--strategy", strategy];
    results.push(await simulate(program, linKv, { ...options, args, seed }));
  }
  return results;
}

/** How long clients wait after each kind of fault, in milliseconds. */
export interface Outages {
  /** After a partition: the clients of the majority. */
  readonly partition: Waits;
  /** After its end: the clients of the other nodes. */
  readonly heal: Waits;
  /** After the kill of the leader, or of the first node: the clients of the others. */
  readonly kill: Waits;
  readonly isValid: boolean;
}

/** The mean and the longest of several waits, in milliseconds. */
export interface Waits {
  readonly mean: number;
  readonly longest: number;
}

const ROUNDS = 4;
const HEALTHY_MS = 4000;
const PARTITIONED_MS = 5000;
const DOWN_MS = 3000;
/** The length of the main phase in seconds that the faults need. */
const OUTAGE_SECONDS = 2 + ROUNDS * (2 * HEALTHY_MS + PARTITIONED_MS + DOWN_MS) / 1000;

/** Measures how long clients wait after partitions, which isolate the leader or not, and kills. */
export async function measureOutages(
  runs: Omit<RegisterRuns, "options"> & { readonly options: SimulationOptions },
): Promise<Outages> {
  const options = { ...runs.options, timeLimitSeconds: OUTAGE_SECONDS, script: injectFaults };
  const results = await simulateAll({ ...runs, options });
  const waits = (f: string, clients: Clients) =>
    summaryOf(results.flatMap((run) => waitsAfter(run, f, clients)));
  return {
    partition: waits("start-partition", ([, majority = []]) => majority),
    heal: waits("stop-partition", ([minority = []]) => minority),
    kill: waits("start-kill", ([killed = []], nodes) => nodes.filter((id) => !killed.includes(id))),
    isValid: results.every(({ verdict }) => verdict["valid?"] === true),
  };
}

const NODES = ["n0", "n1", "n2", "n3", "n4"];

async function injectFaults(controls: SimulationControls): Promise<void> {
  const { sleep, partition, heal, kill, restart, node } = controls;
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(HEALTHY_MS);
    const leader = leaderOf(node);
    const others = NODES.filter((id) => id !== leader);
    // Every second partition isolates the leader.
    const minority = round % 2 === 0 ? [leader, others[0] as string] : others.slice(0, 2);
    await partition(minority, NODES.filter((id) => !minority.includes(id)));
    await sleep(PARTITIONED_MS);
    await heal();
    await sleep(HEALTHY_MS);
    const killed = leaderOf(node);
    await kill(killed);
    await sleep(DOWN_MS);
    await restart(killed);
  }
}

/** Returns the leader; the first node for a strategy without one. */
function leaderOf(node: SimulationControls["node"]): string {
  const leaders = NODES.map((id) => ({
    id,
    ...node<{ readonly role?: string; readonly term?: number } | undefined>(id).state,
  })).filter(({ role }) => role === "leader");
  // A leader that was isolated may not know of its successor yet.
  leaders.sort((one, other) => (other.term ?? 0) - (one.term ?? 0));
  return leaders[0]?.id ?? "n0";
}

/** Selects the nodes whose clients are measured, given the sides of the fault before. */
type Clients = (
  sides: readonly (readonly string[])[],
  nodes: readonly string[],
) => readonly string[];

/** Returns, for each fault of a kind, how long the clients of the slowest node waited. */
function waitsAfter({ history, options }: SimulationResult, f: string, clients: Clients): number[] {
  const operations = operationsOf({ history } as SimulationResult, Infinity);
  let sides: readonly (readonly string[])[] = [];
  return faultsOf(history).flatMap(({ f: kind, time, value, untilNs }) => {
    if (kind === "start-partition") sides = value as string[][];
    if (kind === "start-kill") sides = [value as string[]];
    if (kind !== f) return [];
    const waits = clients(sides, options.nodes).map((node) => {
      const index = options.nodes.indexOf(node);
      const own = operations.filter(({ invocation: { process } }) =>
        (process as number) % options.concurrency % options.nodes.length === index
      );
      return waitMs(own, time, untilNs, f === "stop-partition");
    });
    return [Math.max(...waits)];
  });
}

/** Returns the nemesis operations; the history has each twice, when it begins and when it ends. */
function faultsOf(history: History) {
  const faults = history.filter(({ process }) => process === "nemesis")
    .filter((_, index) => index % 2 === 0);
  return faults.map((fault, index) => ({ ...fault, untilNs: faults[index + 1]?.time ?? Infinity }));
}

/**
 * Returns the milliseconds from the first operation after a fault to the first that is served; with
 * `isHeal` also operations count that were waiting when the fault ended.
 */
function waitMs(
  operations: readonly Paired[],
  faultNs: number,
  untilNs: number,
  isHeal: boolean,
): number {
  const after = operations.filter(({ invocation, completion }) =>
    invocation.time < untilNs &&
    (isHeal ? completion?.time ?? Infinity : invocation.time) >= faultNs
  );
  const first = Math.min(untilNs, ...after.map(({ invocation }) => invocation.time));
  const served = Math.min(
    untilNs,
    ...after.filter(isServed).map(({ completion }) => completion?.time ?? Infinity),
  );
  return Math.max(0, served - Math.max(faultNs, first)) / 1e6;
}

function summaryOf(waits: readonly number[]): Waits {
  return {
    mean: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    longest: Math.max(...waits),
  };
}
