/**
 * `deno task compare counter`: the message complexity and convergence time of each counter
 * strategy. All strategies run the same work on the simulation engine, beside published results.
 * With `--growth` each strategy runs on clusters of increasing size.
 *
 * @module
 */

import { flag, type FlagValues } from "../../lib/base/mod.ts";
import { scatterSvg } from "../../lib/report/scatter.ts";
import { loadProgram } from "../../lib/workbench/mod.ts";
import { findWorkload, nodeIds, type Workload } from "../../lib/workload/mod.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { projectPath } from "../cli/users_folder.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { formatFixed } from "./columns.ts";
import { type CounterFigures, measureCounter } from "./counter_figures.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare counter [flags]

Runs every strategy of g-counter and pn-counter on the same work, with and
without partitions. Writes DIR/counter.json and .svg; with --growth
DIR/counter-growth.json. Flags (defaults in brackets):
`;
const GROWTH = [5, 25, 100, 400];

/** The flags of compare counter. */
export const compareFlags = {
  "node-count": flag.withDefault(maelstromFlags["node-count"], 3),
  rate: flag.number({ placeholder: "R", help: "requests per second", default: 100, above: true }),
  "time-limit": flag.number({
    placeholder: "S",
    help: "length of the main phase in s",
    defaultText: "20; --growth: 5",
    min: 1,
  }),
  latency: { ...maelstromFlags.latency, defaultText: "0; --growth: 10" },
  nemesis: { ...maelstromFlags.nemesis, defaultText: "partition, then none" },
  "nemesis-interval": maelstromFlags["nemesis-interval"],
  growth: flag.toggle({ help: `run g-counter on ${GROWTH.join(", ")} nodes` }),
  ...reportFlags,
  seeds: { ...reportFlags.seeds, defaultText: "3; --growth: 1" },
} as const;

type CompareFlags = FlagValues<typeof compareFlags>;

/** The strategies, with colours of Okabe and Ito's palette, safe for colour-blind readers. */
const STRATEGIES = [
  { strategy: "crdt", colour: "#0072b2" },
  { strategy: "seq-kv", colour: "#d55e00" },
  { strategy: "cas", colour: "#009e73" },
  { strategy: "peers", colour: "#e69f00" },
] as const;

/** The best figures for challenge 4 found in about 130 public solutions and articles. */
const PUBLISHED_RESULTS = [
  { name: "published, full-state gossip", messages: 0.45 },
  { name: "published, seq-kv", messages: 3.35 },
] as const;

/** The measurements of a strategy on a cluster; written to `counter.json`. */
interface Row extends CounterFigures {
  readonly node: string;
  readonly strategy: string;
  readonly nodes: number;
  readonly nemesis: readonly string[];
}

/** Runs the comparison; returns its exit code. Throws `UsageError`. */
export async function compareCounters(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const rows = flags.growth
    ? await compareGrowth(flags, args)
    : await compareUnderFaults(flags, args);
  return rows.every(({ valid }) => valid) ? ExitCode.valid : ExitCode.invalid;
}

async function compareUnderFaults(flags: CompareFlags, args: readonly string[]): Promise<Row[]> {
  const count = flags["node-count"];
  const report = new Report("counter", flags, settingOf(flags, `${count} nodes`));
  const all: Row[] = [];
  const faults = flags.nemesis === undefined ? [["partition"], []] : [flags.nemesis];
  for (const nemesis of faults) {
    for (const node of ["g-counter", "pn-counter"]) {
      const rows: Row[] = [];
      for (const { strategy } of STRATEGIES) {
        rows.push(await measure(flags, { node, strategy, nodes: count, nemesis }));
      }
      const isChallenge = node === "g-counter" && nemesis.includes("partition");
      const title = `${node}, ${conditionsOf(nemesis)}`;
      const published = isChallenge ? publishedRows() : [];
      report.table([COUNTER_HEADS, ...rows.map(cells), ...published], title);
      all.push(...rows);
    }
  }
  report.note(COUNTER_NOTE);
  report.save(all, ["counter", ...args], { svg: plot(all, settingOf(flags, `${count} nodes`)) });
  return all;
}

async function compareGrowth(flags: CompareFlags, args: readonly string[]): Promise<Row[]> {
  const setting = settingOf(flags, `g-counter on ${GROWTH.join(", ")} nodes`);
  const report = new Report("counter-growth", flags, setting);
  const rows: Row[] = [];
  for (const { strategy } of STRATEGIES) {
    for (const nodes of GROWTH) {
      rows.push(await measure(flags, { node: "g-counter", strategy, nodes, nemesis: [] }));
    }
  }
  report.table([
    insertNodes(COUNTER_HEADS, "nodes"),
    ...rows.map((row) => insertNodes(cells(row), String(row.nodes))),
  ]);
  report.note(COUNTER_NOTE);
  report.save(rows, ["counter", ...args]);
  return rows;
}

async function measure(
  flags: CompareFlags,
  run: Pick<Row, "node" | "strategy" | "nodes" | "nemesis">,
): Promise<Row> {
  const { node, strategy, nodes, nemesis } = run;
  const figures = await measureCounter({
    args: ["--strategy", strategy],
    program: await loadProgram(projectPath(`nodes/${node.replaceAll("-", "_")}.ts`)),
    workload: findWorkload(node) as Workload,
    options: {
      faults: nemesis,
      nodes: nodeIds(nodes),
      ratePerSecond: flags.rate,
      timeLimitSeconds: timeLimitSecondsOf(flags),
      latency: { meanMs: latencyMsOf(flags), distribution: "constant" },
      ...(flags["nemesis-interval"] === undefined
        ? {}
        : { nemesisIntervalSeconds: flags["nemesis-interval"] }),
    },
    seeds: flags.seeds ?? (flags.growth ? 1 : 3),
  });
  return { ...run, ...figures };
}

function settingOf(flags: CompareFlags, nodes: string): string {
  const seconds = timeLimitSecondsOf(flags);
  return `${nodes}, ${seconds} s at rate ${flags.rate}, latency ${latencyMsOf(flags)} ms`;
}

/**
 * Returns the length of the main phase, short with `--growth`, as large clusters simulate slowly.
 */
function timeLimitSecondsOf(flags: CompareFlags): number {
  return flags["time-limit"] ?? (flags.growth ? 5 : 20);
}

/**
 * Returns the latency; above 0 with `--growth`, since without latency no compare-and-set conflicts.
 */
function latencyMsOf({ latency, growth }: CompareFlags): number {
  return latency ?? (growth ? 10 : 0);
}

/** The column heads of the tables; with `--growth` the column `nodes` is second. */
export const COUNTER_HEADS: readonly string[] = [
  "strategy",
  "msgs/op",
  "worst run",
  "bytes/op",
  "bytes/msg",
  "add p50",
  "add p99",
  "read p50",
  "read p99",
  "convergence p50",
  "convergence max",
  "ok",
  "valid",
];

/** The explanation of the columns. */
export const COUNTER_NOTE =
  "Per operation: messages between servers, the key-value store included (mean and worst run), and " +
  "bytes. In ms: latency of adds and reads (50th and 99th percentile); convergence time, from the end " +
  "of adds and faults until all reads agree (median and maximum of the runs).";

/** Inserts the cell of the column `nodes`. */
export function insertNodes(cells: readonly string[], nodes: string): string[] {
  return cells.toSpliced(1, 0, nodes);
}

function conditionsOf(nemesis: readonly string[]): string {
  return nemesis.length === 0 ? "healthy network" : nemesis.join(", ");
}

function cells(row: Row): string[] {
  const { messages, bytesPerOperation, bytesPerMessage, add, read, agreed, okFraction } = row;
  return [
    row.strategy,
    formatFixed(messages.mean, messages.mean < 1 ? 3 : 2),
    formatFixed(messages.worst, messages.mean < 1 ? 3 : 2),
    formatFixed(bytesPerOperation, 0),
    formatFixed(bytesPerMessage, 0),
    ...[add.median, add.high, read.median, read.high].map((time) => formatFixed(time, 0)),
    ...[agreed.median, agreed.worst].map((time) =>
      time === Infinity ? "never" : formatFixed(time, 0)
    ),
    `${formatFixed(100 * okFraction, 1)} %`,
    row.valid ? "yes" : "no",
  ];
}

function publishedRows(): string[][] {
  return PUBLISHED_RESULTS.map(({ name, messages }) => {
    const unknown = Array.from({ length: COUNTER_HEADS.length - 3 }, () => "–");
    return [name, formatFixed(messages, 2), ...unknown, ""];
  });
}

const CONVERGENCE_RANGE_MS = { min: 10, max: 10_000 };

/** Plots messages against convergence time: median runs as discs, the worst runs as rings. */
function plot(rows: readonly Row[], setting: string): string {
  const shown = rows.filter(({ node }) => node === "g-counter");
  const clamp = (time: number) =>
    Math.max(CONVERGENCE_RANGE_MS.min, Math.min(CONVERGENCE_RANGE_MS.max, time));
  return scatterSvg({
    title: "G-counter: messages between servers per operation, against convergence time",
    note: `${setting}; disc: median run, ring: worst run`,
    x: {
      label: "from the last add or heal until all reads agree (ms)",
      ...CONVERGENCE_RANGE_MS,
    },
    y: { label: "messages per operation", min: 0.05, max: 20 },
    series: shown.map((row) => {
      const { strategy, messages, agreed } = row;
      const name = `${strategy}, ${conditionsOf(row.nemesis)}: ${messages.mean.toFixed(2)}`;
      return {
        name,
        colour: STRATEGIES.find((known) => known.strategy === strategy)?.colour ?? "#000",
        points: [
          { x: clamp(agreed.median), y: messages.mean },
          { x: clamp(agreed.worst), y: messages.worst, hollow: true },
        ],
      };
    }),
    rules: PUBLISHED_RESULTS.map(({ name, messages }) => ({
      axis: "y",
      at: messages,
      label: name,
    })),
    curves: [],
  });
}
