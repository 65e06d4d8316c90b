/**
 * Recorded comparisons: what the README's tables are made of. `deno task compare NAME --record` puts
 * one down in `tasks/records/NAME.json` and writes its tables into the README, between the comments
 * `compare-NAME:begin` and `compare-NAME:end`; a test makes them again from the records.
 *
 * @module
 */

import { markdownTable, withSection } from "../cli/readme_section.ts";

/** A table; the first row holds the headings. */
export interface RecordedTable {
  /** What sets it apart from the other tables; empty if there is only one. */
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** A comparison as it was made. */
export interface RecordedComparison {
  /** What is typed to make it again. */
  readonly command: string;
  /** The work that was done, in a line. */
  readonly setting: string;
  readonly tables: readonly RecordedTable[];
  /** What the columns mean; may be empty. */
  readonly note: string;
}

/** Where records are kept, and what is made of them; relative to the project's folder. */
export interface RecordPlaces {
  readonly records: string;
  readonly readme: string;
}

const PLACES: RecordPlaces = { records: "tasks/records", readme: "README.md" };

/**
 * Records a comparison and writes its tables into the README; returns the paths of both. Throws an
 * Error, and records nothing, when the README has no place for it.
 */
export function recordComparison(
  name: string,
  recorded: RecordedComparison,
  places: RecordPlaces = PLACES,
): string[] {
  const readme = withComparison(Deno.readTextFileSync(places.readme), name, recorded);
  Deno.mkdirSync(places.records, { recursive: true });
  const path = `${places.records}/${name}.json`;
  Deno.writeTextFileSync(path, `${JSON.stringify(recorded, null, 2)}\n`);
  Deno.writeTextFileSync(places.readme, readme);
  return [path, places.readme];
}

/** All that was recorded, by name. */
export function readRecords(places: RecordPlaces = PLACES): Map<string, RecordedComparison> {
  const names = [...Deno.readDirSync(places.records)].map(({ name }) => name).toSorted();
  return new Map(
    names.filter((name) => name.endsWith(".json")).map((name) => {
      const text = Deno.readTextFileSync(`${places.records}/${name}`);
      return [name.slice(0, -".json".length), JSON.parse(text) as RecordedComparison];
    }),
  );
}

/** The README with a comparison in its place. Throws an Error when the place is not marked. */
export function withComparison(
  readme: string,
  name: string,
  recorded: RecordedComparison,
): string {
  return withSection(readme, `compare-${name}`, markdownOf(recorded));
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
