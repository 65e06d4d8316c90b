import { assert, assertEquals } from "std/testing";
import { excerptsIn, withExcerpts } from "../tasks/compare/excerpts.ts";
import { readRecords } from "../tasks/compare/record.ts";

const FOLDER = "docs/strategies";
const pages = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).toSorted();
const records = [...readRecords().values()];
/** Pages of workloads that no comparison measures, and the index. */
const WITHOUT_FIGURES = ["README.md", "g-set.md", "unique-ids.md"];

for (const page of pages) {
  Deno.test(`${FOLDER}/${page} has at most 60 lines, and its figures are those on record`, () => {
    const text = Deno.readTextFileSync(`${FOLDER}/${page}`);
    assert(text.trimEnd().split("\n").length <= 60);
    const excerpts = excerptsIn(text);
    assertEquals(excerpts.length, text.match(/^\| strategy \|/gm)?.length ?? 0);
    assertEquals(excerpts.length > 0, !WITHOUT_FIGURES.includes(page));
    for (const { command, title } of excerpts) {
      const record = records.find((record) => record.command === command);
      assert(record !== undefined, `no record of ${command}`);
      assert(record.tables.some((table) => table.title === title), `${command}, ${title}`);
      assertEquals(withExcerpts(text, record), text);
    }
  });
}

const recorded = {
  command: "deno task compare pets",
  setting: "3 pets",
  tables: [
    { title: "", rows: [["strategy", "nodes", "cost"], ["a", "5", "1"], ["a", "25", "2"]] },
    { title: "at home", rows: [["strategy", "cost"], ["a", "3"], ["b", "4"]] },
  ],
  note: "",
};

Deno.test("withExcerpts renews setting and rows, and leaves out rows that are not on record", () => {
  const head = "| strategy | nodes | cost |\n|---|--:|--:|\n";
  const text = `A.\n\n\`deno task compare pets\`: 1 pet.\n\n${head}| a | 25 | 9 |\n| z | 5 | 9 |\n`;
  assertEquals(
    withExcerpts(`${text}\nEnd.\n`, recorded),
    `A.\n\n\`deno task compare pets\`: 3 pets.\n\n${head}| a | 25 | 2 |\n\nEnd.\n`,
  );
});

Deno.test("withExcerpts selects columns of the table with the excerpt's title", () => {
  const text = (title: string, cost: string) =>
    `\`deno task compare pets\` (${title}): 3 pets.\n\n| cost | strategy |\n|--:|---|\n| ${cost} | b |\n`;
  assertEquals(withExcerpts(text("at home", "9"), recorded), text("at home", "4"));
  assertEquals(withExcerpts(text("elsewhere", "9"), recorded), text("elsewhere", "9"));
});

Deno.test("the index of strategies links each page", () => {
  const index = Deno.readTextFileSync(`${FOLDER}/README.md`);
  for (const page of pages) {
    if (page !== "README.md") assert(index.includes(`](${page})`), page);
  }
});
