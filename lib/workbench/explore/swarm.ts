/**
 * Draws a case from a seed (swarm testing: Groce et al., "Swarm Testing", ISSTA 2012).
 *
 * A test in which everything is switched on tends to be the same test every time, and faults hide
 * each other's effects. So each case switches some faults off altogether and draws every parameter
 * anew, from a few values that are far apart, so that extremes are as frequent as the middle.
 *
 * Invariant: the same request and seed give the same case, and each parameter is drawn from a source
 * of its own, so that pinning one leaves the others as they were.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import {
  DEFAULT_OPTIONS,
  LATENCY_DISTRIBUTIONS,
  type LatencyDistribution,
  nodeIds,
  type TestOptions,
  TOPOLOGIES,
  type Workload,
} from "../../workload/mod.ts";
import type { NemesisEvent } from "../fault/mod.ts";
import { generateSchedule } from "../nemesis.ts";
import type { TestCase } from "./test_case.ts";

/** Options that are given rather than drawn. */
export type Pinned = Partial<
  Omit<TestOptions, "workload" | "concurrency" | "nemesis" | "nemesisInterval" | "seed">
>;

/** What cases are drawn for. */
export interface SwarmRequest {
  readonly workload: Workload;
  readonly bin: string;
  readonly args: readonly string[];
  /** The faults that may be drawn. */
  readonly faults: readonly string[];
  readonly pinned: Pinned;
}

/** A case has so many operations at most, so that its check is quick. */
const MOST_OPERATIONS = 1500;
const NODE_COUNTS = [1, 2, 3, 3, 3, 4, 5, 5, 7] as const;
const TIME_LIMITS_S = [1, 2, 5, 10, 20] as const;
const LATENCIES_MS = [0, 0, 1, 5, 20, 100, 300] as const;
const MOST_EXPONENTIAL_LATENCY_MS = 100;
/** Mean seconds between two acts of a fault. */
const INTERVALS_S = [0.1, 0.3, 1, 3, 5] as const;
const MOST_RATE = 256;
const KEY_COUNTS = [undefined, 1, 2, 5] as const;
const TRANSACTION_LENGTHS = [1, 2, 4, 8] as const;
const WRITES_PER_KEY = [4, 16, 64] as const;
const NO_FAULTS_PROBABILITY = 1 / 8;
const SERIAL_PROBABILITY = 3 / 4;
const MOST_CONCURRENCY = 4;

/** From what each option is drawn, for people. */
export const DRAWN = {
  nodes: oneOf(NODE_COUNTS),
  workersPerNode: `1 to ${MOST_CONCURRENCY}`,
  timeLimit: oneOf(TIME_LIMITS_S),
  rate: `1 to ${MOST_RATE}, ${MOST_OPERATIONS} operations in all at most`,
  latency: oneOf(LATENCIES_MS),
  distribution: "any",
  topology: "any",
  keyCount: `${oneOf(KEY_COUNTS.filter((count) => count !== undefined))}, or Maelstrom's`,
  maxTxnLength: oneOf(TRANSACTION_LENGTHS),
  maxWritesPerKey: oneOf(WRITES_PER_KEY),
} as const;

function oneOf(values: readonly number[]): string {
  return [...new Set(values)].join(", ");
}

/** Draws a case. Throws a RangeError when the workload accepts no concurrency of 1 to 4 per node. */
export function drawCase(request: SwarmRequest, seed: string): TestCase {
  const random = new Random(seed).fork("swarm");
  const options = drawOptions(request, seed, random);
  const schedule = drawFaults(request.faults, options, random.fork("faults"));
  const faults = new Set(schedule.map(({ f }) => f.slice(f.indexOf("-") + 1)));
  return {
    bin: request.bin,
    args: request.args,
    options: { ...options, nemesis: [...faults] },
    schedule,
    serialDelivery: random.fork("serial delivery").chance(SERIAL_PROBABILITY),
  };
}

function drawOptions(request: SwarmRequest, seed: string, random: Random): TestOptions {
  const pick = <T>(purpose: string, values: readonly T[]) => random.fork(purpose).pick(values);
  const { workload, pinned } = request;
  const timeLimit = pinned.timeLimit ?? pick("time limit", TIME_LIMITS_S);
  const rate = MOST_RATE ** random.fork("rate").next();
  const keyCount = pick("key count", KEY_COUNTS);
  const drawn: TestOptions = {
    ...DEFAULT_OPTIONS,
    timeLimit,
    seed,
    workload: workload.name,
    nodes: nodeIds(pick("nodes", NODE_COUNTS)),
    rate: Math.max(1, Math.round(Math.min(rate, MOST_OPERATIONS / timeLimit))),
    latency: drawLatency(
      pick("latency", LATENCIES_MS),
      pick("latency distribution", LATENCY_DISTRIBUTIONS),
    ),
    topology: pick("topology", TOPOLOGIES),
    maxTxnLength: pick("transaction length", TRANSACTION_LENGTHS),
    maxWritesPerKey: pick("writes per key", WRITES_PER_KEY),
    ...(keyCount === undefined ? {} : { keyCount }),
    ...pinned,
  };
  return withConcurrency(workload, drawn, random.fork("concurrency"));
}

/**
 * Where every message may take seconds, an answer that needs a few in a row can come too late for a
 * client that waits five; that would be no fault of the node's.
 */
function drawLatency(mean: number, distribution: LatencyDistribution): TestOptions["latency"] {
  const farTail = mean > MOST_EXPONENTIAL_LATENCY_MS && distribution === "exponential";
  return { mean, distribution: farTail ? "uniform" : distribution };
}

/** With the first multiple of the node count, in random order, that the workload accepts. */
function withConcurrency(workload: Workload, options: TestOptions, random: Random): TestOptions {
  const multiples = Array.from({ length: MOST_CONCURRENCY }, (_, index) => index + 1);
  const candidates = random.shuffle(multiples).map((multiple) => ({
    ...options,
    concurrency: multiple * options.nodes.length,
  }));
  const accepted = candidates.find((candidate) => workload.problem?.(candidate) === undefined);
  if (accepted !== undefined) return accepted;
  throw new RangeError(workload.problem?.(options) ?? "no concurrency is right");
}

/** Draws which faults there are, and a schedule for each at a pace of its own. */
function drawFaults(faults: readonly string[], options: TestOptions, random: Random) {
  if (faults.length === 0 || random.chance(NO_FAULTS_PROBABILITY)) return [];
  const chosen = faults.filter(() => random.chance(1 / 2));
  if (chosen.length === 0) chosen.push(random.pick(faults));
  const events = chosen.flatMap((fault): NemesisEvent[] => {
    const own = random.fork(fault);
    return generateSchedule({
      faults: [fault],
      nodes: options.nodes,
      intervalMs: own.fork("interval").pick(INTERVALS_S) * 1000,
      durationMs: options.timeLimit * 1000,
    }, own);
  });
  return events.sort((a, b) => a.at - b.at);
}
