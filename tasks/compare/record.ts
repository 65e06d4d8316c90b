/**
 * Recorded comparisons, the source of the tables in docs/benchmarks.md. `deno task compare NAME --record` writes
 * `tasks/records/NAME.json` and the document's section between the comments `compare-NAME:begin` and
 * `compare-NAME:end`, and renews the excerpts in docs/strategies. Tests check that the documents match the records.
 *
 * @module
 */

import { markdownTable, replaceSection } from "../cli/document_section.ts";
import { projectPath } from "../cli/users_folder.ts";
import { withExcerpts } from "./excerpts.ts";

/** A table; the first row holds the column heads. */
export interface RecordedTable {
  /** The caption; empty if the comparison has only one table. */
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** The result of a comparison. */
export interface RecordedComparison {
  /** The command that repeats it. */
  readonly command: string;
  /** The cluster and the work, in one line. */
  readonly setting: string;
  readonly tables: readonly RecordedTable[];
  /** The explanation of the columns; may be empty. */
  readonly note: string;
}

/** The paths of the records' folder, of the document with their tables, and of pages with excerpts. */
export interface RecordPlaces {
  readonly records: string;
  readonly document: string;
  readonly pages: string;
}

function projectPlaces(): RecordPlaces {
  return {
    records: projectPath("tasks/records"),
    document: projectPath("docs/benchmarks.md"),
    pages: projectPath("docs/strategies"),
  };
}

/**
 * Writes a record, its tables in the document, and its excerpts; returns the paths of the files that
 * changed. Throws an Error, and writes nothing, when the document has no section for it.
 */
export function recordComparison(
  name: string,
  recorded: RecordedComparison,
  places: RecordPlaces = projectPlaces(),
): string[] {
  const document = withComparison(Deno.readTextFileSync(places.document), name, recorded);
  Deno.mkdirSync(places.records, { recursive: true });
  const path = `${places.records}/${name}.json`;
  Deno.writeTextFileSync(path, `${JSON.stringify(recorded, null, 2)}\n`);
  Deno.writeTextFileSync(places.document, document);
  return [path, places.document, ...renewExcerpts(places.pages, recorded)];
}

/** Renews the excerpts in the pages of a folder; returns the paths of the pages that changed. */
function renewExcerpts(folder: string, recorded: RecordedComparison): string[] {
  const paths = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).toSorted();
  return paths.filter((path) => {
    const page = Deno.readTextFileSync(path);
    const renewed = withExcerpts(page, recorded);
    if (renewed !== page) Deno.writeTextFileSync(path, renewed);
    return renewed !== page;
  });
}

/** Reads all records, by name. */
export function readRecords(
  places: RecordPlaces = projectPlaces(),
): Map<string, RecordedComparison> {
  const names = [...Deno.readDirSync(places.records)].map(({ name }) => name).toSorted();
  return new Map(
    names.filter((name) => name.endsWith(".json")).map((name) => {
      const text = Deno.readTextFileSync(`${places.records}/${name}`);
      return [name.slice(0, -".json".length), JSON.parse(text) as RecordedComparison];
    }),
  );
}

/**
 * Returns a document with a comparison in its section. Throws an Error when the section is missing.
 */
export function withComparison(
  document: string,
  name: string,
  recorded: RecordedComparison,
): string {
  return replaceSection(document, `compare-${name}`, markdownOf(recorded));
}

function markdownOf({ command, setting, tables, note }: RecordedComparison): string {
  const parts = [
    `\`${command}\`: ${setting}.`,
    ...tables.flatMap(({ title, rows }) => [
      ...(title === "" ? [] : [`${title}:`]),
      markdownTable(rows),
    ]),
    ...(note === "" ? [] : [note]),
  ];
  return parts.join("\n\n");
}
