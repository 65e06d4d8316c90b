import { assertEquals, assertThrows } from "std/testing";
import { checkSetFull, quantiles } from "../../lib/check/mod.ts";
import { parseHistory } from "../../lib/testing/mod.ts";

const cases: Readonly<Record<string, [history: string, expected: Record<string, unknown>]>> = {
  "an element that every later read contains is stable": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]",
    { "valid?": true, "stable-count": 1, "stable-latencies": quantiles([0]) },
  ],
  "an element that no later read contains is lost": [
    "0 add 1; 0 ok; 1 read; 1 ok []",
    { "valid?": false, lost: [1], "lost-count": 1, "lost-latencies": quantiles([0]) },
  ],
  "an element that was read and then vanishes is lost; its latency ends with its last read": [
    "0 add 1 @10; 0 ok @20; 1 read @30; 1 ok [1] @40; 1 read @50; 1 ok [] @60",
    {
      "valid?": false,
      lost: [1],
      "lost-latencies": quantiles([10]),
      "flickering-count": 1,
      flickering: [1],
    },
  ],
  "an element that a later read lacks is stale; its latency ends with the last such read": [
    "0 add 1 @0; 0 ok @10; 1 read @35; 1 ok [] @36; 1 read @50; 1 ok [1] @51",
    { "valid?": true, stale: [1], "stale-count": 1, "stable-latencies": quantiles([25]) },
  ],
  "a latency ends 1 ns after the last read without the element, as in Jepsen": [
    "0 add 1 @0; 0 ok @10; 1 read @34.999999; 1 ok [] @36; 1 read @50; 1 ok [1] @51",
    { "valid?": true, "stable-latencies": quantiles([25]) },
  ],
  "an element with a non-monotonic read that is read again is stable, with a warning": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 ok []; 1 read; 1 ok [1]",
    { "valid?": true, "stable-count": 1, flickering: [1], "flickering-count": 1 },
  ],
  "reads of two processes are not compared for monotonicity": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 2 read; 2 ok []; 2 read; 2 ok [1]",
    { "valid?": true, "stable-count": 1, "flickering-count": undefined },
  ],
  "a read concurrent with the addition may lack the element": [
    "1 read; 0 add 1; 0 ok; 1 ok []; 1 read; 1 ok [1]",
    { "valid?": true, "stable-latencies": quantiles([0]) },
  ],
  "an element is never-read if no read is invoked after it was known": [
    "1 read; 0 add 1; 0 ok; 1 ok []",
    { "valid?": "unknown", "never-read": [1], "never-read-count": 1 },
  ],
  "the element of an indeterminate addition may be missing": [
    "0 add 1; 0 info; 1 add 2; 1 ok; 1 read; 1 ok [2]",
    { "valid?": true, "never-read": [1], "stable-count": 1, "attempt-count": 2 },
  ],
  "the element of an indeterminate addition must stay once it was read": [
    "0 add 1; 0 info; 1 read; 1 ok [1]; 1 read; 1 ok []",
    { "valid?": false, lost: [1] },
  ],
  "the verdict on a history without reads is unknown": [
    "0 add 1; 0 ok",
    { "valid?": "unknown", "never-read": [1], "attempt-count": 1 },
  ],
  "the latest-invoked read decides, not the latest-completed": [
    "0 add 1; 0 ok; 1 read; 2 read; 2 ok [1]; 1 ok []",
    { "valid?": true, "stable-count": 1, lost: [] },
  ],
  "failed and indeterminate reads are ignored": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 fail; 2 read; 2 info; 3 read",
    { "valid?": true, "stable-count": 1 },
  ],
  "an element twice in one read is invalid; Maelstrom accepts it": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 1]",
    {
      "valid?": false,
      "maelstrom-valid?": true,
      "duplicated-count": 1,
      duplicated: new Map([[1, 2]]),
    },
  ],
  "a duplicate's count is its maximum in one read": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 1]; 1 read; 1 ok [1, 1, 1]; 1 read; 1 ok [1, 1]",
    { "valid?": false, "maelstrom-valid?": true, duplicated: new Map([[1, 3]]) },
  ],
  "a phantom element is invalid; Maelstrom accepts it": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 9]",
    { "valid?": false, "maelstrom-valid?": true, strangers: [9], "stranger-count": 1 },
  ],
  "an element that is read before its addition is a phantom, then tracked as usual": [
    "1 read; 1 ok [7]; 0 add 7; 0 ok; 1 read; 1 ok [7]",
    {
      "valid?": false,
      "maelstrom-valid?": true,
      strangers: [7],
      "stable-count": 1,
      "attempt-count": 1,
    },
  ],
  "reads of the process that replaces a crashed one count": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 info; 5 read; 5 ok []",
    { "valid?": false, lost: [1], "flickering-count": undefined },
  ],
  "elements may be any JSON values": [
    `0 add {"a": 1, "b": [2]}; 0 ok; 0 add "x"; 0 ok; 0 add null; 0 ok
     1 read; 1 ok [null, {"b": [2], "a": 1}, "x"]`,
    { "valid?": true, "maelstrom-valid?": "unknown", "stable-count": 3 },
  ],
  '1 and "1" are different elements': [
    `0 add 1; 0 ok; 0 add "1"; 0 ok; 1 read; 1 ok [1]`,
    { "valid?": false, lost: ["1"], "maelstrom-valid?": "unknown" },
  ],
  "lost elements are sorted": [
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

Deno.test("set-full: a read of null is a read of no elements", () => {
  const verdict = checkSetFull(parseHistory("0 add 1; 0 ok; 1 read; 1 ok null"));
  assertEquals([verdict["valid?"], verdict["lost-count"]], [false, 1]);
});

Deno.test("set-full: a read without an invocation is ignored", () => {
  const history = parseHistory("0 add 1; 0 ok; 1 read; 1 ok [1]; 2 read; 2 ok []");
  const verdict = checkSetFull(
    history.filter(({ type, process }) => type !== "invoke" || process !== 2),
  );
  assertEquals([verdict["valid?"], verdict["lost-count"]], [true, 0]);
});

Deno.test("set-full: the function that adds elements can be broadcast", () => {
  const history = parseHistory("0 broadcast 1; 0 ok; 1 read; 1 ok []; 2 add 5; 2 ok");
  assertEquals(checkSetFull(history, { addition: "broadcast" })["lost"], [1]);
});

Deno.test("set-full: the explanation of a lost element names the operations that prove it", () => {
  const history = parseHistory("0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 ok []");
  const [lost, nonmonotonic] = checkSetFull(history)["explanations"] as Record<string, unknown>[];
  assertEquals(lost, {
    type: "lost",
    message: "1 was in the set at operation 1 (add of process 0). The last read that contains it " +
      "was invoked as operation 2; the later read invoked as operation 4 does not contain it.",
    element: 1,
    known: history[1],
    "last-present": history[2],
    "last-absent": history[4],
  });
  assertEquals(nonmonotonic?.["type"], "flickering");
});

Deno.test("set-full: an ok read whose value is not a list throws", () => {
  assertThrows(
    () => checkSetFull(parseHistory("1 read; 1 ok 5")),
    TypeError,
    "the value of ok read 1 must be a list, got 5",
  );
});

Deno.test("set-full: an element of another JSON type is explained first", () => {
  const history = parseHistory('0 add 1; 0 ok; 1 read; 1 ok ["1", "x"]');
  const { explanations = [] } = checkSetFull(history) as unknown as {
    explanations?: readonly { type: string; message: string }[];
  };
  assertEquals(explanations.map(({ type }) => type), ["another-type", "lost", "stranger"]);
  assertEquals(
    explanations[0]?.message,
    'Operation 3 (read of process 1) contains "1", a string; the value that was added is 1, a number.',
  );
});

Deno.test("set-full: an element that is read although its addition failed is invalid", () => {
  const history = parseHistory("0 add 1; 0 ok; 1 add 2; 1 fail; 2 read; 2 ok [1, 2]");
  const verdict = checkSetFull(history);
  assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
  assertEquals([verdict["aborted-count"], verdict["aborted"]], [1, [2]]);
  const [found] = verdict["explanations"] as { type: string; message: string }[];
  assertEquals(found?.type, "aborted");
  assertEquals(
    found?.message,
    "Operation 3 (add of process 1) failed, but the read invoked as operation 4 contains 2.",
  );
  const retried = parseHistory("1 add 2; 1 fail; 0 add 2; 0 ok; 2 read; 2 ok [2]");
  assertEquals(checkSetFull(retried)["aborted"], undefined);
});
