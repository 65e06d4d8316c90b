/**
 * Finds the mistake in a program's first line that keeps the program from starting.
 *
 * @module
 */

import { delimiter } from "node:path";

/** Whether programs exist, by their paths, and by their names on the PATH. */
export interface Programs {
  exists(path: string): boolean;
  isOnPath(name: string): boolean;
}

const MAX_SHEBANG_BYTES = 256;
const EXAMPLE = "such as #!/usr/bin/env python3";
const ENV = /\/env$/;

/** Returns the first line of a program, at most its first 256 bytes; undefined if unreadable. */
export function firstLine(path: string): string | undefined {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(MAX_SHEBANG_BYTES);
    const length = file.readSync(bytes) ?? 0;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return decoder.decode(bytes.subarray(0, length)).split("\n", 1)[0];
  } catch (error) {
    // A file may be executable but not readable.
    const { NotFound, PermissionDenied } = Deno.errors;
    if (error instanceof NotFound || error instanceof PermissionDenied) return undefined;
    throw error;
  }
}

/**
 * Returns a sentence that names the mistake in a program's first line; undefined if the line has
 * none, or the program is not a script.
 */
export function shebangProblem(
  path: string,
  line: string | undefined,
  programs: Programs = installedPrograms,
): string | undefined {
  if (line === undefined || line === "" || isBinary(line)) return undefined;
  const shown = JSON.stringify(line);
  const start = line.search(/#\s*!/);
  if (start < 0) return `The first line of ${path} is ${shown}, not a shebang ${EXAMPLE}.`;
  if (!line.startsWith("#!")) {
    const before = line.startsWith("\ufeff") ? "a byte order mark" : "spaces or other characters";
    return `The first line of ${path} is ${shown}: it has ${before} before or in #!, ` +
      `and must begin with #!, ${EXAMPLE}.`;
  }
  if (line.endsWith("\r")) {
    return `The first line of ${path} ends in a carriage return (Windows line ends). ` +
      `Remove them with: sed -i 's/\\r$//' ${path}`;
  }
  const [interpreter = "", ...words] = line.slice(2).trim().split(/\s+/);
  if (interpreter === "") return `The first line of ${path} is ${shown}; expected a program in it.`;
  if (!interpreter.startsWith("/")) {
    return `The first line of ${path} names ${interpreter} without a folder; ` +
      `expected #!/usr/bin/env ${interpreter}.`;
  }
  if (!programs.exists(interpreter)) {
    return `The first line of ${path} names ${interpreter}, which does not exist.` +
      otherPython(interpreter, programs);
  }
  return ENV.test(interpreter) ? envProblem(path, words, programs) : undefined;
}

/** Returns the mistake in the words after `env`, which Linux passes as a single argument. */
function envProblem(
  path: string,
  words: readonly string[],
  programs: Programs,
): string | undefined {
  const isSplit = words[0] === "-S";
  const [program, ...args] = isSplit ? words.slice(1) : words;
  if (program === undefined || program.includes("=") || program.startsWith("-")) return undefined;
  if (!isSplit && args.length > 0) {
    return `The first line of ${path} passes arguments to ${program}; ` +
      `expected #!/usr/bin/env -S ${words.join(" ")}.`;
  }
  if (programs.isOnPath(program)) return undefined;
  return `The first line of ${path} names ${program}, which is not on the PATH.` +
    otherPython(program, programs);
}

/** Returns the sentence that helps most: many systems have `python3` and no `python`. */
function otherPython(program: string, { isOnPath }: Programs): string {
  if (!/(?:^|\/)python[0-9.]*$/.test(program) || !isOnPath("python3")) return "";
  return " This system has python3: write #!/usr/bin/env python3.";
}

function isBinary(line: string): boolean {
  // Compiled programs have zero bytes or invalid UTF-8 in their first bytes.
  return /[\0\x7f\ufffd]/.test(line);
}

/** The programs of this system. */
export const installedPrograms: Programs = {
  exists: isFile,
  isOnPath: (name) =>
    (Deno.env.get("PATH") ?? "").split(delimiter).some((folder) => isFile(`${folder}/${name}`)),
};

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
