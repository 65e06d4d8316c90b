/**
 * Recorded comparisons, the source of the README's tables. `deno task compare NAME --record` writes
 * `tasks/records/NAME.json` and the README's section between the comments `compare-NAME:begin` and
 * `compare-NAME:end`. A test checks that the README matches the records.
 *
 * @module
 */

import { markdownTable, replaceSection } from "../cli/readme_section.ts";
import { projectPath } from "../cli/users_folder.ts";

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

/** The paths of the records' folder and of the README. */
export interface RecordPlaces {
  readonly records: string;
  readonly readme: string;
}

function projectPlaces(): RecordPlaces {
  return { records: projectPath("tasks/records"), readme: projectPath("README.md") };
}

/**
 * Writes a record and its tables in the README; returns the paths of both. Throws an Error, and
 * writes nothing, when the README has no section for it.
 */
export function recordComparison(
  name: string,
  recorded: RecordedComparison,
  places: RecordPlaces = projectPlaces(),
): string[] {
  const readme = withComparison(Deno.readTextFileSync(places.readme), name, recorded);
  Deno.mkdirSync(places.records, { recursive: true });
  const path = `${places.records}/${name}.json`;
  Deno.writeTextFileSync(path, `${JSON.stringify(recorded, null, 2)}\n`);
  Deno.writeTextFileSync(places.readme, readme);
  return [path, places.readme];
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
 * Returns the README with a comparison in its section. Throws an Error when the section is missing.
 */
export function withComparison(
  readme: string,
  name: string,
  recorded: RecordedComparison,
): string {
  return replaceSection(readme, `compare-${name}`, markdownOf(recorded));
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
