/**
 * Finds out how to run what `--bin` names.
 *
 * @module
 */

import { StartError } from "../engine.ts";

/** A command line. */
export interface NodeCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** `#!/usr/bin/env -S deno run --allow-read`: the words behind `deno` are the group. */
const DENO_SHEBANG = /^#!\s*\/usr\/bin\/env\s+(?:-S\s+)?deno((?:\s+[^\s'"\\]+)+)\s*$/;
const MAX_SHEBANG_BYTES = 256;

/**
 * How to run the program at a path: directly if it has the run bit, by this Deno if its first line
 * asks for Deno or it is a `.ts` file without the run bit. Throws a {@link StartError} that says what
 * to do when it is neither.
 */
export function findNodeCommand(path: string, args: readonly string[]): NodeCommand {
  const file = realPath(path);
  const info = Deno.statSync(file);
  if (info.isDirectory) {
    throw new StartError(`--bin ${path} is a folder; it must be a program that runs one node.`);
  }
  if (((info.mode ?? 0o111) & 0o111) !== 0) {
    const denoArgs = denoArguments(file);
    if (denoArgs === undefined) return { command: file, args };
    return { command: Deno.execPath(), args: [...denoArgs, file, ...args] };
  }
  if (file.endsWith(".ts")) return { command: Deno.execPath(), args: ["run", file, ...args] };
  throw new StartError(
    `--bin ${path} is not executable. Make it so with: chmod +x ${path}`,
  );
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new StartError(
        `--bin ${path}: there is no such file (looked for it in ${Deno.cwd()}).`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new StartError(`--bin ${path} cannot be reached: ${error.message}.`);
    }
    throw error;
  }
}

/** The arguments that a script's first line has for Deno; undefined when it asks for another program. */
function denoArguments(file: string): string[] | undefined {
  const found = DENO_SHEBANG.exec(firstLine(file));
  return found === null ? undefined : (found[1] as string).trim().split(/\s+/);
}

function firstLine(path: string): string {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(MAX_SHEBANG_BYTES);
    const length = file.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, length)).split("\n", 1)[0] as string;
  } catch (error) {
    // A program may be run by those who may not read it.
    if (error instanceof Deno.errors.PermissionDenied) return "";
    throw error;
  }
}
