/**
 * `deno task compare lin-kv`: the message complexity and latency of each strategy of a linearizable
 * key-value store, at several rates and under partitions, and how long clients wait after a fault.
 * All strategies run the same work on the simulation engine.
 *
 * @module
 */

import { scatterSvg } from "../../lib/report/scatter.ts";
import { loadProgram } from "../../lib/workbench/mod.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { projectPath } from "../cli/users_folder.ts";
import { formatFixed } from "./columns.ts";
import {
  measureOutages,
  measureRegisters,
  type Outages,
  type RegisterFigures,
  type Waits,
} from "./lin_kv_figures.ts";
import { readComparison, Report } from "./report.ts";
import { describeWork, workFlags, workOptions } from "./work.ts";

const USAGE = `deno task compare lin-kv [flags]

Runs every strategy of nodes/lin_kv.ts on five nodes at rates 30, 100 and 1000,
under partitions, and under faults one at a time. Writes DIR/lin-kv.json and
DIR/lin-kv.svg. Flags (defaults in brackets):
`;
const NODE_COUNT = 5;
const RATES = [30, 100, 1000];
/** The rate under partitions. */
const FAULT_RATE = 30;
/** The rate at which outages are measured: it leaves short gaps between a node's operations. */
const OUTAGE_RATE = 100;

/** The flags of compare lin-kv. */
export const compareFlags = workFlags({ concurrency: "4n", latencyMs: 5 });

/** The strategies, with colours of Okabe and Ito's palette, safe for colour-blind readers. */
const STRATEGIES = [
  { strategy: "raft", colour: "#0072b2" },
  { strategy: "caspaxos", colour: "#d55e00" },
  { strategy: "proxy", colour: "#009e73" },
] as const;

interface Row extends RegisterFigures {
  readonly strategy: string;
  readonly rate: number;
  readonly nemesis: readonly string[];
}

/** The column heads of the tables of costs. */
export const REGISTER_HEADS: readonly string[] = [
  "strategy",
  "msgs/op",
  "worst run",
  "bytes/op",
  "p50 ms",
  "p99 ms",
  "ops/s",
  "served",
  "unknown",
  "valid",
];

/** The column heads of the table of outages. */
export const OUTAGE_HEADS: readonly string[] = [
  "strategy",
  "partition, mean",
  "partition, worst",
  "heal, mean",
  "heal, worst",
  "kill, mean",
  "kill, worst",
  "valid",
];

/** The explanation of the columns. */
export const REGISTER_NOTE =
  "Per operation: messages between servers, the key-value store included (mean and worst run), and " +
  "bytes. Latency of served operations in ms, 50th and 99th percentile. served: operations that a " +
  "node executed and answered, errors 20 and 22 included; unknown: those with an indefinite outcome. " +
  "Outages in ms, from the first operation after a fault to the first that is served, at the slowest " +
  "node: after a partition the nodes of the majority, half of the time without the leader; after a heal the " +
  "others, whose waiting operations count; after a kill of the leader (of n0, without one) all others.";

/** Runs the comparison; returns its exit code. Throws `UsageError`. */
export async function compareRegisters(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const work = workOptions(flags, NODE_COUNT);
  const options = { ...work, nemesisIntervalSeconds: 10 };
  const { seeds } = flags;
  const setting = describeWork(work, seeds);
  const report = new Report("lin-kv", flags, setting);
  const program = await loadProgram(projectPath("nodes/lin_kv.ts"));
  const rows: Row[] = [];
  const works = [
    ...RATES.map((rate) => ({ rate, nemesis: [], title: `Rate ${rate}` })),
    { rate: FAULT_RATE, nemesis: ["partition"], title: `Rate ${FAULT_RATE}, under partitions` },
  ];
  for (const { rate, nemesis, title } of works) {
    for (const { strategy } of STRATEGIES) {
      const figures = await measureRegisters({
        program,
        strategy,
        seeds,
        options: { ...options, ratePerSecond: rate, faults: nemesis },
      });
      rows.push({ strategy, rate, nemesis, ...figures });
    }
    report.table([REGISTER_HEADS, ...rows.slice(-STRATEGIES.length).map(cells)], title);
  }
  const outages: (Outages & { readonly strategy: string })[] = [];
  for (const { strategy } of STRATEGIES) {
    const work = { ...options, ratePerSecond: OUTAGE_RATE };
    outages.push({
      strategy,
      ...await measureOutages({ program, strategy, seeds, options: work }),
    });
  }
  const title = `Outages at rate ${OUTAGE_RATE}`;
  report.table([OUTAGE_HEADS, ...outages.map(outageCells)], title);
  report.note(REGISTER_NOTE);
  report.save({ costs: rows, outages }, ["lin-kv", ...args], { svg: plot(rows, setting) });
  const isValid = [...rows, ...outages].every(({ isValid }) => isValid);
  return isValid ? ExitCode.valid : ExitCode.invalid;
}

function cells(row: Row): string[] {
  const { messages, mostMessages, bytes, latency, throughput, servedFraction } = row;
  return [
    row.strategy,
    formatFixed(messages, 2),
    formatFixed(mostMessages, 2),
    formatFixed(bytes, 0),
    formatFixed(latency.median, 1),
    formatFixed(latency.high, 1),
    formatFixed(throughput, 0),
    `${formatFixed(100 * servedFraction, 1)} %`,
    `${formatFixed(100 * row.unknownFraction, 1)} %`,
    row.isValid ? "yes" : "no",
  ];
}

function outageCells({ strategy, partition, heal, kill, isValid }: Outages & { strategy: string }) {
  const both = ({ mean, longest }: Waits) => [formatFixed(mean, 0), formatFixed(longest, 0)];
  return [strategy, ...both(partition), ...both(heal), ...both(kill), isValid ? "yes" : "no"];
}

function plot(rows: readonly Row[], setting: string): string {
  const healthy = rows.filter(({ nemesis }) => nemesis.length === 0);
  return scatterSvg({
    title: "Linearizable registers: messages between servers per operation, against latency",
    note: `${setting}; rates ${RATES.join(", ")}; disc: median, ring: 99th percentile`,
    x: { label: "latency of served operations (ms)", min: 1, max: 1000 },
    y: { label: "messages per operation", min: 1, max: 100 },
    series: STRATEGIES.map(({ strategy, colour }) => ({
      name: strategy,
      colour,
      points: healthy.filter((row) => row.strategy === strategy).flatMap(
        ({ messages, latency: { median, high } }) => [
          { x: median, y: messages },
          { x: high, y: messages, hollow: true },
        ],
      ),
    })),
    rules: [],
    curves: [],
  });
}
