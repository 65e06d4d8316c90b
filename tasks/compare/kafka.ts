/**
 * `deno task compare kafka`: what each way to keep a log costs, and how well it serves. All
 * strategies do the same work on the simulated engine, with whole links and with partitions, beside
 * what others have published.
 *
 * @module
 */

import { loadProgram } from "../../lib/workbench/mod.ts";
import { nodeIds, type TestOptions } from "../../lib/workload/mod.ts";
import { kafka } from "../../lib/workload/kafka.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { numeric, withDefault } from "../cli/flag_kinds.ts";
import type { GivenFlags } from "../cli/flags.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { figure } from "./columns.ts";
import { type LogFigures, measureLog } from "./kafka_figures.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare kafka [flags]

Runs every strategy of kafka on the same work. Leaves DIR/kafka.json. Flags:
`;

const compareFlags = {
  "node-count": withDefault(maelstromFlags["node-count"], "2"),
  concurrency: withDefault(maelstromFlags.concurrency, "2n"),
  rate: numeric("R", "requests per second (1000)", { least: 0, above: true }),
  "time-limit": numeric("SECONDS", "how long to test (20)", { least: 1 }),
  latency: withDefault(maelstromFlags.latency, "0"),
  nemesis: withDefault(maelstromFlags.nemesis, "none, and partition"),
  "nemesis-interval": withDefault(maelstromFlags["nemesis-interval"], "3"),
  ...reportFlags,
} as const;

type CompareFlags = GivenFlags<typeof compareFlags>;

/** The strategies, and what they get. */
const STRATEGIES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["lamport", ["--strategy", "lamport"]],
  ["lamport, acks all", ["--strategy", "lamport", "--acks", "all"]],
  ["owner", ["--strategy", "owner"]],
  ["owner, acks all", ["--strategy", "owner", "--acks", "all"]],
  ["lin-kv", ["--strategy", "lin-kv"]],
  ["single", ["--strategy", "single"]],
];

/** The best that could be found in about 130 public solutions and write-ups, for challenge 5b. */
const PUBLISHED: readonly (readonly [name: string, messages: number])[] = [
  ["published, owner and copies", 0.55],
  ["published, forwarding", 1.37],
];

const HEADINGS = [
  "strategy",
  "messages",
  "worst",
  "bytes",
  "send",
  "99 %",
  "poll",
  "99 %",
  "lag",
  "99 %",
  "ok",
  "lost",
  "valid",
];

const NOTE =
  "Per operation: messages between servers, the store among them (mean and worst run), " +
  "and bytes. In ms, median and 99th percentile: how long a send takes; a poll, its commit " +
  "included; and how far what polls show is behind what was acknowledged. Then how many " +
  "operations succeeded, of those that clients did not end themselves, and how much of the " +
  "clients' time was lost on others.";

/** Runs the comparison; returns its exit code. Throws `BadArguments`. */
export async function compareLogs(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const options = optionsOf(flags);
  const seeds = flags.seeds ?? 3;
  const report = new Report("kafka", flags, settingOf(options, seeds));
  const program = await loadProgram("nodes/kafka.ts");
  const all: (LogFigures & { readonly strategy: string; readonly nemesis: readonly string[] })[] =
    [];
  for (const nemesis of flags.nemesis === undefined ? [[], ["partition"]] : [flags.nemesis]) {
    const rows: string[][] = [HEADINGS];
    for (const [strategy, strategyArgs] of STRATEGIES) {
      const figures = await measureLog({
        program,
        seeds,
        args: strategyArgs,
        workload: kafka,
        options: { ...options, nemesis },
      });
      rows.push([strategy, ...cells(figures)]);
      all.push({ strategy, nemesis, ...figures });
    }
    // They are about as many nodes.
    if (nemesis.length === 0 && options.nodes.length === 2) rows.push(...published());
    report.table(rows, nemesis.length === 0 ? "Whole links" : `Under ${nemesis.join(", ")}`);
  }
  report.note(NOTE);
  report.keep(all, ["kafka", ...args]);
  return all.every(({ isValid }) => isValid) ? ExitCode.valid : ExitCode.invalid;
}

function optionsOf(flags: CompareFlags) {
  const nodes = nodeIds(flags["node-count"] ?? 2);
  const given = flags.concurrency ?? "2n";
  return {
    nodes,
    concurrency: given.endsWith("n") ? Number(given.slice(0, -1)) * nodes.length : Number(given),
    rate: flags.rate ?? 1000,
    timeLimit: flags["time-limit"] ?? 20,
    latency: { mean: flags.latency ?? 0, distribution: "exponential" },
    nemesisInterval: flags["nemesis-interval"] ?? 3,
  } satisfies Partial<TestOptions>;
}

function settingOf(options: ReturnType<typeof optionsOf>, seeds: number): string {
  const { nodes, concurrency, timeLimit, rate, latency } = options;
  return `${nodes.length} nodes, ${concurrency} clients, ${timeLimit} s at rate ${rate}, latency ` +
    `${latency.mean} ms, ${seeds} ${seeds === 1 ? "run" : "runs"} of each`;
}

function cells(figures: LogFigures): string[] {
  const { messages, mostMessages, bytes, send, poll, lag, okFraction, lostTime, isValid } = figures;
  const decimals = messages < 1 ? 3 : 2;
  return [
    figure(messages, decimals),
    figure(mostMessages, decimals),
    figure(bytes, 0),
    ...[send, poll, lag].flatMap(({ median, high }) => [figure(median, 0), figure(high, 0)]),
    `${figure(100 * okFraction, 1)} %`,
    `${figure(100 * lostTime, 1)} %`,
    isValid ? "yes" : "no",
  ];
}

function published(): string[][] {
  const unknown = new Array<string>(HEADINGS.length - 4).fill("–");
  return PUBLISHED.map(([name, messages]) => [name, figure(messages, 2), "–", ...unknown, ""]);
}
