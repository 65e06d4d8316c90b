/**
 * `deno task compare counter`: what each way to keep a counter costs, and how soon all nodes agree.
 * All strategies do the same work on the simulated engine, by themselves and beside what others have
 * published; or each on more and more nodes.
 *
 * @module
 */

import { scatterSvg } from "../../lib/report/scatter.ts";
import { loadProgram } from "../../lib/workbench/mod.ts";
import { findWorkload, nodeIds, type Workload } from "../../lib/workload/mod.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { numeric, toggle, withDefault } from "../cli/flag_kinds.ts";
import type { GivenFlags } from "../cli/flags.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { figure } from "./columns.ts";
import { type CounterFigures, measureCounter } from "./counter_figures.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare counter [flags]

Runs every strategy of g-counter and pn-counter on the same work, with partitions and without. Leaves
DIR/counter.json and .svg, or with --growth DIR/counter-growth.json. Flags:
`;
const GROWTH = [5, 25, 100, 400];

const compareFlags = {
  "node-count": withDefault(maelstromFlags["node-count"], "3"),
  rate: numeric("R", "requests per second (100)", { least: 0, above: true }),
  "time-limit": numeric("SECONDS", "how long to test (20; with --growth 5)", { least: 1 }),
  latency: withDefault(maelstromFlags.latency, "0; with --growth 10"),
  nemesis: withDefault(maelstromFlags.nemesis, "partition, and none"),
  "nemesis-interval": maelstromFlags["nemesis-interval"],
  growth: toggle(`run g-counter on ${GROWTH.join(", ")} nodes instead, without faults`),
  ...reportFlags,
  seeds: withDefault(reportFlags.seeds, "3; with --growth 1"),
} as const;

type CompareFlags = GivenFlags<typeof compareFlags>;

/** The strategies, with Okabe and Ito's colours, which the colour-blind can tell apart. */
const STRATEGIES = [
  { strategy: "crdt", colour: "#0072b2" },
  { strategy: "seq-kv", colour: "#d55e00" },
  { strategy: "cas", colour: "#009e73" },
  { strategy: "peers", colour: "#e69f00" },
] as const;

/** The best that could be found in about 130 public solutions and write-ups, for challenge 4. */
const PUBLISHED = [
  { name: "published, whole state gossiped", messages: 0.45 },
  { name: "published, seq-kv", messages: 3.35 },
] as const;

/** One strategy of a node on some nodes, under faults or not, and what came of it. */
interface Row extends CounterFigures {
  readonly node: string;
  readonly strategy: string;
  readonly nodes: number;
  readonly nemesis: readonly string[];
}

/** Runs the comparison; returns its exit code. Throws `BadArguments`. */
export async function compareCounters(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const rows = flags.growth
    ? await compareGrowth(flags, args)
    : await compareUnderFaults(flags, args);
  return rows.every(({ valid }) => valid) ? ExitCode.valid : ExitCode.invalid;
}

async function compareUnderFaults(flags: CompareFlags, args: readonly string[]): Promise<Row[]> {
  const count = flags["node-count"] ?? 3;
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
      const title = `${node}, ${nemesis.length === 0 ? "whole links" : nemesis.join(", ")}`;
      report.table([HEADINGS, ...rows.map(cells), ...(isChallenge ? published() : [])], title);
      all.push(...rows);
    }
  }
  report.note(NOTE);
  report.keep(all, ["counter", ...args], { svg: plot(all, settingOf(flags, `${count} nodes`)) });
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
  const withCount = (cells: readonly string[], count: string) => cells.toSpliced(1, 0, count);
  report.table([
    withCount(HEADINGS, "nodes"),
    ...rows.map((row) => withCount(cells(row), String(row.nodes))),
  ]);
  report.note(NOTE);
  report.keep(rows, ["counter", ...args]);
  return rows;
}

async function measure(
  flags: CompareFlags,
  run: Pick<Row, "node" | "strategy" | "nodes" | "nemesis">,
): Promise<Row> {
  const { node, strategy, nodes, nemesis } = run;
  const figures = await measureCounter({
    args: ["--strategy", strategy],
    program: await loadProgram(`nodes/${node.replaceAll("-", "_")}.ts`),
    workload: findWorkload(node) as Workload,
    options: {
      nemesis,
      nodes: nodeIds(nodes),
      rate: flags.rate ?? 100,
      timeLimit: timeLimitOf(flags),
      latency: { mean: latencyOf(flags), distribution: "constant" },
      ...(flags["nemesis-interval"] === undefined
        ? {}
        : { nemesisInterval: flags["nemesis-interval"] }),
    },
    seeds: flags.seeds ?? (flags.growth ? 1 : 3),
  });
  return { ...run, ...figures };
}

function settingOf(flags: CompareFlags, nodes: string): string {
  const timeLimit = timeLimitOf(flags);
  return `${nodes}, ${timeLimit} s at rate ${flags.rate ?? 100}, latency ${latencyOf(flags)} ms`;
}

/** Hundreds of nodes take minutes to simulate. */
function timeLimitOf(flags: CompareFlags): number {
  return flags["time-limit"] ?? (flags.growth ? 5 : 20);
}

/** Without any latency nodes that share a key never get into each other's way. */
function latencyOf({ latency, growth }: CompareFlags): number {
  return latency ?? (growth ? 10 : 0);
}

const HEADINGS = [
  "strategy",
  "messages",
  "worst",
  "bytes",
  "bytes each",
  "add",
  "99 %",
  "read",
  "99 %",
  "agreed",
  "worst",
  "ok",
  "valid",
];

const NOTE =
  "Per operation: messages between servers, the store among them (mean and worst run), " +
  "and bytes. In ms: how long an addition and a read take, median and 99th percentile; from the end " +
  "of additions and faults until all reads say the same, median and worst run.";

function cells(row: Row): string[] {
  const { messages, bytesPerOperation, bytesPerMessage, add, read, agreed, okFraction } = row;
  return [
    row.strategy,
    figure(messages.mean, messages.mean < 1 ? 3 : 2),
    figure(messages.worst, messages.mean < 1 ? 3 : 2),
    figure(bytesPerOperation, 0),
    figure(bytesPerMessage, 0),
    ...[add.median, add.high, read.median, read.high].map((time) => figure(time, 0)),
    ...[agreed.median, agreed.worst].map((time) => time === Infinity ? "never" : figure(time, 0)),
    `${figure(100 * okFraction, 1)} %`,
    row.valid ? "yes" : "no",
  ];
}

function published(): string[][] {
  return PUBLISHED.map(({ name, messages }) => {
    const unknown = Array.from({ length: HEADINGS.length - 3 }, () => "–");
    return [name, figure(messages, 2), ...unknown, ""];
  });
}

const AGREED_MS = { min: 10, max: 10_000 };

/** Messages against when reads agree: median runs as discs, the worst ones as rings. */
function plot(rows: readonly Row[], setting: string): string {
  const shown = rows.filter(({ node }) => node === "g-counter");
  const place = (time: number) => Math.max(AGREED_MS.min, Math.min(AGREED_MS.max, time));
  const faultsOf = ({ nemesis }: Row) => nemesis.join(", ") || "whole links";
  return scatterSvg({
    title: "G-counter: messages between servers for each operation, against agreement",
    note: `${setting}; disc: median run, ring: worst`,
    x: { label: "from the last addition or heal until all reads agree (ms)", ...AGREED_MS },
    y: { label: "messages for each operation", min: 0.05, max: 20 },
    series: shown.map((row) => {
      const { strategy, messages, agreed } = row;
      const name = `${strategy}, ${faultsOf(row)}: ${messages.mean.toFixed(2)}`;
      return {
        name,
        colour: STRATEGIES.find((known) => known.strategy === strategy)?.colour ?? "#000",
        points: [
          { x: place(agreed.median), y: messages.mean },
          { x: place(agreed.worst), y: messages.worst, hollow: true },
        ],
      };
    }),
    rules: PUBLISHED.map(({ name, messages }) => ({ axis: "y", at: messages, label: name })),
    curves: [],
  });
}
