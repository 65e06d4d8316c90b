import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { markdownTable, replaceSection } from "../../tasks/cli/document_section.ts";
import { broadcastHeads, broadcastNote } from "../../tasks/compare/broadcast.ts";
import { COUNTER_HEADS, COUNTER_NOTE, insertNodes } from "../../tasks/compare/counter.ts";
import { LOG_HEADS, LOG_NOTE } from "../../tasks/compare/kafka.ts";
import { OUTAGE_HEADS, REGISTER_HEADS, REGISTER_NOTE } from "../../tasks/compare/lin_kv.ts";
import { readRecords, recordComparison, withComparison } from "../../tasks/compare/record.ts";
import { readComparison, Report, reportFlags } from "../../tasks/compare/report.ts";
import { RETRY_NOTE, retryHeads } from "../../tasks/compare/retries.ts";
import { TRANSACTION_HEADS, TRANSACTION_NOTE } from "../../tasks/compare/txn.ts";

const recorded = {
  command: "deno task compare pets",
  setting: "2 pets",
  tables: [{ title: "", rows: [["pet", "legs"], ["cat", "4"], ["a|b", "–"]] }],
  note: "Legs are counted.",
};

Deno.test("the comparison tables of docs/benchmarks.md match the records", () => {
  const records = readRecords();
  assert(records.size > 0);
  const document = Deno.readTextFileSync("docs/benchmarks.md");
  for (const [name, record] of records) {
    assertEquals(withComparison(document, name, record), document);
  }
});

Deno.test("recorded tables have the column heads and notes of the code", () => {
  const expected: Record<string, readonly [heads: readonly string[], note: string]> = {
    broadcast: [broadcastHeads(false), broadcastNote(false)],
    "broadcast-faults": [broadcastHeads(true), broadcastNote(true)],
    "broadcast-growth": [broadcastHeads(false), broadcastNote(false)],
    counter: [COUNTER_HEADS, COUNTER_NOTE],
    "counter-growth": [insertNodes(COUNTER_HEADS, "nodes"), COUNTER_NOTE],
    kafka: [LOG_HEADS, LOG_NOTE],
    "lin-kv": [REGISTER_HEADS, REGISTER_NOTE],
    retries: [retryHeads(), RETRY_NOTE],
    txn: [TRANSACTION_HEADS, TRANSACTION_NOTE],
  };
  for (const [name, { tables, note }] of readRecords()) {
    for (const { title, rows } of tables) {
      const [heads, text] = expected[name] ?? [];
      const isOutage = title.startsWith("Outages");
      assertEquals([rows[0] ?? [], note], [isOutage ? OUTAGE_HEADS : heads, text], name);
    }
  }
});

Deno.test("every comparison section of docs/benchmarks.md has a record", () => {
  const document = Deno.readTextFileSync("docs/benchmarks.md");
  const sections = [...document.matchAll(/<!-- compare-(.*):begin -->/g)].map(([, name]) => name);
  assertEquals(sections.toSorted(), [...readRecords().keys()].toSorted());
});

Deno.test("replaceSection replaces one section of a document only", () => {
  const document = "# A\n<!-- x:begin -->\nold\n<!-- x:end -->\nend\n";
  const renewed = replaceSection(document, "x", "new");
  assertEquals(renewed, "# A\n<!-- x:begin -->\n\nnew\n\n<!-- x:end -->\nend\n");
  assertEquals(replaceSection(renewed, "x", "new"), renewed);
  assertThrows(() => replaceSection(document, "y", "new"), Error, 'no section "y"');
});

Deno.test("markdownTable right-aligns columns of numbers and escapes bars", () => {
  assertEquals(
    markdownTable(recorded.tables[0]?.rows ?? []),
    "| pet | legs |\n|---|--:|\n| cat | 4 |\n| a\\|b | – |",
  );
});

Deno.test("recordComparison writes the record and the document with command and setting", () => {
  const folder = Deno.makeTempDirSync();
  const paths = {
    records: `${folder}/records`,
    document: `${folder}/benchmarks.md`,
    pages: `${folder}/pages`,
  };
  Deno.mkdirSync(paths.pages);
  const excerpt = "`deno task compare pets`: 1 pet.\n\n| pet | legs |\n|---|---|\n";
  Deno.writeTextFileSync(`${paths.pages}/cat.md`, excerpt);
  Deno.writeTextFileSync(`${paths.pages}/other.md`, excerpt.replace("pets", "toys"));
  Deno.writeTextFileSync(paths.document, "<!-- compare-pets:begin --><!-- compare-pets:end -->");
  const written = recordComparison("pets", recorded, paths);
  assertEquals(written, [`${paths.records}/pets.json`, paths.document, `${paths.pages}/cat.md`]);
  const page = Deno.readTextFileSync(`${paths.pages}/cat.md`);
  assertEquals(page, excerpt.replace("1 pet", "2 pets"));
  const document = Deno.readTextFileSync(paths.document);
  assertStringIncludes(document, "`deno task compare pets`: 2 pets.");
  assertStringIncludes(document, "| cat | 4 |");
  assertEquals(readRecords(paths), new Map([["pets", recorded]]));
  assertThrows(() => recordComparison("toys", recorded, paths), Error, 'no section "compare-toys"');
  assertEquals([...readRecords(paths).keys()], ["pets"]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a report writes its tables with the figures, and its plots", () => {
  const out = Deno.makeTempDirSync();
  const report = new Report("pets", { out, record: false }, "2 pets");
  report.table([["pet", "legs"], ["cat", "4"]], "at home");
  report.note("Legs are counted.");
  report.save([{ legs: 4 }], ["pets"], { svg: "<svg/>" });
  assertEquals(JSON.parse(Deno.readTextFileSync(`${out}/pets.json`)), {
    setting: "2 pets",
    tables: [{ title: "at home", rows: [["pet", "legs"], ["cat", "4"]] }],
    note: "Legs are counted.",
    figures: [{ legs: 4 }],
  });
  assertEquals(Deno.readTextFileSync(`${out}/pets.svg`), "<svg/>");
  Deno.removeSync(out, { recursive: true });
});

Deno.test("readComparison returns undefined for --help", () => {
  assertEquals(readComparison(["--help", "--seeds", "2"], "usage", reportFlags), undefined);
  assertEquals(readComparison(["--seeds", "2"], "usage", reportFlags)?.seeds, 2);
});
