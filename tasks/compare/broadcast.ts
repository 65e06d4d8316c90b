/**
 * `deno task compare broadcast`: what each way to spread values costs, and how quickly it does. All
 * strategies do the same work, and are put beside what they should cost on paper, what others have
 * published, and what is impossible; or each is run on more and more nodes.
 *
 * @module
 */

import { DEFAULT_OPTIONS, nodeIds, type TestOptions } from "../../lib/workload/mod.ts";
import { type BuiltInEngine, createEngine } from "../cli/engine_choice.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { numeric, oneOf, toggle, withDefault } from "../cli/flag_kinds.ts";
import type { GivenFlags } from "../cli/flags.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { CHALLENGE_LIMITS, type Contender, CONTENDERS, PUBLISHED } from "./broadcast_contenders.ts";
import type { BroadcastWork } from "./broadcast_expectation.ts";
import { type BroadcastFigures, measureBroadcast } from "./broadcast_figures.ts";
import { floorPerOperation } from "./broadcast_floor.ts";
import { plotBroadcast, plotConvergence } from "./broadcast_plot.ts";
import { figure } from "./columns.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare broadcast [flags]

Runs every strategy of broadcast on the same work. Leaves DIR/broadcast.json and .svg; with faults
DIR/broadcast-faults, with --growth DIR/broadcast-growth.json. Flags:
`;
const BIN = "nodes/broadcast.ts";
const GROWTH = [5, 25, 100, 400];

const compareFlags = {
  engine: oneOf("E", ["sim", "process"], "where to run it: sim or process (sim)"),
  "node-count": withDefault(maelstromFlags["node-count"], "25"),
  rate: numeric("R", "requests per second (100)", { least: 0, above: true }),
  "time-limit": numeric("SECONDS", "how long to test (20)", { least: 1 }),
  latency: withDefault(maelstromFlags.latency, "100"),
  "latency-dist": maelstromFlags["latency-dist"],
  topology: maelstromFlags.topology,
  nemesis: maelstromFlags.nemesis,
  "nemesis-interval": maelstromFlags["nemesis-interval"],
  growth: toggle(`run each on ${GROWTH.join(", ")} nodes instead`),
  ...reportFlags,
  seeds: withDefault(reportFlags.seeds, "3; on process and with --growth 1"),
} as const;

type CompareFlags = GivenFlags<typeof compareFlags>;
type Work = Omit<TestOptions, "workload" | "seed">;

/** A contender on some nodes, and what came of it. */
export interface BroadcastRow extends BroadcastFigures {
  readonly name: string;
  readonly nodes: number;
  /** Messages an operation, on paper. */
  readonly expected: number;
  /** Messages an operation that any strategy needs at this one's longest latency. */
  readonly floor: number;
}

/** Runs the comparison; returns its exit code. Throws `BadArguments`. */
export async function compareBroadcast(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const counts = flags.growth ? GROWTH : [flags["node-count"] ?? 25];
  const contenders = CONTENDERS.filter(({ isDefault }) => isDefault || !flags.growth);
  const work = workOf(flags, counts[0] as number);
  const report = new Report(nameOf(flags), flags, headline(flags, work));
  const rows: BroadcastRow[] = [];
  for (const contender of contenders) {
    for (const count of counts) {
      const kind = flags.engine ?? "sim";
      rows.push(await runContender(contender, workOf(flags, count), kind, runsOf(flags)));
    }
  }
  const asChallenged = !flags.growth && work.nemesis.length === 0;
  report.table([...table(rows, work), ...(asChallenged ? yardsticks() : [])]);
  report.note(explanation(work));
  const drawings = flags.growth ? {} : { svg: plot(rows, flags, work) };
  report.keep(rows, ["broadcast", ...args], drawings);
  const broken = rows.filter(({ name, valid }) => !valid && !name.startsWith("flood"));
  return broken.length === 0 ? ExitCode.valid : ExitCode.invalid;
}

function plot(rows: readonly BroadcastRow[], flags: CompareFlags, work: Work): string {
  const setting = headline(flags, work);
  if (work.nemesis.length > 0) return plotConvergence(rows, setting);
  return plotBroadcast(rows, workDone(work, rows[0] as BroadcastRow), setting);
}

function runsOf({ seeds, engine = "sim", growth }: CompareFlags): number {
  return seeds ?? (engine === "sim" && !growth ? 3 : 1);
}

function nameOf({ growth, nemesis = [] }: CompareFlags): string {
  return `broadcast${growth ? "-growth" : ""}${nemesis.length > 0 ? "-faults" : ""}`;
}

/** Runs one contender so many times, with the seeds from 0 on. */
export async function runContender(
  contender: Contender,
  options: Work,
  kind: BuiltInEngine,
  runs: number,
): Promise<BroadcastRow> {
  const figures = await measureBroadcast({
    options,
    seeds: Array.from({ length: runs }, (_, seed) => seed),
    createEngine: (seed) => createEngine(kind, BIN, contender.args, seed),
  });
  const done = workDone(options, figures);
  const expected = contender.expectation(done, { interval: contender.interval });
  return {
    name: contender.name,
    nodes: options.nodes.length,
    expected: expected / figures.operations,
    floor: floorPerOperation(done, figures.longest),
    ...figures,
  };
}

function workDone({ nodes, topology, latency, timeLimit }: Work, figures: BroadcastFigures) {
  const { operations, values } = figures;
  return {
    nodes,
    topology,
    operations,
    values,
    leastLatency: latency.distribution === "constant" ? latency.mean : 0,
    seconds: timeLimit,
  } satisfies BroadcastWork;
}

function workOf(flags: CompareFlags, count: number): Work {
  const nodes = nodeIds(count);
  return {
    ...DEFAULT_OPTIONS,
    nodes,
    concurrency: nodes.length,
    rate: flags.rate ?? 100,
    timeLimit: flags["time-limit"] ?? 20,
    latency: { mean: flags.latency ?? 100, distribution: flags["latency-dist"] ?? "constant" },
    topology: flags.topology ?? DEFAULT_OPTIONS.topology,
    nemesis: flags.nemesis ?? [],
    nemesisInterval: flags["nemesis-interval"] ?? DEFAULT_OPTIONS.nemesisInterval,
  };
}

function headline(flags: CompareFlags, { nodes, rate, timeLimit, latency, nemesis }: Work): string {
  const runs = runsOf(flags);
  return [
    flags.growth ? `${GROWTH.join(", ")} nodes` : `${nodes.length} nodes`,
    `${timeLimit} s at rate ${rate}`,
    `latency ${latency.mean} ms ${latency.distribution}`,
    ...(nemesis.length === 0 ? [] : [`nemesis ${nemesis.join(", ")}`]),
    `${runs} ${runs === 1 ? "run" : "runs"} of each`,
  ].join(", ");
}

function table(rows: readonly BroadcastRow[], { nemesis }: Work): string[][] {
  const faulty = nemesis.length > 0;
  const headings = [
    "strategy",
    "nodes",
    "messages",
    "worst",
    "on paper",
    ...(faulty ? [] : ["floor"]),
    "bytes",
    "bytes each",
    "median",
    "longest",
    ...(faulty ? ["converged"] : []),
    "valid",
  ];
  return [
    headings,
    ...rows.map((row) => [
      row.name,
      String(row.nodes),
      figure(row.messagesPerOperation.mean, 2),
      figure(row.messagesPerOperation.worst, 2),
      figure(row.expected, 2),
      ...(faulty ? [] : [figure(row.floor, 2)]),
      figure(row.bytesPerOperation, 0),
      figure(row.bytesPerMessage, 0),
      figure(row.median, 0),
      figure(row.longest, 0),
      ...(faulty ? [figure(row.converged, 0)] : []),
      row.valid ? "yes" : `no, ${row.lost} lost`,
    ]),
  ];
}

/** What others published, and what the challenges ask for, as rows of the same table. */
function yardsticks(): string[][] {
  const row = (name: string, messages: number, median: number, longest: number) => {
    const dashes = (count: number) => Array.from({ length: count }, () => figure(NaN, 0));
    const latencies = [figure(median, 0), figure(longest, 0)];
    return [name, ...dashes(1), figure(messages, 2), ...dashes(5), ...latencies, ""];
  };
  return [
    ...PUBLISHED.map(({ name, messages, median, longest }) => row(name, messages, median, longest)),
    ...CHALLENGE_LIMITS.map(({ id, messages, median, longest }) =>
      row(`limits of ${id}`, messages, median, longest)
    ),
  ];
}

function explanation({ nemesis }: Work): string {
  const faulty = nemesis.length > 0;
  return "Per operation, reads included: messages between servers (mean and worst run), what they " +
    `should be on paper without faults, ${
      faulty ? "" : "what any strategy needs at this longest latency, "
    }and bytes. In ms, worst run: from a value's acknowledgement to the last read without it, median and ` +
    `longest${faulty ? "; from the last heal until all nodes agree" : ""}.`;
}
