import { assertEquals, assertThrows } from "std/testing";
import { checkSetFull, quantiles } from "../../lib/check/mod.ts";
import { parseHistory } from "./notation.ts";

const cases: Readonly<Record<string, [history: string, expected: Record<string, unknown>]>> = {
  "an element that every later read holds is stable": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]",
    { "valid?": true, "stable-count": 1, "stable-latencies": quantiles([0]) },
  ],
  "an element that later reads never hold is lost": [
    "0 add 1; 0 ok; 1 read; 1 ok []",
    { "valid?": false, lost: [1], "lost-count": 1, "lost-latencies": quantiles([0]) },
  ],
  "an element that was seen and then vanishes is lost, and the time it was there is told": [
    "0 add 1 @10; 0 ok @20; 1 read @30; 1 ok [1] @40; 1 read @50; 1 ok [] @60",
    {
      "valid?": false,
      lost: [1],
      "lost-latencies": quantiles([10]),
      "flickering-count": 1,
      flickering: [1],
    },
  ],
  "an element that is late is stale, and its latency ends with the last read that missed it": [
    "0 add 1 @0; 0 ok @10; 1 read @35; 1 ok [] @36; 1 read @50; 1 ok [1] @51",
    { "valid?": true, stale: [1], "stale-count": 1, "stable-latencies": quantiles([25]) },
  ],
  "a latency ends one nanosecond after the read that missed the element, as in Jepsen": [
    "0 add 1 @0; 0 ok @10; 1 read @34.999999; 1 ok [] @36; 1 read @50; 1 ok [1] @51",
    { "valid?": true, "stable-latencies": quantiles([25]) },
  ],
  "an element that flickers and settles is stable, with a warning": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 ok []; 1 read; 1 ok [1]",
    { "valid?": true, "stable-count": 1, flickering: [1], "flickering-count": 1 },
  ],
  "two nodes that learn of an element at different times are no flicker": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 2 read; 2 ok []; 2 read; 2 ok [1]",
    { "valid?": true, "stable-count": 1, "flickering-count": undefined },
  ],
  "a read that overlaps with the addition may miss it": [
    "1 read; 0 add 1; 0 ok; 1 ok []; 1 read; 1 ok [1]",
    { "valid?": true, "stable-latencies": quantiles([0]) },
  ],
  "an element is never read when no read begins after it was known": [
    "1 read; 0 add 1; 0 ok; 1 ok []",
    { "valid?": "unknown", "never-read": [1], "never-read-count": 1 },
  ],
  "an addition of unknown outcome may be missing": [
    "0 add 1; 0 info; 1 add 2; 1 ok; 1 read; 1 ok [2]",
    { "valid?": true, "never-read": [1], "stable-count": 1, "attempt-count": 2 },
  ],
  "an addition of unknown outcome that was seen once must stay": [
    "0 add 1; 0 info; 1 read; 1 ok [1]; 1 read; 1 ok []",
    { "valid?": false, lost: [1] },
  ],
  "a history without reads decides nothing": [
    "0 add 1; 0 ok",
    { "valid?": "unknown", "never-read": [1], "attempt-count": 1 },
  ],
  "the latest-invoked read counts, not the latest to complete": [
    "0 add 1; 0 ok; 1 read; 2 read; 2 ok [1]; 1 ok []",
    { "valid?": true, "stable-count": 1, lost: [] },
  ],
  "failed and unfinished reads say nothing": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 fail; 2 read; 2 info; 3 read",
    { "valid?": true, "stable-count": 1 },
  ],
  "an element that one read holds twice is invalid, though Maelstrom does not look": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 1]",
    {
      "valid?": false,
      "maelstrom-valid?": true,
      "duplicated-count": 1,
      duplicated: new Map([[1, 2]]),
    },
  ],
  "duplicates are counted by the worst read": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 1]; 1 read; 1 ok [1, 1, 1]; 1 read; 1 ok [1, 1]",
    { "valid?": false, "maelstrom-valid?": true, duplicated: new Map([[1, 3]]) },
  ],
  "an element that nobody sent is invalid, though Maelstrom does not look": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 9]",
    { "valid?": false, "maelstrom-valid?": true, strangers: [9], "stranger-count": 1 },
  ],
  "an element that is read before it is sent is a stranger, and judged from then on": [
    "1 read; 1 ok [7]; 0 add 7; 0 ok; 1 read; 1 ok [7]",
    {
      "valid?": false,
      "maelstrom-valid?": true,
      strangers: [7],
      "stable-count": 1,
      "attempt-count": 1,
    },
  ],
  "a process that takes over after an unknown outcome reads on": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 info; 5 read; 5 ok []",
    { "valid?": false, lost: [1], "flickering-count": undefined },
  ],
  "elements may be any JSON": [
    `0 add {"a": 1, "b": [2]}; 0 ok; 0 add "x"; 0 ok; 0 add null; 0 ok
     1 read; 1 ok [null, {"b": [2], "a": 1}, "x"]`,
    { "valid?": true, "maelstrom-valid?": "unknown", "stable-count": 3 },
  ],
  '1 and "1" are different elements': [
    `0 add 1; 0 ok; 0 add "1"; 0 ok; 1 read; 1 ok [1]`,
    { "valid?": false, lost: ["1"], "maelstrom-valid?": "unknown" },
  ],
  "lost elements come in order": [
    `0 add 10; 0 ok; 0 add 9; 0 ok; 0 add 2; 0 ok; 1 read; 1 ok []`,
    { "valid?": false, lost: [2, 9, 10] },
  ],
};

for (const [behaviour, [text, expected]] of Object.entries(cases)) {
  Deno.test(`set-full: ${behaviour}`, () => {
    const verdict = checkSetFull(parseHistory(text));
    for (const [key, value] of Object.entries(expected)) assertEquals(verdict[key], value, key);
    if (!("maelstrom-valid?" in expected)) assertEquals(verdict["maelstrom-valid?"], undefined);
  });
}

Deno.test("set-full: broadcast's additions are called broadcast", () => {
  const history = parseHistory("0 broadcast 1; 0 ok; 1 read; 1 ok []; 2 add 5; 2 ok");
  assertEquals(checkSetFull(history, { addition: "broadcast" })["lost"], [1]);
});

Deno.test("set-full: a loss is explained by the operations that prove it", () => {
  const history = parseHistory("0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 ok []");
  const [loss, flicker] = checkSetFull(history)["explanations"] as Record<string, unknown>[];
  assertEquals(loss, {
    type: "lost",
    message: "1 was in the set by operation 1 (add of process 0), the last read to hold it was " +
      "invoked as operation 2, and the read invoked as operation 4 does not hold it any more.",
    element: 1,
    known: history[1],
    "last-present": history[2],
    "last-absent": history[4],
  });
  assertEquals(flicker?.["type"], "flickering");
});

Deno.test("set-full: a read that is no list cannot be judged", () => {
  assertThrows(
    () => checkSetFull(parseHistory("1 read; 1 ok 5")),
    TypeError,
    "operation 1 is an ok read, but its value is no list",
  );
});
