/**
 * Finds out how to run what `--bin` names.
 *
 * @module
 */

import { StartError } from "../engine.ts";

/** A command line. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * How to run the program at a path: directly if it has the run bit, a `.ts` file without one by this
 * Deno. Throws a {@link StartError} that says what to do when it is neither.
 */
export function findProgram(path: string, args: readonly string[]): Program {
  const file = realPath(path);
  const info = Deno.statSync(file);
  if (info.isDirectory) {
    throw new StartError(`--bin ${path} is a folder; it must be a program that runs one node.`);
  }
  if (((info.mode ?? 0o111) & 0o111) !== 0) return { command: file, args };
  if (file.endsWith(".ts")) return { command: Deno.execPath(), args: ["run", file, ...args] };
  throw new StartError(
    `--bin ${path} is not executable. Make it so with: chmod +x ${path}`,
  );
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StartError(
      `--bin ${path}: there is no such file (looked for it in ${Deno.cwd()}).`,
    );
  }
}
