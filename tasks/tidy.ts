/**
 * `deno task tidy`: checks what neither the formatter nor the linter knows of: who may import whom,
 * where nothing ambient may be used, how long a file may be.
 *
 * @module
 */

import { print, printError } from "./cli/console.ts";
import { findViolations } from "./cli/tidy_rules.ts";

const FOLDERS = ["lib", "nodes", "tasks"];

function* sources(folder: string): Generator<string> {
  for (const entry of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

if (import.meta.main) {
  if (Deno.args.length > 0) {
    printError(`tidy takes no arguments, not '${Deno.args[0]}'.`);
    Deno.exit(254);
  }
  const paths = FOLDERS.flatMap((folder) => [...sources(folder)]);
  const findings = paths.flatMap((path) => findViolations(path, Deno.readTextFileSync(path)));
  for (const { path, line, problem } of findings) printError(`${path}:${line}: ${problem}`);
  print(`tidy: ${paths.length} files, ${findings.length} findings`);
  Deno.exit(findings.length === 0 ? 0 : 1);
}
