/**
 * `deno task explore merge`: adds up the reports of the shards of an exploration.
 *
 * @module
 */

import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { encodeCase } from "../../lib/workbench/explore/mod.ts";
import { print, printError, stdoutPalette } from "../cli/console.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { describeReplay } from "../cli/explore_report.ts";
import { readLines } from "../cli/read_lines.ts";
import { LedgerFile } from "./ledger_file.ts";
import { failureKey, type MergedReports, mergeReports } from "./merge_reports.ts";
import { junitXml, markdownSummary, mergedTable } from "./merged_text.ts";

const USAGE = `deno task explore merge FILE… [flags]

Adds up the reports that deno task explore WORKLOAD --shard I/N --report FILE
wrote: which seeds were explored, failures with one shrunk case each, coverage.
The reports must be of the same code, Deno, workload and options, and each of
another shard. A shard that is missing or did not end is named, and its seeds
are not counted as passed. Flags:
`;
const FOOTER = `Exit codes: 0 no seed failed, 1 a seed or a known case failed, 2 no seed failed,
but reports are missing or incomplete, 254 invalid arguments or files`;

/** The flags of merge. */
export const mergeFlags = {
  junit: flag.text({ placeholder: "FILE", help: "write the result as JUnit XML" }),
  summary: flag.text({ placeholder: "FILE", help: "write the result as Markdown" }),
  cases: flag.text({ placeholder: "DIR", help: "write the shrunk cases, for deno task replay" }),
  ledger: flag.text({ placeholder: "FILE", help: "add failures and passed seeds to a ledger" }),
  help: flag.help,
} as const;

/** Runs the command; returns its exit code. Throws {@link UsageError}. */
export function mergeCommand(args: readonly string[]): number {
  const { flags, positional, rest } = parseFlags(args, mergeFlags);
  if (flags.help) {
    print(USAGE + describeFlags(mergeFlags));
    print(FOOTER);
    return ExitCode.valid;
  }
  const names = [...positional, ...rest];
  if (names.length === 0) throw new UsageError("missing reports; give the files of the shards");
  const merged = mergeReports(names.map((name) => ({ name, lines: linesOf(name) })));
  print(mergedTable(merged, stdoutPalette()));
  if (flags.junit !== undefined) Deno.writeTextFileSync(flags.junit, junitXml(merged));
  if (flags.summary !== undefined) Deno.writeTextFileSync(flags.summary, markdownSummary(merged));
  if (flags.cases !== undefined) writeCases(flags.cases, merged);
  if (flags.ledger !== undefined) addToLedger(flags.ledger, merged);
  for (const gap of merged.gaps) printError(`incomplete: ${gap}`);
  const isFailed = merged.exploration.failures.length > 0 ||
    merged.known.some(({ found }) => found.length > 0);
  return isFailed ? ExitCode.invalid : merged.gaps.length > 0 ? ExitCode.unknown : ExitCode.valid;
}

function* linesOf(name: string): Generator<string> {
  try {
    yield* readLines(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`file not found: ${name} (working directory ${Deno.cwd()})`);
  }
}

/** Writes each shrunk case into a folder of its own, with the command that replays it. */
function writeCases(root: string, { header, exploration, shrunk }: MergedReports): void {
  for (const { failure } of exploration.failures) {
    const found = shrunk.get(failureKey(failure));
    if (found === undefined) continue;
    const name = header.setup.workload.replaceAll(/[^\w-]+/g, "_");
    const folder = `${root}/${name}-seed-${found.seed}`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/case.json`, encodeCase(found.shrunk));
    print(`${failureKey(failure)}: ${describeReplay(folder, header.setup)}`);
  }
}

function addToLedger(path: string, merged: MergedReports): void {
  const { header: { setup, revision: { commit } }, exploration, known, shrunk } = merged;
  const ledger = new LedgerFile(path);
  ledger.addKnown(setup, known, commit);
  const failed = exploration.failures.reduce((sum, { seeds }) => sum + seeds, 0);
  ledger.addPasses(setup, exploration.totals.seeds - failed, commit);
  for (const found of exploration.failures) {
    const smallest = shrunk.get(failureKey(found.failure));
    if (smallest !== undefined) ledger.addFailure(setup, found, smallest, commit);
  }
  ledger.save();
}
