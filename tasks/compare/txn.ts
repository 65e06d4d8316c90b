/**
 * `deno task compare txn`: what each isolation level costs. All strategies of both transactional
 * workloads run the same work on the simulation engine, on a healthy network and under partitions.
 * The checker tests each history against one consistency model after another.
 *
 * @module
 */

import { flag, type FlagValues } from "../../lib/base/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { loadProgram } from "../../lib/workbench/mod.ts";
import { findWorkload, nodeIds, type TestOptions, type Workload } from "../../lib/workload/mod.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { projectPath } from "../cli/users_folder.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { formatFixed } from "./columns.ts";
import { readComparison, Report, reportFlags } from "./report.ts";
import { measureTransactions, type TransactionFigures } from "./txn_figures.ts";

const USAGE = `deno task compare txn [flags]

Runs every strategy of txn-rw-register and txn-list-append on the same work.
Writes DIR/txn.json. Flags (defaults in brackets):
`;

/** The flags of compare txn. */
export const compareFlags = {
  "node-count": flag.withDefault(maelstromFlags["node-count"], 3),
  concurrency: flag.withDefault(maelstromFlags.concurrency, "2n"),
  rate: flag.number({ placeholder: "R", help: "requests per second", default: 200, above: true }),
  "time-limit": flag.number({
    placeholder: "S",
    help: "length of the main phase in seconds",
    default: 20,
    min: 1,
  }),
  latency: flag.withDefault(maelstromFlags.latency, 5),
  ...reportFlags,
  seeds: flag.withDefault(reportFlags.seeds, 3),
} as const;

type CompareFlags = FlagValues<typeof compareFlags>;

/** The strategies, the weakest isolation first. */
const STRATEGIES: readonly (readonly [workload: string, strategy: string])[] = [
  ["txn-rw-register", "local"],
  ["txn-rw-register", "read-uncommitted"],
  ["txn-rw-register", "read-committed"],
  ["txn-rw-register", "causal"],
  ["txn-rw-register", "lin-kv"],
  ["txn-list-append", "root"],
  ["txn-list-append", "raft"],
];

/** The column heads of the tables. */
export const TRANSACTION_HEADS: readonly string[] = [
  "strategy",
  "msgs/txn",
  "worst run",
  "bytes/txn",
  "p50 ms",
  "p99 ms",
  "ok",
  "converged",
  "strongest model",
  "refuted model",
];

/** The explanation of the columns. */
export const TRANSACTION_NOTE =
  "Per transaction: messages between servers, the key-value store included (mean and worst run), and " +
  "bytes. Latency of successful transactions in ms, 50th and 99th percentile. ok: transactions that " +
  "succeeded. converged: whether all nodes return the same values after the last fault. strongest " +
  "model: the strongest consistency model that no run refutes; refuted model: the next stronger one, " +
  "with the anomalies that refute it.";

/** Runs the comparison; returns its exit code. Throws `UsageError`. */
export async function compareTransactions(args: readonly string[]): Promise<number> {
  const flags = readComparison(args, USAGE, compareFlags);
  if (flags === undefined) return ExitCode.valid;
  const options = optionsOf(flags);
  const { seeds } = flags;
  const report = new Report("txn", flags, settingOf(options, seeds));
  const all: (TransactionFigures & { readonly strategy: string; readonly nemesis: string[] })[] =
    [];
  for (const nemesis of [[], ["partition"]]) {
    const rows: string[][] = [[...TRANSACTION_HEADS]];
    for (const [workload, strategy] of STRATEGIES) {
      const found = findWorkload(workload) as Workload;
      const program: NodeFunction = await loadProgram(
        projectPath(`nodes/${workload.replaceAll("-", "_")}.ts`),
      );
      const figures = await measureTransactions({
        program,
        strategy,
        workload: found,
        options: { ...options, faults: nemesis },
        seeds,
      });
      rows.push([strategy, ...cells(figures)]);
      all.push({ strategy, nemesis, ...figures });
    }
    report.table(rows, nemesis.length === 0 ? "Healthy network" : "Partitions, half of the time");
  }
  report.note(TRANSACTION_NOTE);
  report.save(all, ["txn", ...args]);
  return ExitCode.valid;
}

function optionsOf(flags: CompareFlags) {
  const nodes = nodeIds(flags["node-count"]);
  const given = flags.concurrency;
  return {
    nodes,
    concurrency: given.endsWith("n") ? Number(given.slice(0, -1)) * nodes.length : Number(given),
    ratePerSecond: flags.rate,
    timeLimitSeconds: flags["time-limit"],
    latency: { meanMs: flags.latency, distribution: "exponential" },
    nemesisIntervalSeconds: 3,
  } satisfies Partial<TestOptions>;
}

function settingOf(options: ReturnType<typeof optionsOf>, seeds: number): string {
  const { nodes, concurrency, ratePerSecond, timeLimitSeconds, latency } = options;
  return `${nodes.length} nodes, ${concurrency} clients, ${timeLimitSeconds} s at rate ${ratePerSecond}, latency ` +
    `${latency.meanMs} ms ${latency.distribution}, ${seeds} ${
      seeds === 1 ? "run" : "runs"
    } of each`;
}

function cells(figures: TransactionFigures): string[] {
  const { messages, mostMessages, bytes, latency, okFraction, agree, holds, refuted } = figures;
  const decimals = messages < 1 ? 3 : 2;
  return [
    formatFixed(messages, decimals),
    formatFixed(mostMessages, decimals),
    formatFixed(bytes, 0),
    formatFixed(latency.median, 1),
    formatFixed(latency.high, 1),
    `${formatFixed(100 * okFraction, 1)} %`,
    agree ? "yes" : "no",
    holds ?? "none",
    refuted === undefined ? "" : `${refuted.model} (${refuted.anomalies.join(", ")})`,
  ];
}
