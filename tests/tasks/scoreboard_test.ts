import { assertEquals, assertThrows } from "std/testing";
import { type Score, scoreboardTable, withScoreboard } from "../../tasks/cli/scoreboard_table.ts";

const recorded = JSON.parse(Deno.readTextFileSync("tasks/scoreboard.json")) as Score[];

Deno.test("the README's scoreboard matches the record", () => {
  const readme = Deno.readTextFileSync("README.md");
  assertEquals(withScoreboard(readme, recorded), readme);
});

Deno.test("the scoreboard marks an invalid run", () => {
  const [score] = recorded;
  if (score === undefined) throw new Error("tasks/scoreboard.json is empty");
  const table = scoreboardTable([{ ...score, valid: false }]);
  assertEquals(table.includes("**invalid**"), true);
  assertEquals(scoreboardTable(recorded).includes("**invalid**"), false);
});

Deno.test("withScoreboard rejects a README without its section", () => {
  assertThrows(() => withScoreboard("# Title", recorded), Error, "scoreboard:begin");
});
