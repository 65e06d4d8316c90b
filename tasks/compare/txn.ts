/**
 * `deno task compare txn`: what each level of isolation costs. All strategies of both transactional
 * workloads do the same work on the simulated engine, with whole links and with partitions; the
 * histories are judged by one model after the other.
 *
 * @module
 */

import type { NodeFunction } from "../../lib/node/mod.ts";
import { loadProgram } from "../../lib/workbench/mod.ts";
import { findWorkload, nodeIds, type TestOptions, type Workload } from "../../lib/workload/mod.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { numeric, withDefault } from "../cli/flag_kinds.ts";
import type { GivenFlags } from "../cli/flags.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { figure } from "./columns.ts";
import { readComparison, Report, reportFlags } from "./report.ts";
import { measureTransactions, type TransactionFigures } from "./txn_figures.ts";

const USAGE = `deno task compare txn [flags]

Runs every strategy of txn-rw-register and txn-list-append on the same work. Leaves DIR/txn.json.
Flags:
`;

const compareFlags = {
  "node-count": withDefault(maelstromFlags["node-count"], "3"),
  concurrency: withDefault(maelstromFlags.concurrency, "2n"),
  rate: numeric("R", "requests per second (200)", { least: 0, above: true }),
  "time-limit": numeric("SECONDS", "how long to test (20)", { least: 1 }),
  latency: withDefault(maelstromFlags.latency, "5"),
  ...reportFlags,
} as const;

type CompareFlags = GivenFlags<typeof compareFlags>;

/** The strategies, the weakest first. */
const STRATEGIES: readonly (readonly [workload: string, strategy: string])[] = [
  ["txn-rw-register", "local"],
  ["txn-rw-register", "read-uncommitted"],
  ["txn-rw-register", "read-committed"],
  ["txn-rw-register", "causal"],
  ["txn-rw-register", "lin-kv"],
  ["txn-list-append", "root"],
];

const HEADINGS = [
  "strategy",
  "messages",
  "worst",
  "bytes",
  "median",
  "99 %",
  "ok",
  "agree",
  "holds",
  "but not",
];

const NOTE =
  "Per transaction: messages between servers, the store among them (mean and worst run), and bytes. " +
  "In ms, how long those that succeeded took: median and 99th percentile. Then how many succeeded, " +
  "whether all nodes agree after the last fault, the strongest model that no run refutes, and the " +
  "next stronger one with the anomalies that refute it.";

/** Runs the comparison; returns its exit code. Throws `BadArguments`. */
export async function compareTransactions(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const options = optionsOf(flags);
  const seeds = flags.seeds ?? 3;
  const report = new Report("txn", flags, settingOf(options, seeds));
  const all: (TransactionFigures & { readonly strategy: string; readonly nemesis: string[] })[] =
    [];
  for (const nemesis of [[], ["partition"]]) {
    const rows: string[][] = [HEADINGS];
    for (const [workload, strategy] of STRATEGIES) {
      const found = findWorkload(workload) as Workload;
      const program: NodeFunction = await loadProgram(`nodes/${workload.replaceAll("-", "_")}.ts`);
      const figures = await measureTransactions({
        program,
        strategy,
        workload: found,
        options: { ...options, nemesis },
        seeds,
      });
      rows.push([strategy, ...cells(figures)]);
      all.push({ strategy, nemesis, ...figures });
    }
    report.table(rows, nemesis.length === 0 ? "Whole links" : "Partitions, half of the time");
  }
  report.note(NOTE);
  report.keep(all, ["txn", ...args]);
  return ExitCode.valid;
}

function optionsOf(flags: CompareFlags) {
  const nodes = nodeIds(flags["node-count"] ?? 3);
  const given = flags.concurrency ?? "2n";
  return {
    nodes,
    concurrency: given.endsWith("n") ? Number(given.slice(0, -1)) * nodes.length : Number(given),
    rate: flags.rate ?? 200,
    timeLimit: flags["time-limit"] ?? 20,
    latency: { mean: flags.latency ?? 5, distribution: "exponential" },
    nemesisInterval: 3,
  } satisfies Partial<TestOptions>;
}

function settingOf(options: ReturnType<typeof optionsOf>, seeds: number): string {
  const { nodes, concurrency, rate, timeLimit, latency } = options;
  return `${nodes.length} nodes, ${concurrency} clients, ${timeLimit} s at rate ${rate}, latency ` +
    `${latency.mean} ms ${latency.distribution}, ${seeds} ${seeds === 1 ? "run" : "runs"} of each`;
}

function cells(figures: TransactionFigures): string[] {
  const { messages, mostMessages, bytes, latency, okFraction, agree, holds, refuted } = figures;
  const decimals = messages < 1 ? 3 : 2;
  return [
    figure(messages, decimals),
    figure(mostMessages, decimals),
    figure(bytes, 0),
    figure(latency.median, 1),
    figure(latency.high, 1),
    `${figure(100 * okFraction, 1)} %`,
    agree ? "yes" : "no",
    holds ?? "nothing",
    refuted === undefined ? "" : `${refuted.model} (${refuted.anomalies.join(", ")})`,
  ];
}
