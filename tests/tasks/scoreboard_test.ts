import { assertEquals, assertThrows } from "std/testing";
import { type Score, scoreboardTable, withScoreboard } from "../../tasks/cli/scoreboard_table.ts";

const recorded = JSON.parse(Deno.readTextFileSync("tasks/scoreboard.json")) as Score[];

Deno.test("the README's scoreboard is the one that was recorded", () => {
  const readme = Deno.readTextFileSync("README.md");
  assertEquals(withScoreboard(readme, recorded), readme);
});

Deno.test("a run that was not valid shows as such", () => {
  const [score] = recorded;
  if (score === undefined) throw new Error("nothing is recorded");
  const table = scoreboardTable([{ ...score, valid: false }]);
  assertEquals(table.includes("**invalid**"), true);
  assertEquals(scoreboardTable(recorded).includes("**invalid**"), false);
});

Deno.test("a README without a place for the scoreboard is refused", () => {
  assertThrows(() => withScoreboard("# Title", recorded), Error, "scoreboard:begin");
});
