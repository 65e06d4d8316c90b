import { assert, assertEquals, assertStringIncludes } from "std/testing";
import type { Verdict } from "../../lib/check/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";
import { palette, summarise } from "../../lib/report/mod.ts";

const plain = palette(false);

function linesOf(workload: Omit<Verdict, "valid?">, valid: boolean | "unknown" = false): string[] {
  const text = summarise({ "valid?": valid, workload: { "valid?": valid, ...workload } }, plain);
  return text.split("\n").map((line) => line.trim());
}

const read: Operation = {
  index: 7,
  time: 1,
  type: "info",
  process: 0,
  f: "read",
  value: { message: "a node's data, not a reason" },
  exception: { via: [{ type: "E", message: "it threw" }], cause: "it threw" },
};

Deno.test("counts, messages and figures are listed, one a line", () => {
  const text = summarise({
    stats: {
      "valid?": true,
      count: 3,
      "ok-count": 2,
      "fail-count": 1,
      "info-count": 0,
      "by-f": {
        add: { "valid?": true, count: 1, "ok-count": 1, "fail-count": 0, "info-count": 0 },
        read: { "valid?": true, count: 2, "ok-count": 1, "fail-count": 1, "info-count": 0 },
      },
    },
    net: {
      "valid?": true,
      all: { "msg-count": 6, "msgs-per-op": 2 },
      servers: { "msg-count": 3, "msgs-per-op": 1 },
    },
    availability: { "valid?": true, "ok-fraction": 0.5 },
    exceptions: { "valid?": true },
    "valid?": true,
  }, plain);
  assertEquals(text.split("\n"), [
    "  operations      3: 2 ok, 1 fail, 0 info",
    "    add           1: 1 ok, 0 fail, 0 info",
    "    read          2: 1 ok, 1 fail, 0 info",
    "  messages        6 (2 per operation); between servers 3 (1 per operation)",
    "  availability    valid",
    "                  ok-fraction: 0.5",
  ]);
});

Deno.test("quantiles are in the order of their points", () => {
  const quantiles = { "0": 1, "1": 5, "0.5": 2, "0.95": 4 };
  assertEquals(linesOf({ "stable-latencies": quantiles }, true), [
    "workload        valid",
    "stable-latencies: 0 → 1, 0.5 → 2, 0.95 → 4, 1 → 5",
  ]);
});

Deno.test("the reasons in every kind of verdict are listed", () => {
  const linearizable = { "valid?": false, message: "it cannot be linearized" };
  const explanations = [{ type: "lost", message: "5 was lost", operations: [read] }];
  assertEquals(linesOf({ explanations }).slice(1), ["5 was lost"]);
  assertEquals(linesOf({ results: new Map([[3, { "valid?": false, linearizable }]]) }).slice(1), [
    "key 3: it cannot be linearized",
  ]);
  assertEquals(
    linesOf({ anomalies: { G1a: [{ type: "G1a", message: "an aborted read" }] } })[1],
    "G1a: an aborted read",
  );
  assertEquals(
    linesOf({ "poll-skip": { count: 1, errs: [{ message: "2 was skipped" }] } })[1],
    "poll-skip: 2 was skipped",
  );
  assertEquals(linesOf({ unseen: { time: 1, message: "3 was never polled" } }).slice(1), [
    "unseen: 3 was never polled",
  ]);
  assertEquals(
    linesOf({ error: { via: [{ type: "E", message: "broken" }] } }, "unknown")[1],
    "broken",
  );
  assertEquals(linesOf({ error: "malformed transaction" }, "unknown")[1], "malformed transaction");
  assertEquals(
    linesOf({ exceptions: [{ count: 2, class: "E", example: read }] }, true)[1],
    "2 × E: it threw",
  );
});

Deno.test("of many anomalies, the first of each kind are listed and the rest counted", () => {
  const cases = (type: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ type, message: `case ${index}` }));
  const anomalies = { G0: cases("G0", 8), G1a: cases("G1a", 1), internal: cases("internal", 2) };
  assertEquals(linesOf({ anomalies }).slice(1), [
    "G0: case 0",
    "G1a: case 0",
    "internal: case 0",
    "G0: case 1",
    "internal: case 1",
    "… and 6 more in results.json",
  ]);
});

Deno.test("long lines are truncated; a reason may have several lines", () => {
  const lines = linesOf({ explanations: [{ message: `first\n${"x".repeat(1000)}` }] });
  assertEquals(lines[1], "first");
  assert((lines[2] as string).length <= 400);
});

Deno.test("the summary notes a different verdict of Maelstrom", () => {
  const workload = { "valid?": false, "maelstrom-valid?": true };
  const text = summarise({ "valid?": false, "maelstrom-valid?": true, workload }, plain);
  assertStringIncludes(text, "Maelstrom's verdict would be valid");
});

Deno.test("of explanations, the first of each type are listed first", () => {
  const explanations = [{ type: "lost", message: "a" }, { type: "lost", message: "b" }, {
    type: "stranger",
    message: "c",
  }];
  assertEquals(linesOf({ explanations }).slice(1), ["a", "c", "b"]);
});

Deno.test("findings keep a node's control characters from the terminal", () => {
  const text = summarise({ "valid?": true }, plain, [{ label: "stderr", text: "\u001b[2J\u202e" }]);
  assertEquals(text, "  stderr          \\u001b[2J\\u202e");
});

Deno.test("the verdict of a register begins with its message and leaves out the search", () => {
  const search = {
    op: read,
    "previous-ok": read,
    "last-op": read,
    configs: [{ model: 1 }],
    "final-paths": [[{ op: read }]],
    linearization: [0],
  };
  const message = "Operation 7 cannot be linearized";
  assertEquals(linesOf({ ...search, message, visited: 12 }), ["workload        INVALID", message]);
  assertEquals(linesOf({ ...search, message, cause: "time limit", visited: 12 }, "unknown"), [
    "workload        unknown",
    message,
  ]);
  assertEquals(linesOf({ configs: [{ model: 1 }], "final-paths": [], visited: 12 }, true), [""]);
});
