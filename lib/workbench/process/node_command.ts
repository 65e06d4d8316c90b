/**
 * Finds the command that runs the program at `--bin`.
 *
 * @module
 */

import { StartError } from "../engine.ts";
import { isWasm } from "../sim/load_program.ts";
import { firstLine, installedPrograms, type Programs } from "./shebang.ts";

/** The command line of a node's process. */
export interface NodeCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** `#!/usr/bin/env -S deno run --allow-read`; the group holds the arguments after `deno`. */
const DENO_SHEBANG = /^#!\s*\/usr\/bin\/env\s+(?:-S\s+)?deno((?:\s+[^\s'"\\]+)+)\s*$/;

/**
 * Returns the command that runs the program at a path. An executable file runs directly; an
 * executable script with a Deno shebang, and a `.ts` file that is not executable, run with this
 * Deno, with further permissions if these are given. Throws a {@link StartError} for any other path.
 */
export function findNodeCommand(
  path: string,
  args: readonly string[],
  permissions: readonly string[] = [],
): NodeCommand {
  const file = realPath(path);
  const info = Deno.statSync(file);
  if (info.isDirectory) {
    throw new StartError(`--bin ${path} is a folder; expected a program that runs one node.`);
  }
  if (isWasm(file)) {
    throw new StartError(
      `--bin ${path} is a WebAssembly module, which only the sim engine runs: use --engine sim, or ` +
        "build the program for this machine.",
    );
  }
  if (((info.mode ?? 0o111) & 0o111) !== 0) {
    const denoArgs = denoArguments(file);
    if (denoArgs === undefined) return { command: file, args };
    return { command: Deno.execPath(), args: [...denoArgs, ...permissions, file, ...args] };
  }
  if (file.endsWith(".ts")) {
    return { command: Deno.execPath(), args: ["run", ...permissions, file, ...args] };
  }
  throw new StartError(
    `--bin ${path} is not executable. Make it executable with: chmod +x ${path}`,
  );
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new StartError(
        `--bin ${path}: no such file (relative to ${Deno.cwd()}).${pathHint(path)}`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new StartError(`--bin ${path} cannot be reached: ${error.message}.`);
    }
    throw error;
  }
}

/** Returns the sentence that helps with a path that does not exist; empty without one. */
export function pathHint(path: string, programs: Programs = installedPrograms): string {
  const [program = "", ...args] = path.split(" ");
  if (!programs.isOnPath(program) && !programs.exists(program)) return "";
  return args.length === 0
    ? ` ${program} is on the PATH; give its path, or that of a script with a shebang.`
    : ` --bin takes a path without arguments: those of the node go to the end, after --; ` +
      "a script names its interpreter in a shebang.";
}

/** Returns the Deno arguments in a file's shebang; undefined if it has no Deno shebang. */
function denoArguments(file: string): string[] | undefined {
  const found = DENO_SHEBANG.exec(firstLine(file) ?? "");
  return found === null ? undefined : (found[1] as string).trim().split(/\s+/);
}
