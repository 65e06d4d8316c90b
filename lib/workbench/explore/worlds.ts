/**
 * Rare worlds of an exploration: large clusters, long faults, unstable clusters, and bursts of
 * operations. Most cases are of the usual world, which is cheap to run. The others are beyond the
 * limits and timeouts of protocols: a batch or a catch-up with hundreds of entries, a minute without
 * contact, a leader that fails again and again, as soon as it has begun to work.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import { createFault, type NemesisEvent } from "../fault/mod.ts";

/** What a world has in common; what is absent varies from case to case as usual. */
export interface World {
  readonly nodeCounts?: readonly number[];
  /** The numbers of workers per node; a worker has one operation at a time. */
  readonly workersPerNode?: readonly number[];
  readonly timeLimitSeconds?: number;
  /** The mean latencies, in milliseconds. */
  readonly latenciesMs?: readonly number[];
  /** The maximum number of operations at the chosen rate. */
  readonly maxOperations?: number;
  readonly ratePerSecond?: number;
  /** The number of operations, after which clients send nothing until the time limit. */
  readonly operations?: number;
  readonly maxWritesPerKey?: number;
  /** See `ClientLoad.skippedReads`. */
  readonly skippedReads?: number;
  /** How often a case has restarts of either kind, if they are allowed. */
  readonly restartProbability?: number;
  /** The maximum number of faults. */
  readonly maxFaults?: number;
  /** Whether one of the chosen faults is held for a minute. */
  readonly holdsFault?: boolean;
  /** The mean times between the events of a fault, in seconds. */
  readonly meanIntervalsSeconds?: readonly number[];
}

/** The node counts of large clusters. */
export const LARGE_NODE_COUNTS = [9, 13, 25] as const;

/** The numbers of workers per node that keep a node busy where latencies are high. */
export const MANY_WORKERS_PER_NODE = [8, 16, 32] as const;

/** The time for which a fault is held, and the time before and after it. */
const HELD_MS = 60_000;
const HELD_MARGIN_S = 10;
/**
 * A node that restarts after many writes has much to catch up with. At the highest latencies, some of the
 * clients would reach their deadlines without a fault of the node.
 */
const MANY_WRITES = {
  skippedReads: 15 / 16,
  maxWritesPerKey: 2048,
  restartProbability: 1 / 2,
  workersPerNode: MANY_WORKERS_PER_NODE,
  latenciesMs: [0, 0, 1, 5, 20, 100],
} as const;

/** All worlds. */
export const WORLDS = {
  usual: {},
  large: { nodeCounts: LARGE_NODE_COUNTS, maxOperations: 300 },
  long: {
    timeLimitSeconds: HELD_MS / 1000 + 2 * HELD_MARGIN_S,
    maxOperations: 200,
    maxFaults: 2,
    holdsFault: true,
  },
  /** Few faults that come and go, so that a cluster makes progress in between. */
  unstable: {
    nodeCounts: [3, 5],
    timeLimitSeconds: 20,
    maxFaults: 2,
    meanIntervalsSeconds: [0.3, 1, 2],
  },
  /** Long logs: most operations write, within a few seconds. */
  writes: { ...MANY_WRITES, timeLimitSeconds: 5, ratePerSecond: 300, operations: 1500 },
  /** All operations arrive within a few milliseconds, so that batches are large. */
  burst: { ...MANY_WRITES, timeLimitSeconds: 2, ratePerSecond: 5_000_000, operations: 1200 },
} as const satisfies Readonly<Record<string, World>>;

/** Nodes without a state to check take this many times as many operations. */
export const STATELESS_FACTOR = 5;

/** How often each world but the usual one occurs. */
const PROBABILITIES = {
  large: 1 / 64,
  long: 1 / 64,
  unstable: 1 / 8,
  writes: 1 / 48,
  burst: 1 / 48,
} as const;

/** Chooses a world by its probability. */
export function chooseWorld(random: Random): keyof typeof WORLDS {
  let left = random.next();
  for (const name of ["large", "long", "unstable", "writes", "burst"] as const) {
    left -= PROBABILITIES[name];
    if (left < 0) return name;
  }
  return "usual";
}

/** Returns a schedule in which a fault is held for a minute, starting in the first seconds. */
export function heldFault(
  name: string,
  nodes: readonly string[],
  durationMs: number,
  random: Random,
): NemesisEvent[] {
  const fault = createFault(name);
  const startMs = Math.round(random.next() * Math.max(0, durationMs - HELD_MS) / 2);
  const start = { at: startMs, f: `start-${name}`, ...fault.generate(nodes, random) };
  const stop = { at: startMs + HELD_MS, f: `stop-${name}`, value: null, plan: null };
  return fault.persists === true || stop.at >= durationMs ? [start] : [start, stop];
}
