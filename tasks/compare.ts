/**
 * `deno task compare NAME`: the strategies of a node side by side, on the same work. `--record` writes
 * what it shows into the README, see `compare/record.ts`.
 *
 * @module
 */

import { BadArguments } from "./cli/exit_code.ts";
import { runCommand } from "./cli/run_command.ts";
import { compareBroadcast } from "./compare/broadcast.ts";
import { compareCounters } from "./compare/counter.ts";
import { compareLogs } from "./compare/kafka.ts";
import { compareRetries } from "./compare/retries.ts";
import { compareTransactions } from "./compare/txn.ts";

type Comparison = (args: readonly string[]) => Promise<number>;

/** What can be compared. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  broadcast: compareBroadcast,
  counter: compareCounters,
  kafka: compareLogs,
  retries: compareRetries,
  txn: compareTransactions,
};

async function compare([name, ...args]: readonly string[]): Promise<number> {
  const comparison = name === undefined ? undefined : COMPARISONS[name];
  if (comparison !== undefined) return await comparison(args);
  const names = Object.keys(COMPARISONS).join(", ");
  throw new BadArguments(`What is to be compared? There is: ${names}.`);
}

if (import.meta.main) Deno.exit(await runCommand(() => compare(Deno.args)));
