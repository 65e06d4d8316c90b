/**
 * Runs a command as a user does who stands in a folder.
 *
 * @module
 */

/** Runs a command in a folder; returns its exit code and output. */
export async function runInFolder(folder: string, command: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
    stdin: "null",
    // The task that runs the tests has set INIT_CWD to another folder.
    env: { NO_COLOR: "1", MAELSTROM: "", INIT_CWD: folder },
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}
