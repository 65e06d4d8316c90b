/**
 * `deno task completions SHELL`: prints the script that completes the tasks of this project.
 *
 * @module
 */

import { asksForHelp, type FlagTable, UsageError } from "../lib/base/mod.ts";
import { findWorkload } from "../lib/workload/mod.ts";
import { print } from "./cli/console.ts";
import { ExitCode } from "./cli/exit_code.ts";
import { runCommand } from "./cli/run_command.ts";
import { PROJECT } from "./cli/users_folder.ts";
import { completionTable, type NodeFlags, SHELLS } from "./completions/completion_table.ts";
import { completionScript } from "./completions/shell_scripts.ts";

const USAGE = `deno task completions SHELL

Prints a script for ${SHELLS.join(", ")}. It completes the tasks of this project,
in its folders: names of tasks, workloads and challenges, flags and values, and
after -- the flags of the node. To load it whenever the shell starts:
  deno task completions bash >~/.workbench.bash
  echo 'source ~/.workbench.bash' >>~/.bashrc
  deno task completions fish >~/.config/fish/conf.d/workbench.fish
Exit codes: 0 printed, 254 invalid arguments.`;

const ROOT = new URL("../", import.meta.url);

async function main(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    print(USAGE);
    return ExitCode.valid;
  }
  const [name, extra] = args;
  if (name === undefined) throw new UsageError(`missing shell; choose one of ${SHELLS.join(", ")}`);
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"; give one shell`);
  const shell = SHELLS.find((shell) => shell === name);
  if (shell === undefined) {
    throw new UsageError(`unknown shell "${name}"; choose one of ${SHELLS.join(", ")}`);
  }
  print(completionScript(shell, completionTable(readTasks(), await importNodeFlags()), PROJECT));
  return ExitCode.valid;
}

/** Returns the command line of each task. */
function readTasks(): Record<string, string> {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT))) as {
    tasks: Record<string, { command: string }>;
  };
  return Object.fromEntries(Object.entries(tasks).map(([name, { command }]) => [name, command]));
}

/** Returns the flags of the node for each workload that has one. */
async function importNodeFlags(): Promise<NodeFlags> {
  const flags: Record<string, FlagTable> = {};
  for (const { name } of Deno.readDirSync(new URL("nodes", ROOT))) {
    const workload = name.replace(/\.ts$/, "").replaceAll("_", "-");
    if (findWorkload(workload) === undefined) continue;
    const node = await import(new URL(`nodes/${name}`, ROOT).href) as {
      default: { flags?: FlagTable };
    };
    flags[workload] = node.default.flags ?? {};
  }
  return flags;
}

if (import.meta.main) Deno.exit(await runCommand(() => main(Deno.args)));
