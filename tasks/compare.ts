/**
 * `deno task compare NAME`: measures the strategies of a node on the same work. `--record` also
 * writes the tables to docs/benchmarks.md, see `compare/record.ts`.
 *
 * @module
 */

import { UsageError } from "../lib/base/mod.ts";
import { print } from "./cli/console.ts";
import { ExitCode } from "./cli/exit_code.ts";
import { runUserCommand } from "./cli/run_command.ts";
import { compareBroadcast } from "./compare/broadcast.ts";
import { compareCounters } from "./compare/counter.ts";
import { compareLogs } from "./compare/kafka.ts";
import { compareRegisters } from "./compare/lin_kv.ts";
import { comparePrograms, isProgram } from "./compare/programs.ts";
import { compareRetries } from "./compare/retries.ts";
import { compareTransactions } from "./compare/txn.ts";

type Comparison = (args: readonly string[]) => Promise<number>;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  broadcast: compareBroadcast,
  counter: compareCounters,
  kafka: compareLogs,
  "lin-kv": compareRegisters,
  retries: compareRetries,
  txn: compareTransactions,
};

const USAGE = `deno task compare NAME [flags]
deno task compare PROGRAM… --workload NAME [flags]

Measures the strategies of a node, or programs of your own, on the same work:
messages, bytes, latency. deno task compare ./a.ts --help lists the flags.
  broadcast  strategies of nodes/broadcast.ts
  counter    strategies of nodes/g_counter.ts and nodes/pn_counter.ts
  kafka      strategies of nodes/kafka.ts
  lin-kv     strategies of nodes/lin_kv.ts
  retries    retry policies of nodes/broadcast.ts under partitions
  txn        isolation levels of both transactional nodes
deno task compare NAME --help lists the flags. Exit codes: 0 all results are
valid, 1 a result is invalid, 254 invalid arguments, 255 a node does not start.`;

async function compare([name, ...args]: readonly string[]): Promise<number> {
  if (name === "--help" || name === "-h") {
    print(USAGE);
    return ExitCode.valid;
  }
  if (name !== undefined && isProgram(name)) return await comparePrograms([name, ...args]);
  const names = Object.keys(COMPARISONS).join(", ");
  if (name === undefined) throw new UsageError(`missing comparison; choose one of ${names}`);
  const comparison = COMPARISONS[name];
  if (comparison !== undefined) return await comparison(args);
  throw new UsageError(
    `unknown comparison "${name}"; choose one of ${names}, or give programs: ./a.ts ./b.ts`,
  );
}

if (import.meta.main) Deno.exit(await runUserCommand(() => compare(Deno.args)));
