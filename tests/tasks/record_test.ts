import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { markdownTable, withSection } from "../../tasks/cli/readme_section.ts";
import { readRecords, recordComparison, withComparison } from "../../tasks/compare/record.ts";
import { readComparison, Report, reportFlags } from "../../tasks/compare/report.ts";

const recorded = {
  command: "deno task compare pets",
  setting: "2 pets",
  tables: [{ title: "", rows: [["pet", "legs"], ["cat", "4"], ["a|b", "–"]] }],
  note: "Legs are counted.",
};

Deno.test("the README's tables of comparisons are those that were recorded", () => {
  const records = readRecords();
  assert(records.size > 0);
  const readme = Deno.readTextFileSync("README.md");
  for (const [name, record] of records) assertEquals(withComparison(readme, name, record), readme);
});

Deno.test("the README has no table of a comparison that was not recorded", () => {
  const readme = Deno.readTextFileSync("README.md");
  const places = [...readme.matchAll(/<!-- compare-(.*):begin -->/g)].map(([, name]) => name);
  assertEquals(places.toSorted(), [...readRecords().keys()].toSorted());
});

Deno.test("a part of the README is made anew, the rest stays", () => {
  const readme = "# A\n<!-- x:begin -->\nold\n<!-- x:end -->\nend\n";
  const renewed = withSection(readme, "x", "new");
  assertEquals(renewed, "# A\n<!-- x:begin -->\n\nnew\n\n<!-- x:end -->\nend\n");
  assertEquals(withSection(renewed, "x", "new"), renewed);
  assertThrows(() => withSection(readme, "y", "new"), Error, "y:begin");
});

Deno.test("a table's columns of numbers stand right, and bars in cells are no columns", () => {
  assertEquals(
    markdownTable(recorded.tables[0]?.rows ?? []),
    "| pet | legs |\n|---|--:|\n| cat | 4 |\n| a\\|b | – |",
  );
});

Deno.test("a recorded comparison stands in the README with its command and setting", () => {
  const folder = Deno.makeTempDirSync();
  const places = { records: `${folder}/records`, readme: `${folder}/README.md` };
  Deno.writeTextFileSync(places.readme, "<!-- compare-pets:begin --><!-- compare-pets:end -->");
  recordComparison("pets", recorded, places);
  const readme = Deno.readTextFileSync(places.readme);
  assertStringIncludes(readme, "`deno task compare pets`: 2 pets.");
  assertStringIncludes(readme, "| cat | 4 |");
  assertEquals(readRecords(places), new Map([["pets", recorded]]));
  assertThrows(() => recordComparison("toys", recorded, places), Error, "compare-toys:begin");
  assertEquals([...readRecords(places).keys()], ["pets"]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a report keeps its tables with the figures, and drawings beside", () => {
  const out = Deno.makeTempDirSync();
  const report = new Report("pets", { out }, "2 pets");
  report.table([["pet", "legs"], ["cat", "4"]], "at home");
  report.note("Legs are counted.");
  report.keep([{ legs: 4 }], ["pets"], { svg: "<svg/>" });
  assertEquals(JSON.parse(Deno.readTextFileSync(`${out}/pets.json`)), {
    setting: "2 pets",
    tables: [{ title: "at home", rows: [["pet", "legs"], ["cat", "4"]] }],
    note: "Legs are counted.",
    figures: [{ legs: 4 }],
  });
  assertEquals(Deno.readTextFileSync(`${out}/pets.svg`), "<svg/>");
  Deno.removeSync(out, { recursive: true });
});

Deno.test("a comparison that is asked for help does nothing else", () => {
  assertEquals(readComparison(["--help", "--seeds", "2"], "usage", reportFlags), undefined);
  assertEquals(readComparison(["--seeds", "2"], "usage", reportFlags), { seeds: 2 });
});
