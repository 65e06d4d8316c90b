/**
 * `deno task compare kafka`: the message complexity, latency and realtime lag of each log strategy.
 * All strategies run the same work on the simulation engine, on a healthy network and under
 * partitions, beside published results.
 *
 * @module
 */

import { flag } from "../../lib/base/mod.ts";
import { loadProgram } from "../../lib/workbench/mod.ts";
import { kafka } from "../../lib/workload/kafka.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { projectPath } from "../cli/users_folder.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { formatFixed } from "./columns.ts";
import { type LogFigures, measureLog } from "./kafka_figures.ts";
import { readComparison, Report } from "./report.ts";
import { describeWork, workFlags, workOptions } from "./work.ts";

const USAGE = `deno task compare kafka [flags]

Runs every strategy of nodes/kafka.ts on the same work. Writes DIR/kafka.json.
Flags (defaults in brackets):
`;

/** The flags of compare kafka. */
export const compareFlags = {
  "node-count": flag.withDefault(maelstromFlags["node-count"], 2),
  rate: flag.number({ placeholder: "R", help: "requests per second", default: 1000, above: true }),
  nemesis: { ...maelstromFlags.nemesis, defaultText: "none, then partition" },
  "nemesis-interval": flag.withDefault(maelstromFlags["nemesis-interval"], 3),
  ...workFlags({ concurrency: "2n", latencyMs: 0 }),
} as const;

/** The variants: name and arguments of the node. */
const STRATEGIES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["lamport", ["--strategy", "lamport"]],
  ["owner", ["--strategy", "owner"]],
  ["lin-kv", ["--strategy", "lin-kv"]],
  ["single", ["--strategy", "single"]],
  ["raft", ["--strategy", "raft"]],
];

/** The best figures for challenge 5b found in about 130 public solutions and articles. */
const PUBLISHED_RESULTS: readonly (readonly [name: string, messages: number])[] = [
  ["published, owner and replicas", 0.55],
  ["published, forwarding", 1.37],
];

/** The column heads of the tables. */
export const LOG_HEADS: readonly string[] = [
  "strategy",
  "msgs/op",
  "worst run",
  "bytes/op",
  "send p50",
  "send p99",
  "poll p50",
  "poll p99",
  "lag p50",
  "lag p99",
  "ok",
  "lost time",
  "valid",
];

/** The explanation of the columns. */
export const LOG_NOTE =
  "Per operation: messages between servers, the key-value store included (mean and worst run), and " +
  "bytes. In ms, 50th and 99th percentile: latency of sends; latency of polls with their commits; " +
  "realtime lag of polls behind acknowledged sends. ok: operations that succeeded, client crashes " +
  "excluded. lost time: fraction of the clients' time spent on operations that did not succeed.";

/** Runs the comparison; returns its exit code. Throws `UsageError`. */
export async function compareLogs(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const work = { ...workOptions(flags, flags["node-count"]), ratePerSecond: flags.rate };
  const options = { ...work, nemesisIntervalSeconds: flags["nemesis-interval"] };
  const { seeds } = flags;
  const report = new Report("kafka", flags, describeWork(work, seeds));
  const program = await loadProgram(projectPath("nodes/kafka.ts"));
  const all: (LogFigures & { readonly strategy: string; readonly nemesis: readonly string[] })[] =
    [];
  for (const nemesis of flags.nemesis === undefined ? [[], ["partition"]] : [flags.nemesis]) {
    const rows: string[][] = [[...LOG_HEADS]];
    for (const [strategy, strategyArgs] of STRATEGIES) {
      const figures = await measureLog({
        program,
        seeds,
        args: strategyArgs,
        workload: kafka,
        options: { ...options, faults: nemesis },
      });
      rows.push([strategy, ...cells(figures)]);
      all.push({ strategy, nemesis, ...figures });
    }
    // The published results are for two nodes on a healthy network.
    if (nemesis.length === 0 && options.nodes.length === 2) rows.push(...publishedRows());
    report.table(rows, nemesis.length === 0 ? "Healthy network" : `Under ${nemesis.join(", ")}`);
  }
  report.note(LOG_NOTE);
  report.save(all, ["kafka", ...args]);
  return all.every(({ isValid }) => isValid) ? ExitCode.valid : ExitCode.invalid;
}

function cells(figures: LogFigures): string[] {
  const {
    messages,
    mostMessages,
    bytes,
    send,
    poll,
    lag,
    okFraction,
    lostTime,
    isValid,
  } = figures;
  const decimals = messages < 1 ? 3 : 2;
  return [
    formatFixed(messages, decimals),
    formatFixed(mostMessages, decimals),
    formatFixed(bytes, 0),
    ...[send, poll, lag].flatMap((
      { median, high },
    ) => [formatFixed(median, 0), formatFixed(high, 0)]),
    `${formatFixed(100 * okFraction, 1)} %`,
    `${formatFixed(100 * lostTime, 1)} %`,
    isValid ? "yes" : "no",
  ];
}

function publishedRows(): string[][] {
  const unknown = new Array<string>(LOG_HEADS.length - 4).fill("–");
  return PUBLISHED_RESULTS.map((
    [name, messages],
  ) => [name, formatFixed(messages, 2), "–", ...unknown, ""]);
}
