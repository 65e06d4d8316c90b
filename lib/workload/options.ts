/**
 * The options of a test: the command line's flags as values, with Maelstrom's defaults.
 *
 * @module
 */

/** The distributions of message latencies. */
export const LATENCY_DISTRIBUTIONS = ["constant", "uniform", "exponential"] as const;

/** A distribution of message latencies. */
export type LatencyDistribution = typeof LATENCY_DISTRIBUTIONS[number];

/** The options of a test. */
export interface TestOptions {
  /** The workload's name. */
  readonly workload: string;
  /** The ids of the nodes. */
  readonly nodes: readonly string[];
  /** The number of workers, from 1. Worker i sends its requests to node i mod n. */
  readonly concurrency: number;
  /** The length of the main phase in seconds, from 0. */
  readonly timeLimitSeconds: number;
  /** Requests per second, of all workers together; 0 sends none. */
  readonly ratePerSecond: number;
  /** The latency of messages between nodes. */
  readonly latency: {
    /** Mean milliseconds, from 0. */
    readonly meanMs: number;
    readonly distribution: LatencyDistribution;
  };
  /** The faults to inject. */
  readonly nemesis: readonly string[];
  /** Mean seconds between two nemesis operations. */
  readonly nemesisIntervalSeconds: number;
  /** The name of the topology that broadcast suggests to its nodes. */
  readonly topology: string;
  /** The fraction of requests that must succeed, from 0 to 1; `total` requires all. */
  readonly availability?: number | "total";
  /** The consistency models that transactions must satisfy. */
  readonly consistencyModels: readonly string[];
  /** The number of keys that are active at a time; the workload's own default when not given. */
  readonly keyCount?: number;
  /** The maximum number of micro-operations in a transaction. */
  readonly maxTxnLength: number;
  /** The maximum number of writes to one key. */
  readonly maxWritesPerKey: number;
  /** The seed of everything random in the test. */
  readonly seed: string;
}

/** Maelstrom's defaults. Without a node count its nodes are n1 to n5. */
export const DEFAULT_OPTIONS: TestOptions = {
  workload: "lin-kv",
  nodes: ["n1", "n2", "n3", "n4", "n5"],
  concurrency: 5,
  timeLimitSeconds: 60,
  ratePerSecond: 5,
  latency: { meanMs: 0, distribution: "constant" },
  nemesis: [],
  nemesisIntervalSeconds: 10,
  topology: "grid",
  consistencyModels: ["strict-serializable"],
  maxTxnLength: 4,
  maxWritesPerKey: 16,
  seed: "0",
};

/** Returns the node ids that `--node-count` stands for: n0 to n(count−1). */
export function nodeIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}
