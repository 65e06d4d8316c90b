import { assertEquals, assertThrows } from "std/testing";
import {
  decodeHistoryEdn,
  encodeHistoryEdn,
  encodeOperationEdn,
  MalformedHistoryError,
  type Operation,
} from "../../lib/history/mod.ts";

/** Lines that Maelstrom wrote, with every kind of operation. */
const recorded = [
  `:time 13748573, :type :invoke, :process 0, :f :echo, :value "Please echo 10"}`,
  `:time 22130168, :type :ok, :process 0, :f :echo, :value {:type "echo_ok", :echo "Please echo 10", :in_reply_to 1}}`,
  `:time 23077829, :type :info, :process :nemesis, :f :start-partition, :value :majorities-ring}`,
  `:time 32962712, :type :info, :process :nemesis, :f :start-partition, :value [:isolated {"n0" #{"n2"}, "n2" #{"n1" "n0"}}]}`,
  `:time 161726098, :type :info, :process :nemesis, :f :stop-partition, :value nil}`,
  `:time 161853195, :type :info, :process :nemesis, :f :stop-partition, :value :network-healed}`,
  `:time 162731034, :type :invoke, :process 1, :f :generate, :value nil}`,
  `:time 163731034, :type :ok, :process 1, :f :generate, :value {"id" 45}}`,
  `:time 164731034, :type :invoke, :process 1, :f :read, :value nil, :final? true}`,
  `:time 165731034, :type :fail, :process 1, :f :read, :value nil, :final? true, :error :net-timeout}`,
  `:time 166731034, :type :invoke, :process 1, :f :cas, :value [0 [1 4]]}`,
  `:time 167731034, :type :fail, :process 1, :f :cas, :value [0 [1 4]], :error [:precondition-failed "current value \\"3\\" is not 1"]}`,
  `:time 168731034, :type :invoke, :process 1, :f :txn, :value [[:r 0 nil] [:append 9 1] [:w "x" -2.5]]}`,
  `:time 169731034, :type :info, :process 1, :f :txn, :value [[:r 0 nil] [:append 9 1] [:w "x" -2.5]], :error [:crash "code 13"]}`,
  `:time 170731034, :type :invoke, :process 3, :f :send, :value [[:send "8" 1]]}`,
  `:time 171731034, :type :ok, :process 3, :f :send, :value [[:send "8" [0 1]]]}`,
  `:time 172731034, :type :invoke, :process 3, :f :assign, :value ["4" "7"], :unseen {4 {:polled -1, :sent 0}}}`,
  `:time 173731034, :type :ok, :process 3, :f :assign, :value ["4" "7"], :seek-to-beginning? true}`,
  `:time 174731034, :type :invoke, :process 3, :f :poll, :value [[:poll]], :poll-ms 1000}`,
  `:time 175731034, :type :ok, :process 3, :f :poll, :value [[:poll {"4" [[0 1] [1 2]], "9" []}]], :poll-ms 1000}`,
  `:time 176731034, :type :invoke, :process 3, :f :add, :value 3}`,
  `:time 177731034, :type :info, :process 3, :f :add, :value 3, :exception {:via [{:type clojure.lang.ExceptionInfo, :message "a\\nb", :data {:type :rpc-error, :code 13, :name :crash, :definite? false, :body {:type "error", :code 13}}, :at [slingshot.support$stack_trace invoke "support.clj" 201]}], :trace [[slingshot.support$stack_trace invoke "support.clj" 201]], :cause "a\\nb", :data {:type :rpc-error}}, :error "indeterminate: a\\nb"}`,
].map((rest, index) => `{:index ${index}, ${rest}\n`).join("");

Deno.test("a history of Maelstrom's is decoded and encoded to the same bytes", () => {
  assertEquals(encodeHistoryEdn(decodeHistoryEdn(recorded, "history.edn")), recorded);
});

Deno.test("operations are decoded from EDN as plain values", () => {
  const history = decodeHistoryEdn(recorded, "history.edn");
  assertEquals(history[13], {
    index: 13,
    time: 169731034,
    type: "info",
    process: 1,
    f: "txn",
    value: [["r", 0, null], ["append", 9, 1], ["w", "x", -2.5]],
    error: ["crash", "code 13"],
  });
  assertEquals(history[8]?.final, true);
  assertEquals(history[2]?.process, "nemesis");
  assertEquals(history[16]?.extra, { unseen: { "4": { polled: -1, sent: 0 } } });
});

Deno.test("64-bit integers keep all digits", () => {
  const line =
    "{:index 0, :time 0, :type :invoke, :process 0, :f :add, :value 9223372036854775807}\n";
  assertEquals(decodeHistoryEdn(line, "h")[0]?.value, 9223372036854775807n);
  assertEquals(encodeHistoryEdn(decodeHistoryEdn(line, "h")), line);
});

