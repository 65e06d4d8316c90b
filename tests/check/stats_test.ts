import { assertEquals } from "std/testing";
import { checkStats } from "../../lib/check/mod.ts";
import { parseHistory } from "./notation.ts";

Deno.test("stats: completions are counted in all and by function", () => {
  const history = parseHistory(
    "0 read; 0 ok; 0 write 1; 0 fail; 0 write 2; 0 ok; 1 read; 1 info; 2 read",
  );
  assertEquals(checkStats(history), {
    "valid?": true,
    count: 4,
    "ok-count": 2,
    "fail-count": 1,
    "info-count": 1,
    "by-f": {
      read: { "valid?": true, count: 2, "ok-count": 1, "fail-count": 0, "info-count": 1 },
      write: { "valid?": true, count: 2, "ok-count": 1, "fail-count": 1, "info-count": 0 },
    },
  });
});

Deno.test("stats: a function that never succeeds makes a run invalid, and is named", () => {
  const verdict = checkStats(parseHistory("0 read; 0 ok; 0 write 1; 0 fail; 1 write 2; 1 info"));
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["explanations"], [{
    type: "never-ok",
    message: "No write ever succeeded: 1 failed, 1 ended in the unknown.",
    f: "write",
  }]);
});

Deno.test("stats: crashes of kafka's clients never succeed and need not", () => {
  const verdict = checkStats(parseHistory("0 poll; 0 ok; 0 crash; 0 info"));
  assertEquals(verdict["valid?"], true);
  const byF = verdict["by-f"] as Record<string, Record<string, unknown>>;
  assertEquals(byF["crash"]?.["valid?"], false);
});

Deno.test("stats: a run without operations is valid, as in Jepsen", () => {
  assertEquals(checkStats([]), {
    "valid?": true,
    count: 0,
    "ok-count": 0,
    "fail-count": 0,
    "info-count": 0,
    "by-f": {},
  });
});

Deno.test("stats: functions come in the order of their names", () => {
  const verdict = checkStats(parseHistory("0 write; 0 ok; 0 cas; 0 ok; 0 read; 0 ok"));
  assertEquals(Object.keys(verdict["by-f"] as object), ["cas", "read", "write"]);
});
