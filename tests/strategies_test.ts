import { assert, assertEquals } from "std/testing";
import { markdownTable } from "../tasks/cli/document_section.ts";
import { readRecords, type RecordedComparison } from "../tasks/compare/record.ts";

const FOLDER = "docs/strategies";
const pages = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).toSorted();

/** The captions of tables: a command, perhaps a title, and the setting. */
const EXCERPT = /^`(deno task compare [^`]+)`(?: \(([^)]+)\))?: (.+)\.\n\n((?:\|.*\n)+)/gm;

/** Returns the cells of a table's lines, without the rule below its head. */
function cellsOf(table: string): string[][] {
  const [head = "", , ...rows] = table.trimEnd().split("\n");
  return [head, ...rows].map((line) => line.slice(2, -2).split(" | "));
}

/** Returns the rows of a recorded table that an excerpt shows, with the excerpt's columns. */
function excerptOf(recorded: readonly (readonly string[])[], shown: readonly string[][]) {
  const [heads = []] = recorded;
  const [columns = [], ...rows] = shown;
  const keys = columns.filter((column) => column === "strategy" || column === "nodes");
  const at = (row: readonly string[], column: string) => row[heads.indexOf(column)] ?? "no column";
  return [
    columns,
    ...rows.flatMap((row) =>
      recorded.slice(1)
        .filter((other) => keys.every((key) => at(other, key) === row[columns.indexOf(key)]))
        .map((other) => columns.map((column) => at(other, column)))
    ),
  ];
}

/** Returns the recorded comparison that an excerpt is from. */
function recordOf(command: string): RecordedComparison {
  const record = [...readRecords().values()].find((record) => record.command === command);
  assert(record !== undefined, `no record of ${command}`);
  return record;
}

for (const page of pages) {
  Deno.test(`${FOLDER}/${page} has at most 60 lines, and its figures are those on record`, () => {
    const text = Deno.readTextFileSync(`${FOLDER}/${page}`);
    assert(text.trimEnd().split("\n").length <= 60);
    const excerpts = [...text.matchAll(EXCERPT)];
    assertEquals(excerpts.length, text.match(/^\| strategy \|/gm)?.length ?? 0);
    assertEquals(excerpts.length > 0, page !== "README.md");
    for (const [, command = "", title = "", setting, table = ""] of excerpts) {
      const record = recordOf(command);
      assertEquals(setting, record.setting);
      const recorded = record.tables.find((table) => table.title === title);
      assert(recorded !== undefined, `${command} has no table "${title}"`);
      const shown = cellsOf(table);
      assertEquals(markdownTable(excerptOf(recorded.rows, shown)), markdownTable(shown));
    }
  });
}

Deno.test("excerptOf returns what is on record", () => {
  const recorded = [["strategy", "nodes", "cost"], ["a", "5", "1"], ["a", "25", "2"]];
  const shown = [["strategy", "nodes", "cost"], ["a", "25", "3"]];
  assertEquals(excerptOf(recorded, shown), [["strategy", "nodes", "cost"], ["a", "25", "2"]]);
});

Deno.test("the index of strategies links each page", () => {
  const index = Deno.readTextFileSync(`${FOLDER}/README.md`);
  for (const page of pages) {
    if (page !== "README.md") assert(index.includes(`](${page})`), page);
  }
});