Deno.test("a client's strings are never encoded as keywords", () => {
  const operation: Operation = {
    index: 0,
    time: 1,
    type: "invoke",
    process: 0,
    f: "broadcast",
    value: [["r", "nil"], { type: "ok", "a b": ":x" }],
  };
  assertEquals(
    encodeOperationEdn(operation),
    `{:index 0, :time 1, :type :invoke, :process 0, :f :broadcast, :value [["r" "nil"] {"type" "ok", "a b" ":x"}]}`,
  );
});

Deno.test("an empty history, blank lines and CRLF line ends are accepted", () => {
  assertEquals(decodeHistoryEdn("", "h"), []);
  const lines = recorded.split("\n").slice(0, 2);
  assertEquals(decodeHistoryEdn(`\r\n${lines.join("\r\n\r\n")}`, "h").length, 2);
});

const op = (index: number, type: string, process: string | number, f = "read") =>
  `{:index ${index}, :time ${index}, :type :${type}, :process ${process}, :f :${f}, :value nil}`;

const malformed: Readonly<Record<string, [text: string, line: number, problem: string]>> = {
  "a line that is malformed EDN": [
    `${op(0, "invoke", 0)}\n{:index 1, :time }\n`,
    2,
    "column 1: malformed EDN: a key of this map has no value",
  ],
  "an incomplete last line": [
    `${op(0, "invoke", 0)}\n${op(1, "ok", 0).slice(0, 30)}`,
    2,
    "the last line is incomplete, so the file is truncated: column 1: malformed EDN: " +
    "the closing '}' is missing",
  ],
  "a line that is not a map": ["[1 2]\n", 1, "an operation must be a map, got [1,2]"],
  "a missing field": ["{:index 0, :time 0, :type :ok, :f :read, :value 1}\n", 1, "no process"],
  "a missing value": ["{:index 0, :time 0, :type :ok, :process 1, :f :read}\n", 1, "no value"],
  "an invalid time": [
    "{:index 0, :time 0.5, :type :ok, :process 1, :f :read, :value 1}\n",
    1,
    "time must be an integer from 0 (ns), got 0.5",
  ],
  "an unknown type": [`${op(0, "invoked", 0)}\n`, 1, `type must be invoke, ok, fail or info`],
  "an unknown process": [
    `${op(0, "invoke", ":client")}\n`,
    1,
    `process must be an integer from 0 or nemesis`,
  ],
  "an invalid function": [
    "{:index 0, :time 0, :type :ok, :process 1, :f 3, :value 1}\n",
    1,
    "f must be a string or a keyword, got 3",
  ],
  "a missing operation": [
    `${op(0, "invoke", 0)}\n${op(2, "ok", 0)}\n`,
    2,
    "expected index 1, got 2 (1 missing)",
  ],
  "operations out of order": [
    `${op(0, "invoke", 0)}\n${op(1, "ok", 0)}\n${op(1, "ok", 0)}\n`,
    3,
    "expected index 2, got 1 (out of order)",
  ],
  "a completion without an invocation": [
    `${op(0, "ok", 7)}\n`,
    1,
    "process 7 completes without an invocation",
  ],
  "a completion of another function": [
    `${op(0, "invoke", 7)}\n${op(1, "ok", 7, "write")}\n`,
    2,
    "process 7 completes write, but its pending operation 0 is read",
  ],
  "two pending operations of one process": [
    `${op(0, "invoke", 7)}\n${op(1, "invoke", 7)}\n`,
    2,
    "process 7 invokes while its operation 0 is pending",
  ],
  "a process that continues after an indeterminate operation": [
    `${op(0, "invoke", 7)}\n${op(1, "info", 7)}\n${op(2, "invoke", 7)}\n`,
    3,
    "process 7 continues after operation 1 completed as info",
  ],
};

for (const [defect, [text, line, problem]] of Object.entries(malformed)) {
  Deno.test(`a history with ${defect} is rejected with its file and line`, () => {
    const error = assertThrows(
      () => decodeHistoryEdn(text, "store/echo/history.edn"),
      MalformedHistoryError,
    );
    assertEquals([error.file, error.line], ["store/echo/history.edn", line]);
    assertEquals(error.message.includes(problem), true, error.message);
    assertEquals(error.message.startsWith(`store/echo/history.edn, line ${line}: `), true);
  });
}

Deno.test("final? is true, false, nil or absent, and nothing else", () => {
  const read = (final: string) =>
    decodeHistoryEdn(
      `{:index 0, :time 0, :type :invoke, :process 0, :f :read, :value nil${final}}\n`,
      "h",
    )[0]?.final;
  assertEquals([read(", :final? true"), read("")], [true, undefined]);
  assertEquals([read(", :final? false"), read(", :final? nil")].some(Boolean), false);
  assertThrows(() => read(", :final? 1"), MalformedHistoryError, "final? must be true or false");
});
