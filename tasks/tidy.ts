/**
 * `deno task tidy`: checks the rules that neither the formatter nor the linter has: allowed imports
 * between layers, layers without non-deterministic calls, the size of files, and words.
 *
 * @module
 */

import { print, printError } from "./cli/console.ts";
import { findViolations, type Violation } from "./cli/tidy_rules.ts";
import { findWordViolations } from "./cli/word_rules.ts";

/** Folders to whose modules all rules apply. Their texts (.md) follow the rules for words only. */
const LAYERED_FOLDERS = ["lib", "nodes", "examples", "tasks"];
/** Folders to which only the rules for words apply. */
const OTHER_FOLDERS = ["tests", "docs"];
const README = "README.md";

function* filesIn(folder: string): Generator<string> {
  for (const entry of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* filesIn(path);
    else if (/\.(?:ts|md)$/.test(path)) yield path;
  }
}

function violationsIn(path: string): Violation[] {
  const text = Deno.readTextFileSync(path);
  const isLayered = LAYERED_FOLDERS.some((folder) => path.startsWith(`${folder}/`));
  return [
    ...(isLayered && path.endsWith(".ts") ? findViolations(path, text) : []),
    ...findWordViolations(path, text),
  ];
}

if (import.meta.main) {
  if (Deno.args.includes("--help")) {
    print(
      "deno task tidy\n\nChecks the imports between layers, the size of files, and words. Exit codes:\n" +
        "0 no violations, 1 violations, which are listed, 254 invalid arguments.",
    );
    Deno.exit(0);
  }
  if (Deno.args.length > 0) {
    printError(`unexpected argument "${Deno.args[0]}"; tidy takes no arguments`);
    Deno.exit(254);
  }
  const folders = [...LAYERED_FOLDERS, ...OTHER_FOLDERS];
  const paths = [...folders.flatMap((folder) => [...filesIn(folder)]), README];
  const violations = paths.flatMap(violationsIn);
  for (const { path, line, problem } of violations) printError(`${path}:${line}: ${problem}`);
  print(`tidy: ${paths.length} files, ${violations.length} violations`);
  Deno.exit(violations.length === 0 ? 0 : 1);
}
