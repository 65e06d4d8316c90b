/**
 * `deno task compare retries`: what broadcast's nodes say to those that do not answer, under
 * partitions, in three manners: repeating at fixed intervals, backing off, and backing off until a
 * circuit opens, which is what they do by default.
 *
 * @module
 */

import { DEFAULT_OPTIONS, nodeIds } from "../../lib/workload/mod.ts";
import { createEngine } from "../cli/engine_choice.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { withDefault } from "../cli/flag_kinds.ts";
import { type BroadcastFigures, measureBroadcast } from "./broadcast_figures.ts";
import { figure } from "./columns.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare retries [flags]

Runs the strategies of broadcast that repeat what is not acknowledged under partitions, each in three
manners, on the simulated engine. Leaves DIR/retries.json. Flags:
`;
const BIN = "nodes/broadcast.ts";
const STRATEGIES = ["hub", "mesh", "plumtree", "tree", "batch", "retry"] as const;

/** A manner, and the arguments of nodes that have it. */
export const MANNERS = {
  "fixed": ["--attempts", "1000000", "--retry-most", "1"],
  "back-off": ["--attempts", "1000000"],
  "circuits": [],
} as const;

/** The name of a manner. */
export type Manner = keyof typeof MANNERS;

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

const retryFlags = {
  ...reportFlags,
  seeds: withDefault(reportFlags.seeds, "10"),
} as const;

/** What came of a strategy in each manner. */
export type RetryFigures = Readonly<Record<Manner, BroadcastFigures>>;

/** Runs the comparison; returns its exit code. Throws `BadArguments`. */
export async function compareRetries(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, retryFlags);
  if (flags === undefined) return ExitCode.valid;
  const seeds = flags.seeds ?? 10;
  const report = new Report("retries", flags, `20 s, nemesis partition, ${seeds} runs of each`);
  const all: RetryFigures[] = [];
  for (const setting of Object.values(SETTINGS)) {
    const figures: RetryFigures[] = [];
    for (const strategy of STRATEGIES) figures.push(await measureRetries(strategy, setting, seeds));
    report.table(table(figures), setting.title);
    all.push(...figures);
  }
  report.note(
    "Messages between servers and bytes per operation, means; and the milliseconds from the last heal " +
      "until all nodes agree, in the worst run. `fixed`: what is not acknowledged is repeated after " +
      "each round trip and 100 ms. `back-off`: ever more seldom, up to 600 ms. `circuits`: three times, " +
      "and then one of those that do not answer is asked now and then whether it is there.",
  );
  report.keep(all, ["retries", ...args]);
  const areValid = all.every((manners) => Object.values(manners).every(({ valid }) => valid));
  return areValid ? ExitCode.valid : ExitCode.invalid;
}

/** Runs a strategy in each manner. */
export async function measureRetries(
  strategy: string,
  { count, rate, latency }: Setting,
  seeds: number,
): Promise<RetryFigures> {
  const figures: Partial<Record<Manner, BroadcastFigures>> = {};
  for (const [manner, args] of Object.entries(MANNERS)) {
    figures[manner as Manner] = await measureBroadcast({
      createEngine: (seed) => createEngine("sim", BIN, ["--strategy", strategy, ...args], seed),
      options: {
        ...DEFAULT_OPTIONS,
        nodes: nodeIds(count),
        concurrency: count,
        rate,
        timeLimit: 20,
        latency: { mean: latency, distribution: "constant" },
        nemesis: ["partition"],
      },
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
    });
  }
  return figures as RetryFigures;
}

function table(rows: readonly RetryFigures[]): string[][] {
  const manners = Object.keys(MANNERS) as Manner[];
  const headings = (what: string) => manners.map((manner) => `${what}, ${manner}`);
  return [
    ["strategy", ...headings("messages"), ...headings("bytes"), ...headings("agreed")],
    ...rows.map((figures, index) => [
      STRATEGIES[index] as string,
      ...manners.map((manner) => figure(figures[manner].messagesPerOperation.mean, 2)),
      ...manners.map((manner) => figure(figures[manner].bytesPerOperation, 0)),
      ...manners.map((manner) => figure(figures[manner].converged, 0)),
    ]),
  ];
}
