/**
 * `deno task ledger`: shows the ledger of explorations.
 *
 * @module
 */

import { dirname } from "node:path";
import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { type CaseRow, ledgerPage, type PassesRow } from "../../lib/page/ledger_page.ts";
import { describeSize, encodeCase } from "../../lib/workbench/explore/mod.ts";
import { print, printText, stdoutPalette } from "../cli/console.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { unlessMissing } from "../cli/file_problem.ts";
import { isCase, type LedgerCase, type LedgerEntry } from "./ledger.ts";
import { LedgerFile } from "./ledger_file.ts";
import { failureKey } from "./merge_reports.ts";

const USAGE = `deno task ledger [flags]

Shows the cases that deno task explore WORKLOAD --ledger FILE keeps, and how
many seeds passed, as a table and as a page. Exit codes: 0 no case fails, 1 a
case failed when it was last run, 254 invalid arguments or file. Flags:
`;

/** The flags of ledger. */
export const ledgerFlags = {
  ledger: flag.text({ placeholder: "FILE", help: "the ledger", default: "ledger.jsonl" }),
  page: flag.text({ placeholder: "FILE", help: "the page", default: "store/ledger.html" }),
  cases: flag.text({ placeholder: "DIR", help: "write the cases, for deno task replay" }),
  help: flag.help,
} as const;

/** Runs the command; returns its exit code. Throws {@link UsageError}. */
export function ledgerCommand(args: readonly string[]): number {
  const { flags, positional, rest } = parseFlags(args, ledgerFlags);
  if (flags.help) {
    print(USAGE + describeFlags(ledgerFlags));
    return ExitCode.valid;
  }
  const [extra] = [...positional, ...rest];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"; give the file by --ledger FILE`);
  }
  if (!isThere(flags.ledger)) {
    throw new UsageError(
      `--ledger ${flags.ledger}: file not found; deno task explore WORKLOAD --ledger ` +
        `${flags.ledger} writes it`,
    );
  }
  const { entries } = new LedgerFile(flags.ledger);
  const cases = entries.filter(isCase);
  const passes = entries.filter((entry) => !isCase(entry)).map(passesRowOf);
  printTable(cases, passes);
  Deno.mkdirSync(dirname(flags.page), { recursive: true });
  Deno.writeTextFileSync(flags.page, ledgerPage(cases.map(caseRowOf), passes));
  print(`page: ${flags.page}`);
  if (flags.cases !== undefined) writeCases(flags.cases, cases);
  return cases.some(({ ok }) => !ok) ? ExitCode.invalid : ExitCode.valid;
}

function printTable(cases: readonly LedgerCase[], passes: readonly PassesRow[]): void {
  const paint = stdoutPalette();
  if (cases.length === 0) print("no known cases");
  for (const entry of cases) {
    const { ok, failure, seed, seconds, count, commit, found, shrunk } = entry;
    const state = ok ? paint.good("passes") : paint.bad("fails ");
    print(`${state}  ${nodeOf(entry)}: ${failureKey(failure)}`);
    for (const line of entry.signature) printText(`        ${line}`);
    print(`        seed ${seed}, ${count} ${count === 1 ? "seed" : "seeds"}, found ${found}`);
    print(`        ${describeSize(shrunk.case)}, ${seconds.toFixed(3)} s, commit ${commit}`);
  }
  for (const { workload, node, count, commit, at } of passes) {
    print(`${paint.good("passed")}  ${workload} ${node}: ${count} seeds, commit ${commit}, ${at}`);
  }
}

/** Writes each case into a folder of its own, and prints the commands that replay them. */
function writeCases(root: string, cases: readonly LedgerCase[]): void {
  for (const [index, { shrunk }] of cases.entries()) {
    const folder = `${root}/${index}`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/case.json`, encodeCase(shrunk));
    print(`deno task replay ${folder}/case.json`);
  }
}

function nodeOf({ workload, node, strategy }: LedgerEntry): string {
  return [workload, node, ...strategy].join(" ");
}

function caseRowOf({ node, strategy, failure, shrunk, ...rest }: LedgerCase): CaseRow {
  return {
    ...rest,
    node: [node, ...strategy].join(" "),
    failure: failureKey(failure),
    size: describeSize(shrunk.case),
  };
}

function passesRowOf({ node, strategy, workload, commit, count, at }: LedgerEntry): PassesRow {
  return { workload, commit, count, at, node: [node, ...strategy].join(" ") };
}

function isThere(path: string): boolean {
  return unlessMissing(() => Deno.statSync(path).isFile) ?? false;
}
