import { assertEquals, assertThrows } from "std/testing";
import { type Score, scoreboardTable, withScoreboard } from "../../tasks/cli/scoreboard_table.ts";

const recorded = JSON.parse(Deno.readTextFileSync("tasks/scoreboard.json")) as Score[];

Deno.test("the scoreboard of docs/benchmarks.md matches the record", () => {
  const document = Deno.readTextFileSync("docs/benchmarks.md");
  assertEquals(withScoreboard(document, recorded), document);
});

Deno.test("the scoreboard marks an invalid run", () => {
  const [score] = recorded;
  if (score === undefined) throw new Error("tasks/scoreboard.json is empty");
  const table = scoreboardTable([{ ...score, valid: false }]);
  assertEquals(table.includes("**invalid**"), true);
  assertEquals(scoreboardTable(recorded).includes("**invalid**"), false);
});

Deno.test("withScoreboard rejects a document without its section", () => {
  assertThrows(() => withScoreboard("# Title", recorded), Error, "scoreboard:begin");
});
