/**
 * Runs `deno task maelstrom` as a process, for tests of the command line.
 *
 * @module
 */

/** A command's exit code and output. */
export interface TaskOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-env=PATH,TMPDIR,MAELSTROM,NO_COLOR",
];

/** Returns the command that `deno task maelstrom` runs, with arguments. */
export function maelstromCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...PERMISSIONS, "tasks/maelstrom.ts", ...args],
    env: { NO_COLOR: "1", MAELSTROM: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs `deno task maelstrom` until it ends. */
export async function runMaelstromTask(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<TaskOutcome> {
  const { code, stdout, stderr } = await maelstromCommand(args, env).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
