/**
 * `deno task compare retries`: how broadcast nodes should retransmit to peers that do not
 * acknowledge, under partitions. Compares three policies: a fixed interval, back-off, and back-off
 * with a circuit breaker, which is the default.
 *
 * @module
 */

import { flag } from "../../lib/base/mod.ts";
import { DEFAULT_OPTIONS, nodeIds } from "../../lib/workload/mod.ts";
import { createEngine } from "../cli/engine_choice.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { projectPath } from "../cli/users_folder.ts";
import { type BroadcastFigures, measureBroadcast } from "./broadcast_figures.ts";
import { formatFixed } from "./columns.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare retries [flags]

Runs the broadcast strategies that retransmit unacknowledged entries under
partitions, each with three retry policies, on the simulation engine. Writes
DIR/retries.json. Flags (defaults in brackets):
`;
const BIN = "nodes/broadcast.ts";
const STRATEGIES = ["hub", "mesh", "plumtree", "tree", "batch", "retry"] as const;

/** The retry policies: name and arguments of the node. */
const RETRY_POLICIES = {
  "fixed": ["--max-timeouts", "1000000", "--max-rto", "1"],
  "back-off": ["--max-timeouts", "1000000"],
  "circuits": [],
} as const;

/** The name of a retry policy. */
export type RetryPolicy = keyof typeof RETRY_POLICIES;

const POLICIES = Object.keys(RETRY_POLICIES) as RetryPolicy[];

const POLICY_LABELS: Readonly<Record<RetryPolicy, string>> = {
  "fixed": "fixed",
  "back-off": "back-off",
  "circuits": "circuit breaker",
};

/** A cluster under partitions. */
interface Setting {
  readonly title: string;
  readonly count: number;
  readonly rate: number;
  readonly latency: number;
}

/** Challenge 3c, and the cluster of 3d under partitions. */
export const SETTINGS = {
  "3c": { title: "5 nodes, rate 10, latency 0", count: 5, rate: 10, latency: 0 },
  "3d": { title: "25 nodes, rate 100, latency 100 ms", count: 25, rate: 100, latency: 100 },
} as const satisfies Record<string, Setting>;

/** The flags of compare retries. */
export const retryFlags = {
  ...reportFlags,
  seeds: flag.withDefault(reportFlags.seeds, 10),
} as const;

/** The measurements of a strategy with each retry policy. */
export type RetryFigures = Readonly<Record<RetryPolicy, BroadcastFigures>>;

/** Runs the comparison; returns its exit code. Throws `UsageError`. */
export async function compareRetries(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, retryFlags);
  if (flags === undefined) return ExitCode.valid;
  const { seeds } = flags;
  const report = new Report("retries", flags, `20 s, nemesis partition, ${seeds} runs of each`);
  const all: RetryFigures[] = [];
  for (const setting of Object.values(SETTINGS)) {
    const figures: RetryFigures[] = [];
    for (const strategy of STRATEGIES) figures.push(await measureRetries(strategy, setting, seeds));
    report.table(table(figures), setting.title);
    all.push(...figures);
  }
  report.note(RETRY_NOTE);
  report.save(all, ["retries", ...args]);
  const isValid = all.every((policies) => Object.values(policies).every(({ valid }) => valid));
  return isValid ? ExitCode.valid : ExitCode.invalid;
}

/** Measures a strategy with each retry policy. */
export async function measureRetries(
  strategy: string,
  { count, rate, latency }: Setting,
  seeds: number,
): Promise<RetryFigures> {
  const figures: Partial<Record<RetryPolicy, BroadcastFigures>> = {};
  for (const [policy, args] of Object.entries(RETRY_POLICIES)) {
    figures[policy as RetryPolicy] = await measureBroadcast({
      createEngine: (seed) =>
        createEngine("sim", { path: projectPath(BIN) }, ["--strategy", strategy, ...args], seed),
      options: {
        ...DEFAULT_OPTIONS,
        nodes: nodeIds(count),
        concurrency: count,
        ratePerSecond: rate,
        timeLimitSeconds: 20,
        latency: { meanMs: latency, distribution: "constant" },
        nemesis: ["partition"],
      },
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
    });
  }
  return figures as RetryFigures;
}

/** Returns the column heads of the tables. */
export function retryHeads(): string[] {
  return ["msgs/op", "bytes/op", "convergence ms"].reduce<string[]>(
    (heads, unit) => [...heads, ...POLICIES.map((policy) => `${unit}, ${POLICY_LABELS[policy]}`)],
    ["strategy"],
  );
}

/** The explanation of the columns. */
export const RETRY_NOTE =
  "Messages between servers and bytes per operation, means; convergence time, from the last heal until " +
  "all nodes hold the same values, in the worst run. fixed: a sender retransmits unacknowledged entries " +
  "one round trip and 100 ms after the last try. back-off: the retransmission timeout doubles, up to " +
  "600 ms. circuit breaker: after three tries a sender stops retransmitting, and probes one " +
  "unreachable peer at a time.";

function table(rows: readonly RetryFigures[]): string[][] {
  return [
    retryHeads(),
    ...rows.map((figures, index) => [
      STRATEGIES[index] as string,
      ...POLICIES.map((policy) => formatFixed(figures[policy].messagesPerOperation.mean, 2)),
      ...POLICIES.map((policy) => formatFixed(figures[policy].bytesPerOperation, 0)),
      ...POLICIES.map((policy) => formatFixed(figures[policy].converged, 0)),
    ]),
  ];
}
