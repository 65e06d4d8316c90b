/**
 * What a test is asked to do: the command line's flags as values, with Maelstrom's defaults.
 *
 * @module
 */

/** The shapes of the distribution that latencies are drawn from. */
export const LATENCY_DISTRIBUTIONS = ["constant", "uniform", "exponential"] as const;

/** The shape of the distribution that latencies are drawn from. */
export type LatencyDistribution = typeof LATENCY_DISTRIBUTIONS[number];

/** The options of a test. */
export interface TestOptions {
  /** The workload's name. */
  readonly workload: string;
  /** The ids of the nodes. */
  readonly nodes: readonly string[];
  /** How many workers ask at a time; worker i asks node i mod n. */
  readonly concurrency: number;
  /** Seconds of the main phase. */
  readonly timeLimit: number;
  /** Requests per second, all workers together; 0 sends none. */
  readonly rate: number;
  readonly latency: {
    /** Milliseconds. */
    readonly mean: number;
    readonly distribution: LatencyDistribution;
  };
  /** The faults to inject. */
  readonly nemesis: readonly string[];
  /** Mean seconds between two acts of the nemesis. */
  readonly nemesisInterval: number;
  /** The name of the topology that broadcast offers its nodes. */
  readonly topology: string;
  /** The fraction of requests that must succeed; `total` is all. */
  readonly availability?: number | "total";
  readonly consistencyModels: readonly string[];
  /** Keys in use at a time; the workload's own default when not given. */
  readonly keyCount?: number;
  readonly maxTxnLength: number;
  readonly maxWritesPerKey: number;
  /** Everything random about the test follows from it. */
  readonly seed: string;
}

/** Maelstrom's defaults; without a node count its nodes are n1 to n5. */
export const DEFAULT_OPTIONS: TestOptions = {
  workload: "lin-kv",
  nodes: ["n1", "n2", "n3", "n4", "n5"],
  concurrency: 5,
  timeLimit: 60,
  rate: 5,
  latency: { mean: 0, distribution: "constant" },
  nemesis: [],
  nemesisInterval: 10,
  topology: "grid",
  consistencyModels: ["strict-serializable"],
  maxTxnLength: 4,
  maxWritesPerKey: 16,
  seed: "0",
};

/** The node ids that `--node-count` stands for: n0 to n(count−1). */
export function nodeIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}
