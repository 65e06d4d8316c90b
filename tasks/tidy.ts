/**
 * `deno task tidy`: checks the rules that neither the formatter nor the linter has: allowed imports
 * between layers, layers without non-deterministic calls, and the size of files.
 *
 * @module
 */

import { print, printError } from "./cli/console.ts";
import { findViolations } from "./cli/tidy_rules.ts";

const FOLDERS = ["lib", "nodes", "tasks"];

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

if (import.meta.main) {
  if (Deno.args.length > 0) {
    printError(`unexpected argument "${Deno.args[0]}"; tidy takes no arguments`);
    Deno.exit(254);
  }
  const paths = FOLDERS.flatMap((folder) => [...sourceFiles(folder)]);
  const violations = paths.flatMap((path) => findViolations(path, Deno.readTextFileSync(path)));
  for (const { path, line, problem } of violations) printError(`${path}:${line}: ${problem}`);
  print(`tidy: ${paths.length} files, ${violations.length} violations`);
  Deno.exit(violations.length === 0 ? 0 : 1);
}
