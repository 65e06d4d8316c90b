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
import { print, stdoutPalette } from "../cli/console.ts";
import { BadArguments, ExitCode } from "../cli/exit_code.ts";
import { help, numeric, withDefault } from "../cli/flag_kinds.ts";
import { describeFlags, type GivenFlags, readCommandLine } from "../cli/flags.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { alignColumns, figure } from "./columns.ts";
import { measureTransactions, type TransactionFigures } from "./txn_figures.ts";

const USAGE = `deno task compare txn [flags]

Runs every strategy of txn-rw-register and txn-list-append on the same work. Flags:
`;

const compareFlags = {
  seeds: numeric("N", "how many runs of each (3)", { least: 1, integer: true }),
  "node-count": withDefault(maelstromFlags["node-count"], "3"),
  concurrency: withDefault(maelstromFlags.concurrency, "2n"),
  rate: numeric("R", "requests per second (200)", { least: 0, above: true }),
  "time-limit": numeric("SECONDS", "how long to test (20)", { least: 1 }),
  latency: withDefault(maelstromFlags.latency, "5"),
  help,
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
  "bytes",
  "median",
  "99 %",
  "ok",
  "agree",
  "holds",
  "but not",
];

/** Runs the comparison; returns its exit code. Throws `BadArguments`. */
export async function compareTransactions(args: readonly string[]): Promise<number> {
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
      `latency ${latency.mean} ms; per transaction: messages and bytes between servers, ` +
      "latency in ms; after the last fault, whether all nodes agree",
  );
  const paint = stdoutPalette();
  for (const nemesis of [[], ["partition"]]) {
    print("");
    print(paint.strong(nemesis.length === 0 ? "Whole links" : "Partitions, half of the time"));
    const rows: string[][] = [HEADINGS];
    for (const [workload, strategy] of STRATEGIES) {
      const found = findWorkload(workload) as Workload;
      const program: NodeFunction = await loadProgram(`nodes/${workload.replaceAll("-", "_")}.ts`);
      const figures = await measureTransactions({
        program,
        strategy,
        workload: found,
        options: { ...options, nemesis },
        seeds: flags.seeds ?? 3,
      });
      rows.push([strategy, ...cells(figures)]);
    }
    for (const line of alignColumns(rows)) print(`  ${line}`);
  }
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

function cells(figures: TransactionFigures): string[] {
  const { messages, bytes, latency, okFraction, agree, holds, refuted } = figures;
  return [
    figure(messages, messages < 1 ? 3 : 2),
    figure(bytes, 0),
    figure(latency.median, 1),
    figure(latency.high, 1),
    `${figure(100 * okFraction, 1)} %`,
    agree ? "yes" : "no",
    holds ?? "nothing",
    refuted === undefined ? "" : `${refuted.model} (${refuted.anomalies.join(", ")})`,
  ];
}
