import { assertEquals, assertThrows } from "std/testing";
import { decodeHistory, MalformedHistoryError } from "../../lib/history/mod.ts";

/** A write by process 0 and a read by process 1, in each of the formats. */
const formats: Readonly<Record<string, string>> = {
  "EDN, one operation a line": `
    {:index 0, :time 1, :type :invoke, :process 0, :f :write, :value 3}
    {:index 1, :time 2, :type :invoke, :process 1, :f :read, :value nil}
    {:index 2, :time 3, :type :ok, :process 1, :f :read, :value nil}
    {:index 3, :time 4, :type :ok, :process 0, :f :write, :value 3}
    `,
  "an EDN vector after a comment": `; from a test
    [{:index 0 :time 1 :type :invoke :process 0 :f :write
      :value 3}
     ; the read
     {:index 1 :time 2 :type :invoke :process 1 :f :read}
     {:index 2 :time 3 :type :ok :process 1 :f :read :value nil}
     {:index 3 :time 4 :type :ok :process 0 :f :write :value 3}]`,
  "an EDN list whose indexes begin at 1": `(
    {:index 1 :time 1 :type :invoke :process 0 :f :write :value 3}
    {:index 2 :time 2 :type :invoke :process 1 :f :read :value nil}
    {:index 3 :time 3 :type :ok :process 1 :f :read :value nil}
    {:index 4 :time 4 :type :ok :process 0 :f :write :value 3})`,
  "a JSON list": `[{"index":0,"time":1,"type":"invoke","process":0,"f":"write","value":3},
    {"index":1,"time":2,"type":"invoke","process":1,"f":"read"},
    {"index":2,"time":3,"type":"ok","process":1,"f":"read","value":null},
    {"index":3,"time":4,"type":"ok","process":0,"f":"write","value":3}]`,
  "JSON, one operation a line": `
{"index":0,"time":1,"type":"invoke","process":0,"f":"write","value":3}
{"index":1,"time":2,"type":"invoke","process":1,"f":"read","value":null}
{"index":2,"time":3,"type":"ok","process":1,"f":"read","value":null}
{"index":3,"time":4,"type":"ok","process":0,"f":"write","value":3}`,
};

const expected = [
  { index: 0, time: 1, type: "invoke", process: 0, f: "write", value: 3 },
  { index: 1, time: 2, type: "invoke", process: 1, f: "read", value: null },
  { index: 2, time: 3, type: "ok", process: 1, f: "read", value: null },
  { index: 3, time: 4, type: "ok", process: 0, f: "write", value: 3 },
];

for (const [format, text] of Object.entries(formats)) {
  Deno.test(`decodeHistory reads ${format}`, () => {
    assertEquals(decodeHistory(text, "h"), expected as never);
  });
}

Deno.test("decodeHistory reads the operations in Jepsen's log, and skips its other lines", () => {
  const log = [
    "INFO  jepsen.core - Relax! Starting a test",
    "INFO  jepsen.util - 0\t:invoke\t:write\t3",
    "INFO  jepsen.util - :nemesis\t:info\t:start\tnil",
    "INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]",
    "INFO  jepsen.util - 1\t:fail\t:cas\t[3 4]",
    "2016-01-01 INFO  jepsen.util - 0\t:info\t:write\t:timed-out",
  ].join("\n");
  assertEquals(
    decodeHistory(log, "h").map(({ type, process, f, value }) => [type, process, f, value]),
    [
      ["invoke", 0, "write", 3],
      ["info", "nemesis", "start", null],
      ["invoke", 1, "cas", [3, 4]],
      ["fail", 1, "cas", [3, 4]],
      ["info", 0, "write", "timed-out"],
    ],
  );
});

Deno.test("decodeHistory completes operations without time, process and function", () => {
  const text = `[{:type :invoke :value [[:append 1 2]]} {:type :ok :value [[:append 1 2]]}]`;
  assertEquals(decodeHistory(text, "h", "txn"), [
    { index: 0, time: 0, type: "invoke", process: 0, f: "txn", value: [["append", 1, 2]] },
    { index: 1, time: 0, type: "ok", process: 0, f: "txn", value: [["append", 1, 2]] },
  ]);
  assertThrows(() => decodeHistory(text, "h"), MalformedHistoryError, "the operation has no f");
});

Deno.test("decodeHistory gives a process that goes on after info a new number", () => {
  const types = ["invoke", "info", "invoke", "ok", "invoke", "info", "invoke", "ok"];
  const lines = types.map((type) => `{:type :${type}, :process 4, :f :read, :value nil}`);
  const history = decodeHistory(lines.join("\n"), "h");
  assertEquals(history.map(({ process }) => process), [4, 4, 5, 5, 5, 5, 6, 6]);
});

const rejected: readonly (readonly [name: string, text: string, problem: string])[] = [
  ["other text", "hello\nworld\n", "h, line 1: expected operations as EDN or JSON maps"],
  [
    "a missing operation",
    "{:index 4 :type :invoke :process 0 :f :a}\n{:index 6 :type :ok " +
    ":process 0 :f :a}",
    "h, entry 2: expected index 1, got 2 (1 missing)",
  ],
  ["a truncated list", "[{:type :invoke :process 0 :f :a}", "malformed EDN"],
  ["malformed JSON", '[{"type": "invoke",}]', "malformed JSON"],
  ["a value that is not a map", "[1 2]", "h, entry 1: an operation must be a map, got 1"],
  ["a completion without an invocation", "{:type :ok :process 0 :f :a}", "without an invocation"],
];

for (const [name, text, problem] of rejected) {
  Deno.test(`decodeHistory rejects ${name}`, () => {
    assertThrows(() => decodeHistory(text, "h"), MalformedHistoryError, problem);
  });
}

Deno.test("decodeHistory returns an empty history for a text without operations", () => {
  for (const text of ["", "\n ", "; a comment\n", "[]", "()"]) {
    assertEquals(decodeHistory(text, "h"), []);
  }
});
