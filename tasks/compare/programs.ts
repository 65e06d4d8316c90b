/**
 * `deno task compare PROGRAM… --workload NAME`: the costs of programs of one's own, in any language,
 * on the same work.
 *
 * @module
 */

import {
  asksForHelp,
  flag,
  type FlagValues,
  stringifyJson,
  UsageError,
} from "../../lib/base/mod.ts";
import { NetStatistics } from "../../lib/check/mod.ts";
import { isClientOperation, pairOperations } from "../../lib/history/mod.ts";
import { involvesClient } from "../../lib/wire/mod.ts";
import { analyse, runTest } from "../../lib/workbench/mod.ts";
import type { TestOptions, Workload } from "../../lib/workload/mod.ts";
import { type BuiltInEngine, createEngine } from "../cli/engine_choice.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { maelstromFlags, testOptions, workloadOf } from "../cli/test_flags.ts";
import { formatFixed } from "./columns.ts";
import { readComparison, Report, reportFlags } from "./report.ts";

const USAGE = `deno task compare PROGRAM… --workload NAME [flags]

Runs each program on the same work. A PROGRAM is a path, with arguments of the
node if it has some: './a.ts --interval 50'. Writes DIR/programs.json. Flags
(defaults in brackets):
`;

/** The flags of compare with programs. */
export const compareFlags = {
  workload: { ...maelstromFlags.workload, defaultText: "required" },
  engine: flag.withDefault(
    flag.oneOf(["process", "sim"], { placeholder: "E", help: "process or sim" }),
    "process",
  ),
  "node-count": flag.withDefault(maelstromFlags["node-count"], 5),
  concurrency: maelstromFlags.concurrency,
  rate: flag.withDefault(maelstromFlags.rate, 100),
  "time-limit": flag.withDefault(maelstromFlags["time-limit"], 10),
  latency: maelstromFlags.latency,
  "latency-dist": maelstromFlags["latency-dist"],
  topology: maelstromFlags.topology,
  nemesis: maelstromFlags.nemesis,
  "nemesis-interval": maelstromFlags["nemesis-interval"],
  "consistency-models": maelstromFlags["consistency-models"],
  seeds: flag.withDefault(reportFlags.seeds, 1),
  out: reportFlags.out,
  help: flag.help,
} as const;

type CompareFlags = FlagValues<typeof compareFlags>;

/** The measurements of a program in one run. */
interface RunFigures {
  readonly operations: number;
  readonly succeeded: number;
  /** The messages between servers, and their bytes as JSON. */
  readonly messages: number;
  readonly bytes: number;
  /** The latencies of successful operations, in ascending order. */
  readonly latenciesMs: readonly number[];
  readonly isValid: boolean;
}

const HEADS = ["program", "msgs/op", "worst run", "bytes/op", "p50 ms", "p99 ms", "ok", "valid"];
const NOTE =
  "Per operation: messages between servers, services included (mean and worst run), and " +
  "bytes. Latency of successful operations, 50th and 99th percentile of all runs. ok: operations " +
  "that succeeded.";

/** Whether an argument of compare is a program, not the name of a comparison. */
export function isProgram(argument: string): boolean {
  return /[/.]/.test(argument.split(" ", 1)[0] ?? "");
}

/** Runs the comparison; returns its exit code. Throws `UsageError`. */
export async function comparePrograms(args: readonly string[]): Promise<number> {
  const end = args.findIndex((argument) => argument.startsWith("-"));
  const programs = end < 0 ? args : args.slice(0, end);
  const flags = readComparison(end < 0 ? [] : args.slice(end), USAGE, compareFlags);
  if (flags === undefined || asksForHelp(args)) return ExitCode.valid;
  if (flags.workload === undefined) throw new UsageError("missing --workload NAME");
  const workload = await workloadOf(flags);
  const options = optionsOf(flags, workload, "0");
  const { nodes, ratePerSecond, timeLimitSeconds, nemesis } = options;
  const setting = [
    `${workload.name} on ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`,
    `${timeLimitSeconds} s at rate ${ratePerSecond}`,
    ...(nemesis.length === 0 ? [] : [`nemesis ${nemesis.join(", ")}`]),
    `engine ${flags.engine}`,
    `${flags.seeds} ${flags.seeds === 1 ? "run" : "runs"} of each`,
  ].join(", ");
  const report = new Report("programs", { ...flags, record: false }, setting);
  const figures: Record<string, readonly RunFigures[]> = {};
  for (const program of programs) {
    const runs: RunFigures[] = [];
    for (let seed = 0; seed < flags.seeds; seed++) {
      runs.push(
        await measure(program, flags.engine, workload, optionsOf(flags, workload, `${seed}`)),
      );
    }
    figures[program] = runs;
  }
  report.table([HEADS, ...Object.entries(figures).map(([program, runs]) => cells(program, runs))]);
  report.note(NOTE);
  report.save(figures, args);
  const areValid = Object.values(figures).flat().every(({ isValid }) => isValid);
  return areValid ? ExitCode.valid : ExitCode.invalid;
}

function optionsOf(flags: CompareFlags, workload: Workload, seed: string): TestOptions {
  const { engine: _, help: __, out: ___, seeds: ____, ...given } = flags;
  return testOptions(given, workload, seed);
}

async function measure(
  program: string,
  engineName: BuiltInEngine,
  workload: Workload,
  options: TestOptions,
): Promise<RunFigures> {
  const [bin = "", ...args] = program.split(/\s+/);
  const engine = await createEngine(engineName, { path: bin }, args, options.seed);
  const net = new NetStatistics();
  let messages = 0;
  let bytes = 0;
  const { history, problems, crashes } = await runTest({
    engine,
    options,
    workload,
    signal: new AbortController().signal,
    log: () => {},
    journal({ type, id, message }) {
      net[type](id, message.src, message.dest);
      if (type !== "send" || involvesClient(message)) return;
      messages++;
      bytes += stringifyJson(message).length;
    },
  });
  const now = () => performance.now();
  const results = analyse({ options, workload, history, net, problems, crashes, now });
  const operations = pairOperations(history.filter(isClientOperation));
  const latenciesMs = operations.flatMap(({ invocation, completion }) =>
    completion?.type === "ok" ? [(completion.time - invocation.time) / 1e6] : []
  ).sort((a, b) => a - b);
  return {
    messages,
    bytes,
    latenciesMs,
    operations: operations.length,
    succeeded: latenciesMs.length,
    isValid: results["valid?"] === true,
  };
}

function cells(program: string, runs: readonly RunFigures[]): string[] {
  const sum = (value: (run: RunFigures) => number) =>
    runs.reduce((total, run) => total + value(run), 0);
  const operations = sum((run) => run.operations);
  const latenciesMs = runs.flatMap((run) => run.latenciesMs).sort((a, b) => a - b);
  const at = (fraction: number) =>
    latenciesMs[Math.floor(fraction * (latenciesMs.length - 1))] ?? NaN;
  const invalid = runs.filter(({ isValid }) => !isValid).length;
  return [
    program,
    formatFixed(sum(({ messages }) => messages) / operations, 2),
    formatFixed(Math.max(...runs.map(({ messages, operations }) => messages / operations)), 2),
    formatFixed(sum(({ bytes }) => bytes) / operations, 0),
    formatFixed(at(0.5), 1),
    formatFixed(at(0.99), 1),
    `${formatFixed(100 * sum(({ succeeded }) => succeeded) / operations, 1)} %`,
    invalid === 0 ? "yes" : `no, ${invalid} of ${runs.length}`,
  ];
}
