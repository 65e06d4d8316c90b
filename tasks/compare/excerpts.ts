/**
 * Excerpts of recorded comparisons in the pages of docs/strategies: tables with some of the rows and
 * columns of a record, below a caption with its command, title and setting. `deno task compare
 * NAME --record` renews them.
 *
 * @module
 */

import { markdownTable } from "../cli/document_section.ts";
import type { RecordedComparison, RecordedTable } from "./record.ts";

const EXCERPT = /^`(deno task compare [^`]+)`(?: \(([^)]+)\))?: (.+)\.\n\n((?:\|.*\n)+)/gm;

/** The columns that identify a row. */
const KEYS: ReadonlySet<string> = new Set(["strategy", "nodes"]);

/** Returns the command and the title of each excerpt in a document. */
export function excerptsIn(document: string): { command: string; title: string }[] {
  return [...document.matchAll(EXCERPT)].map(([, command = "", title = ""]) => ({
    command,
    title,
  }));
}

/**
 * Returns a document with the excerpts of a comparison renewed. A row whose strategy is not on
 * record is left out. An excerpt whose table is not on record stays as it is.
 */
export function withExcerpts(document: string, recorded: RecordedComparison): string {
  return document.replaceAll(EXCERPT, (text, command, title = "", _setting, shown) => {
    const table = recorded.tables.find((table) => table.title === title);
    if (command !== recorded.command || table === undefined) return text;
    const suffix = title === "" ? "" : ` (${title})`;
    const rows = markdownTable(excerptOf(table, cellsOf(shown)));
    return `\`${command}\`${suffix}: ${recorded.setting}.\n\n${rows}\n`;
  });
}

/** Returns the cells of a table's lines, without the rule below its heads. */
function cellsOf(markdown: string): string[][] {
  const [heads = "", , ...rows] = markdown.trimEnd().split("\n");
  return [heads, ...rows].map((line) => line.slice(2, -2).split(" | "));
}

/** Returns the heads that are shown, and the recorded rows that have the keys of those shown. */
function excerptOf({ rows: [heads = [], ...rows] }: RecordedTable, shown: string[][]) {
  const [columns = [], ...shownRows] = shown;
  const keyOf = (row: readonly string[]) =>
    row.filter((_, index) => KEYS.has(columns[index] ?? "")).join();
  const excerpts = rows.map((row) => columns.map((column) => row[heads.indexOf(column)] ?? ""));
  return [
    columns,
    ...shownRows.flatMap((row) => excerpts.filter((other) => keyOf(other) === keyOf(row))),
  ];
}
