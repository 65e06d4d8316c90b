/**
 * `deno task compare kafka`: what each way to keep a log costs, and how well it serves. All
 * strategies do the same work on the simulated engine, with whole links and with partitions.
 *
 * @module
 */

import { loadProgram } from "../../lib/workbench/mod.ts";
import { nodeIds, type TestOptions } from "../../lib/workload/mod.ts";
import { kafka } from "../../lib/workload/kafka.ts";
import { print, stdoutPalette } from "../cli/console.ts";
import { BadArguments, ExitCode } from "../cli/exit_code.ts";
import { help, numeric, withDefault } from "../cli/flag_kinds.ts";
import { describeFlags, type GivenFlags, readCommandLine } from "../cli/flags.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { alignColumns, figure } from "./columns.ts";
import { type LogFigures, measureLog } from "./kafka_figures.ts";

const USAGE = `deno task compare kafka [flags]

Runs every strategy of kafka on the same work. Flags:
`;

const compareFlags = {
  seeds: numeric("N", "how many runs of each (3)", { least: 1, integer: true }),
  "node-count": withDefault(maelstromFlags["node-count"], "2"),
  concurrency: withDefault(maelstromFlags.concurrency, "2n"),
  rate: numeric("R", "requests per second (1000)", { least: 0, above: true }),
  "time-limit": numeric("SECONDS", "how long to test (20)", { least: 1 }),
  latency: withDefault(maelstromFlags.latency, "0"),
  help,
} as const;

/** The strategies, and what they get. */
const STRATEGIES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["lamport", ["--strategy", "lamport"]],
  ["lamport, acks all", ["--strategy", "lamport", "--acks", "all"]],
  ["owner", ["--strategy", "owner"]],
  ["owner, acks all", ["--strategy", "owner", "--acks", "all"]],
  ["lin-kv", ["--strategy", "lin-kv"]],
  ["single", ["--strategy", "single"]],
];

const HEADINGS = [
  "strategy",
  "messages",
  "bytes",
  "send",
  "99 %",
  "poll",
  "99 %",
  "lag",
  "99 %",
  "ok",
  "valid",
];

/** Runs the comparison; returns its exit code. Throws `BadArguments`. */
export async function compareLogs(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = readCommandLine(args, compareFlags);
  if (flags.help) {
    print(USAGE + describeFlags(compareFlags));
    return ExitCode.valid;
  }
  const stranger = positional[0] ?? rest[0];
  if (stranger !== undefined) throw new BadArguments(`'${stranger}' is no flag. See --help.`);
  const options = optionsOf(flags);
  const { nodes, concurrency, rate, timeLimit, latency } = options;
  print(
    `${nodes.length} nodes, ${concurrency} clients, ${timeLimit} s at rate ${rate}, ` +
      `latency ${latency.mean} ms; per operation: messages and bytes between servers;\n` +
      "in ms, the median and the 99th percentile: how long a send and a poll take, and how far a " +
      "poll is behind",
  );
  const program = await loadProgram("nodes/kafka.ts");
  const paint = stdoutPalette();
  for (const nemesis of [[], ["partition"]]) {
    print("");
    print(paint.strong(nemesis.length === 0 ? "Whole links" : "Partitions, half of the time"));
    const rows: string[][] = [HEADINGS];
    for (const [name, strategy] of STRATEGIES) {
      const figures = await measureLog({
        program,
        args: strategy,
        workload: kafka,
        options: { ...options, nemesis },
        seeds: flags.seeds ?? 3,
      });
      rows.push([name, ...cells(figures)]);
    }
    for (const line of alignColumns(rows)) print(`  ${line}`);
  }
  return ExitCode.valid;
}

function optionsOf(flags: GivenFlags<typeof compareFlags>) {
  const nodes = nodeIds(flags["node-count"] ?? 2);
  const given = flags.concurrency ?? "2n";
  return {
    nodes,
    concurrency: given.endsWith("n") ? Number(given.slice(0, -1)) * nodes.length : Number(given),
    rate: flags.rate ?? 1000,
    timeLimit: flags["time-limit"] ?? 20,
    latency: { mean: flags.latency ?? 0, distribution: "exponential" },
    nemesisInterval: 3,
  } satisfies Partial<TestOptions>;
}

function cells({ messages, bytes, send, poll, lag, okFraction, isValid }: LogFigures): string[] {
  return [
    figure(messages, messages < 1 ? 3 : 2),
    figure(bytes, 0),
    ...[send, poll, lag].flatMap(({ median, high }) => [figure(median, 0), figure(high, 0)]),
    `${figure(100 * okFraction, 1)} %`,
    isValid ? "yes" : "no",
  ];
}
