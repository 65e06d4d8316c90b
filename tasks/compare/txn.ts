/**
 * `deno task compare txn`: what each isolation level costs. All strategies of both transactional
 * workloads run the same work on the simulation engine, on a healthy network and under partitions.
 * The checker tests each history against one consistency model after another.
 *
 * @module
 */

import { flag } from "../../lib/base/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { loadProgram } from "../../lib/workbench/mod.ts";
import { findWorkload, type Workload } from "../../lib/workload/mod.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { projectPath } from "../cli/users_folder.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { formatFixed } from "./columns.ts";
import { readComparison, Report } from "./report.ts";
import { measureTransactions, type TransactionFigures } from "./txn_figures.ts";
import { describeWork, workFlags, workOptions } from "./work.ts";

const USAGE = `deno task compare txn [flags]

Runs every strategy of txn-rw-register and txn-list-append on the same work.
Writes DIR/txn.json. Flags (defaults in brackets):
`;

/** The flags of compare txn. */
export const compareFlags = {
  "node-count": flag.withDefault(maelstromFlags["node-count"], 3),
  rate: flag.number({ placeholder: "R", help: "requests per second", default: 200, above: true }),
  ...workFlags({ concurrency: "2n", latencyMs: 5 }),
} as const;

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
  const work = { ...workOptions(flags, flags["node-count"]), ratePerSecond: flags.rate };
  const options = { ...work, nemesisIntervalSeconds: 3 };
  const { seeds } = flags;
  const report = new Report("txn", flags, describeWork(work, seeds));
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
