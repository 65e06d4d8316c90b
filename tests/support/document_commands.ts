/**
 * Compares the commands of documents and workflows with the tasks of this project.
 *
 * @module
 */

import type { Command } from "./documents.ts";

/**
 * Returns what is wrong with a command of a document; undefined if nothing is. `flags` keeps the
 * flags that the tasks list in their help.
 */
export async function commandProblem(
  { task, args }: Command,
  flags: Map<string, Promise<ReadonlySet<string>>>,
): Promise<string | undefined> {
  const tasks = JSON.parse(Deno.readTextFileSync("deno.json")).tasks;
  if (/…$/.test(task)) return undefined;
  if (tasks[task] === undefined) return `deno.json has no task ${task}`;
  const shown = args.flatMap((arg) => /^--[a-z][a-z-]*/.exec(arg) ?? []).filter((name) =>
    name !== "--help"
  );
  if (shown.length === 0) return undefined;
  const isMerge = task === "explore" && args[0] === "merge";
  const helps = isMerge ? [[task, "merge"]] : HELP[task.replace(/:.*/, "")] ?? [[task]];
  for (const help of helps) {
    const key = help.join(" ");
    if (!flags.has(key)) flags.set(key, helpFlags(help));
  }
  const known = await Promise.all(helps.map((help) => flags.get(help.join(" "))));
  const unknown = shown.find((name) => !known.some((names) => names?.has(name)));
  return unknown === undefined ? undefined : `deno task ${task} has no ${unknown}`;
}

/** The commands whose help lists a task's flags; by default the task's own. */
const HELP: Readonly<Record<string, readonly (readonly string[])[]>> = {
  maelstrom: [["maelstrom", "test"], ["maelstrom", "check"]],
  challenge: [["maelstrom", "test"]],
  test: [["maelstrom", "test"]],
  compare: [
    ...["broadcast", "counter", "kafka", "retries", "txn"].map((name) => ["compare", name]),
    ["compare", "./a.ts"],
  ],
};

async function helpFlags(command: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...command, "--help"],
    env: { NO_COLOR: "1" },
  }).output();
  return new Set(new TextDecoder().decode(stdout).match(/--[a-z][a-z-]*/g));
}
