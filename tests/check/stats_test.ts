import { assertEquals } from "std/testing";
import { checkStats } from "../../lib/check/mod.ts";
import { parseHistory } from "../../lib/testing/mod.ts";

Deno.test("stats: counts completions in total and by function", () => {
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

Deno.test("stats: a function without an ok completion is invalid and named", () => {
  const verdict = checkStats(parseHistory("0 read; 0 ok; 0 write 1; 0 fail; 1 write 2; 1 info"));
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["explanations"], [{
    type: "never-ok",
    message: "0 of 2 write operations succeeded: 1 failed, 1 indeterminate.",
    f: "write",
  }]);
});

Deno.test("stats: kafka's crash operations need no ok completion", () => {
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

Deno.test("stats: functions are sorted by name", () => {
  const verdict = checkStats(parseHistory("0 write; 0 ok; 0 cas; 0 ok; 0 read; 0 ok"));
  assertEquals(Object.keys(verdict["by-f"] as object), ["cas", "read", "write"]);
});
