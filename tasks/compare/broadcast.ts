/**
 * `deno task compare broadcast`: the message complexity and latency of each broadcast strategy. All
 * variants run the same work. The table adds an analytical model, a lower bound and published
 * results. With `--growth` each strategy runs on clusters of increasing size.
 *
 * @module
 */

import { flag, type FlagValues } from "../../lib/base/mod.ts";
import { DEFAULT_OPTIONS, nodeIds, type TestOptions } from "../../lib/workload/mod.ts";
import { type BuiltInEngine, createEngine } from "../cli/engine_choice.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { projectPath } from "../cli/users_folder.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import {
  CHALLENGE_LIMITS,
  PUBLISHED_RESULTS,
  type Variant,
  VARIANTS,
} from "./broadcast_variants.ts";
import type { BroadcastWork } from "./broadcast_model.ts";
import { type BroadcastFigures, measureBroadcast } from "./broadcast_figures.ts";
import { lowerBoundPerOperation } from "./broadcast_lower_bound.ts";
import { plotBroadcast, plotConvergence } from "./broadcast_plot.ts";
import { formatFixed } from "./columns.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare broadcast [flags]

Runs every strategy of nodes/broadcast.ts on the same work. Writes
DIR/broadcast.json and .svg; with --nemesis DIR/broadcast-faults.json and .svg;
with --growth DIR/broadcast-growth.json. Flags (defaults in brackets):
`;
const BIN = "nodes/broadcast.ts";
const GROWTH = [5, 25, 100, 400];

/** The flags of compare broadcast. */
export const compareFlags = {
  engine: flag.oneOf(["sim", "process"], {
    placeholder: "E",
    help: "sim or process",
    default: "sim",
  }),
  "node-count": flag.withDefault(maelstromFlags["node-count"], 25),
  rate: flag.number({ placeholder: "R", help: "requests per second", default: 100, above: true }),
  "time-limit": flag.number({
    placeholder: "S",
    help: "length of the main phase in seconds",
    default: 20,
    min: 1,
  }),
  latency: flag.withDefault(maelstromFlags.latency, 100),
  "latency-dist": maelstromFlags["latency-dist"],
  topology: maelstromFlags.topology,
  nemesis: maelstromFlags.nemesis,
  "nemesis-interval": maelstromFlags["nemesis-interval"],
  growth: flag.toggle({ help: `run on ${GROWTH.join(", ")} nodes instead` }),
  ...reportFlags,
  seeds: { ...reportFlags.seeds, defaultText: "3; process, --growth: 1" },
} as const;

type CompareFlags = FlagValues<typeof compareFlags>;
type WorkOptions = Omit<TestOptions, "workload" | "seed">;

/** The measurements of a variant on a cluster; written to `broadcast.json`. */
export interface BroadcastRow extends BroadcastFigures {
  readonly name: string;
  readonly nodes: number;
  /** Messages per operation that the analytical model predicts. */
  readonly expected: number;
  /** Lower bound of messages per operation for any strategy with this maximum latency. */
  readonly floor: number;
}

/** Runs the comparison; returns its exit code. Throws `UsageError`. */
export async function compareBroadcast(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const nodeCounts = flags.growth ? GROWTH : [flags["node-count"]];
  const variants = VARIANTS.filter(({ isDefault }) => isDefault || !flags.growth);
  const options = optionsOf(flags, nodeCounts[0] as number);
  const setting = settingOf(flags, options);
  const report = new Report(reportName(flags), flags, setting);
  const { engine } = flags;
  const rows: BroadcastRow[] = [];
  for (const variant of variants) {
    for (const count of nodeCounts) {
      rows.push(await measureVariant(variant, optionsOf(flags, count), engine, runsOf(flags)));
    }
  }
  const hasFaults = options.nemesis.length > 0;
  const reference = flags.growth || hasFaults ? [] : referenceRows();
  report.table([
    broadcastHeads(hasFaults),
    ...rows.map((row) => cells(row, hasFaults)),
    ...reference,
  ]);
  report.note(broadcastNote(hasFaults));
  const plots = flags.growth ? {} : { svg: plot(rows, options, setting) };
  report.save(rows, ["broadcast", ...args], plots);
  // Flooding does not retransmit, so it loses values under faults.
  const isValid = rows.every(({ name, valid }) => valid || name.startsWith("flood"));
  return isValid ? ExitCode.valid : ExitCode.invalid;
}

function plot(rows: readonly BroadcastRow[], options: WorkOptions, setting: string): string {
  if (options.nemesis.length > 0) return plotConvergence(rows, setting);
  return plotBroadcast(rows, workOf(options, rows[0] as BroadcastRow), setting);
}

function runsOf({ seeds, engine, growth }: CompareFlags): number {
  return seeds ?? (engine === "sim" && !growth ? 3 : 1);
}

function reportName({ growth, nemesis = [] }: CompareFlags): string {
  return `broadcast${growth ? "-growth" : ""}${nemesis.length > 0 ? "-faults" : ""}`;
}

/** Measures a variant over the given number of runs, with the seeds 0, 1, …. */
export async function measureVariant(
  variant: Variant,
  options: WorkOptions,
  engine: BuiltInEngine,
  runs: number,
): Promise<BroadcastRow> {
  const figures = await measureBroadcast({
    options,
    seeds: Array.from({ length: runs }, (_, seed) => seed),
    createEngine: (seed) => createEngine(engine, { path: projectPath(BIN) }, variant.args, seed),
  });
  const work = workOf(options, figures);
  const messages = variant.model(work, { intervalSeconds: variant.intervalSeconds });
  return {
    name: variant.name,
    nodes: options.nodes.length,
    expected: messages / figures.operations,
    floor: lowerBoundPerOperation(work, figures.longest),
    ...figures,
  };
}

function workOf(
  { nodes, topology, latency, timeLimitSeconds }: WorkOptions,
  figures: BroadcastFigures,
) {
  const { operations, values } = figures;
  return {
    nodes,
    topology,
    operations,
    values,
    minLatencyMs: latency.distribution === "constant" ? latency.meanMs : 0,
    durationSeconds: timeLimitSeconds,
  } satisfies BroadcastWork;
}

function optionsOf(flags: CompareFlags, nodeCount: number): WorkOptions {
  const nodes = nodeIds(nodeCount);
  return {
    ...DEFAULT_OPTIONS,
    nodes,
    concurrency: nodes.length,
    ratePerSecond: flags.rate,
    timeLimitSeconds: flags["time-limit"],
    latency: { meanMs: flags.latency, distribution: flags["latency-dist"] ?? "constant" },
    topology: flags.topology ?? DEFAULT_OPTIONS.topology,
    nemesis: flags.nemesis ?? [],
    nemesisIntervalSeconds: flags["nemesis-interval"] ?? DEFAULT_OPTIONS.nemesisIntervalSeconds,
  };
}

function settingOf(
  flags: CompareFlags,
  { nodes, ratePerSecond, timeLimitSeconds, latency, nemesis }: WorkOptions,
): string {
  const runs = runsOf(flags);
  return [
    flags.growth ? `${GROWTH.join(", ")} nodes` : `${nodes.length} nodes`,
    `${timeLimitSeconds} s at rate ${ratePerSecond}`,
    `latency ${latency.meanMs} ms ${latency.distribution}`,
    ...(nemesis.length === 0 ? [] : [`nemesis ${nemesis.join(", ")}`]),
    `${runs} ${runs === 1 ? "run" : "runs"} of each`,
  ].join(", ");
}

/** Returns the column heads of the table. */
export function broadcastHeads(hasFaults: boolean): string[] {
  return [
    "strategy",
    "nodes",
    "msgs/op",
    "worst run",
    "model",
    ...(hasFaults ? [] : ["lower bound"]),
    "bytes/op",
    "bytes/msg",
    "median ms",
    "max ms",
    ...(hasFaults ? ["convergence ms"] : []),
    "valid",
  ];
}

function cells(row: BroadcastRow, hasFaults: boolean): string[] {
  return [
    row.name,
    String(row.nodes),
    formatFixed(row.messagesPerOperation.mean, 2),
    formatFixed(row.messagesPerOperation.worst, 2),
    formatFixed(row.expected, 2),
    ...(hasFaults ? [] : [formatFixed(row.floor, 2)]),
    formatFixed(row.bytesPerOperation, 0),
    formatFixed(row.bytesPerMessage, 0),
    formatFixed(row.median, 0),
    formatFixed(row.longest, 0),
    ...(hasFaults ? [formatFixed(row.converged, 0)] : []),
    row.valid ? "yes" : `no, ${row.lost} lost`,
  ];
}

/** Returns the published results and the challenges' limits as rows of the same table. */
function referenceRows(): string[][] {
  const row = (name: string, messages: number, medianMs: number, maxMs: number) => {
    const dashes = (count: number) => Array.from({ length: count }, () => formatFixed(NaN, 0));
    const latencies = [formatFixed(medianMs, 0), formatFixed(maxMs, 0)];
    return [name, ...dashes(1), formatFixed(messages, 2), ...dashes(5), ...latencies, ""];
  };
  return [
    ...PUBLISHED_RESULTS.map(({ name, messages, medianMs, maxMs }) =>
      row(name, messages, medianMs, maxMs)
    ),
    ...CHALLENGE_LIMITS.map(({ id, messages, medianMs, maxMs }) =>
      row(`limits of ${id}`, messages, medianMs, maxMs)
    ),
  ];
}

/** Returns the explanation of the columns. */
export function broadcastNote(hasFaults: boolean): string {
  const lowerBound = hasFaults
    ? ""
    : "the lower bound for any strategy with this maximum latency, ";
  const convergence = hasFaults
    ? " Convergence: from the last heal until all nodes hold the same values, in the worst run."
    : "";
  return "Per operation, reads included: messages between servers (mean and worst run), the " +
    `prediction of an analytical model without faults, ${lowerBound}and bytes. Latency in the worst ` +
    "run, from a value's acknowledgement to the last read that misses it: median and maximum." +
    convergence;
}
