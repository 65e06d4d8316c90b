/**
 * The words that can follow others on the command line of a task, from the tables of flags that
 * `--help` describes.
 *
 * The keys of the table:
 *
 * | Key | Words |
 * |---|---|
 * | `tasks` | all tasks |
 * | `words C` | arguments of command C: a task, or a task and its subcommand |
 * | `flags C` | flags of C; of the node that serves W if C is `node W` |
 * | `values C --flag` | values of a flag of C; empty if any text may follow |
 * | `workload X` | the workload that X names: a workload, a challenge's id, a task |
 *
 * @module
 */

import type { FlagTable } from "../../lib/base/mod.ts";
import { WORKLOADS } from "../../lib/workload/mod.ts";
import { benchFlags as benchCheckFlags } from "../bench_check.ts";
import { benchFlags as benchFilesFlags } from "../bench_files.ts";
import { benchFlags as benchKafkaFlags } from "../bench_kafka.ts";
import { benchFlags as benchNatsFlags } from "../bench_nats.ts";
import { benchFlags as benchNodeFlags } from "../bench_node.ts";
import { benchFlags as benchSimFlags } from "../bench_sim.ts";
import { benchFlags as benchStorageFlags } from "../bench_storage.ts";
import { benchFlags as benchWasmFlags } from "../bench_wasm.ts";
import { CHALLENGES } from "../cli/challenges.ts";
import { checkFlags } from "../cli/check_command.ts";
import { exploreFlags } from "../cli/explore_flags.ts";
import { gatewayFlags } from "../cli/nats_flags.ts";
import { newFlags } from "../cli/new_command.ts";
import { playgroundFlags } from "../cli/playground_command.ts";
import { replayFlags } from "../cli/replay_command.ts";
import { serveFlags } from "../cli/serve_command.ts";
import { testFlags } from "../cli/test_flags.ts";
import { compareFlags as broadcastFlags } from "../compare/broadcast.ts";
import { compareFlags as counterFlags } from "../compare/counter.ts";
import { compareFlags as logFlags } from "../compare/kafka.ts";
import { compareFlags as registerFlags } from "../compare/lin_kv.ts";
import { compareFlags as programFlags } from "../compare/programs.ts";
import { retryFlags } from "../compare/retries.ts";
import { compareFlags as transactionFlags } from "../compare/txn.ts";
import { compileFlags } from "../compile.ts";
import { ledgerFlags } from "../explore/ledger_command.ts";
import { mergeFlags } from "../explore/merge_command.ts";
import { workerFlags } from "../fleet/worker_command.ts";
import { mutateFlags } from "../mutate/mutate_command.ts";
import { plantedFlags } from "../planted/planted_command.ts";

/** The words by key. */
export type CompletionTable = ReadonlyMap<string, readonly string[]>;

/** The shells that have a script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What a command takes. */
interface Command {
  readonly flags?: FlagTable;
  readonly words?: readonly string[];
}

/** A node's flags by the workload that it serves. */
export type NodeFlags = Readonly<Record<string, FlagTable>>;

const workloadNames = WORKLOADS.map(({ name }) => name);
const challengeIds = CHALLENGES.map(({ id }) => id);

/** The commands: a task, or a task and its subcommand. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  "maelstrom": { words: ["test", "check"] },
  "maelstrom test": { flags: testFlags },
  "maelstrom check": { flags: checkFlags },
  "check": { flags: checkFlags },
  "new": { flags: newFlags },
  "challenge": { flags: testFlags, words: challengeIds },
  "scoreboard": { words: challengeIds },
  "explore": { flags: exploreFlags, words: [...workloadNames, "merge"] },
  "explore merge": { flags: mergeFlags },
  "explore:fleet": { flags: exploreFlags, words: workloadNames },
  "worker": { flags: workerFlags },
  "ledger": { flags: ledgerFlags },
  "replay": { flags: replayFlags },
  "serve": { flags: serveFlags },
  "gateway": { flags: gatewayFlags },
  "playground": { flags: playgroundFlags },
  "compile": { flags: compileFlags },
  "mutate": { flags: mutateFlags },
  "planted": { flags: plantedFlags },
  "completions": { words: SHELLS },
  "compare": {
    flags: programFlags,
    words: ["broadcast", "counter", "kafka", "lin-kv", "retries", "txn"],
  },
  "compare broadcast": { flags: broadcastFlags },
  "compare counter": { flags: counterFlags },
  "compare kafka": { flags: logFlags },
  "compare lin-kv": { flags: registerFlags },
  "compare retries": { flags: retryFlags },
  "compare txn": { flags: transactionFlags },
  "bench:check": { flags: benchCheckFlags },
  "bench:files": { flags: benchFilesFlags },
  "bench:kafka": { flags: benchKafkaFlags },
  "bench:nats": { flags: benchNatsFlags },
  "bench:node": { flags: benchNodeFlags },
  "bench:sim": { flags: benchSimFlags },
  "bench:storage": { flags: benchStorageFlags },
  "bench:wasm": { flags: benchWasmFlags },
};

/** Returns the table for tasks, given as their command lines by name. */
export function completionTable(
  tasks: Readonly<Record<string, string>>,
  nodes: NodeFlags,
): CompletionTable {
  const table = new Map<string, readonly string[]>([["tasks", Object.keys(tasks)]]);
  for (const [name, command] of Object.entries(COMMANDS)) addCommand(table, name, command);
  for (const [workload, flags] of Object.entries(nodes)) {
    table.set(`workload ${workload}`, [workload]);
    addCommand(table, `node ${workload}`, { flags });
  }
  for (const { id, args } of CHALLENGES) {
    table.set(`workload ${id}`, [args[args.indexOf("-w") + 1] ?? ""]);
  }
  for (const [name, line] of Object.entries(tasks)) {
    // A task that runs another one, such as `deno task challenge 3a 3b`, takes its flags.
    const [, task = "", id = ""] = /^deno task ([\w:]+) ([\w-]+)/.exec(line) ?? [];
    const { flags } = COMMANDS[task] ?? {};
    if (flags === undefined) continue;
    addCommand(table, name, { flags });
    table.set(`workload ${name}`, table.get(`workload ${id}`) ?? []);
  }
  return table;
}

function addCommand(
  table: Map<string, readonly string[]>,
  name: string,
  { flags = {}, words = [] }: Command,
): void {
  const all = Object.keys(flags).includes("help") ? flags : { ...flags, help: {} };
  table.set(`flags ${name}`, Object.keys(all).map((flag) => `--${flag}`));
  if (words.length > 0) table.set(`words ${name}`, words);
  for (const [flag, { placeholder, short, words = [] }] of Object.entries(flags)) {
    if (placeholder === undefined) continue;
    table.set(`values ${name} --${flag}`, words);
    if (short !== undefined) table.set(`values ${name} -${short}`, words);
  }
}
