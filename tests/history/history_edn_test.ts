import { assertEquals, assertThrows } from "std/testing";
import {
  DamagedHistoryError,
  decodeHistoryEdn,
  encodeHistoryEdn,
  encodeOperationEdn,
  type Operation,
} from "../../lib/history/mod.ts";

/** Lines exactly as the real Maelstrom wrote them, one run's worth of every shape of operation. */
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

Deno.test("a history of Maelstrom's is written again byte for byte", () => {
  assertEquals(encodeHistoryEdn(decodeHistoryEdn(recorded, "history.edn")), recorded);
});

Deno.test("operations come out of EDN as plain values", () => {
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

Deno.test("integers of 64 bits keep their digits", () => {
  const line =
    "{:index 0, :time 0, :type :invoke, :process 0, :f :add, :value 9223372036854775807}\n";
  assertEquals(decodeHistoryEdn(line, "h")[0]?.value, 9223372036854775807n);
  assertEquals(encodeHistoryEdn(decodeHistoryEdn(line, "h")), line);
});

Deno.test("words of clients are never taken for keywords", () => {
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

Deno.test("an empty history, blank lines and Windows line ends are accepted", () => {
  assertEquals(decodeHistoryEdn("", "h"), []);
  const lines = recorded.split("\n").slice(0, 2);
  assertEquals(decodeHistoryEdn(`\r\n${lines.join("\r\n\r\n")}`, "h").length, 2);
});

const op = (index: number, type: string, process: string | number, f = "read") =>
  `{:index ${index}, :time ${index}, :type :${type}, :process ${process}, :f :${f}, :value nil}`;

const damaged: Readonly<Record<string, [text: string, line: number, problem: string]>> = {
  "a line that is not EDN": [
    `${op(0, "invoke", 0)}\n{:index 1, :time }\n`,
    2,
    "column 1: this is not EDN: a map has a key without a value",
  ],
  "a last line that breaks off": [
    `${op(0, "invoke", 0)}\n${op(1, "ok", 0).slice(0, 30)}`,
    2,
    "the last line breaks off, the file is truncated: column 1: this is not EDN: " +
    "nothing closes what opens here ('}')",
  ],
  "a line that is no map": ["[1 2]\n", 1, "an operation is a map, not [1,2]"],
  "a missing field": ["{:index 0, :time 0, :type :ok, :f :read, :value 1}\n", 1, "no process"],
  "a missing value": ["{:index 0, :time 0, :type :ok, :process 1, :f :read}\n", 1, "no value"],
  "a time that is none": [
    "{:index 0, :time 0.5, :type :ok, :process 1, :f :read, :value 1}\n",
    1,
    "time must be a whole number of nanoseconds, not 0.5",
  ],
  "an unknown type": [`${op(0, "invoked", 0)}\n`, 1, `type must be invoke, ok, fail or info`],
  "an unknown process": [`${op(0, "invoke", ":client")}\n`, 1, `process must be a whole number`],
  "a function that is no name": [
    "{:index 0, :time 0, :type :ok, :process 1, :f 3, :value 1}\n",
    1,
    "f must be a name, not 3",
  ],
  "a missing operation": [
    `${op(0, "invoke", 0)}\n${op(2, "ok", 0)}\n`,
    2,
    "index 1 was expected, not 2 (1 missing)",
  ],
  "operations out of order": [
    `${op(0, "invoke", 0)}\n${op(1, "ok", 0)}\n${op(1, "ok", 0)}\n`,
    3,
    "index 2 was expected, not 1 (out of order)",
  ],
  "a completion that nothing invoked": [
    `${op(0, "ok", 7)}\n`,
    1,
    "process 7 completes what it never invoked",
  ],
  "a completion of something else": [
    `${op(0, "invoke", 7)}\n${op(1, "ok", 7, "write")}\n`,
    2,
    "process 7 completes write, but had invoked read (operation 0)",
  ],
  "a process that does two things at once": [
    `${op(0, "invoke", 7)}\n${op(1, "invoke", 7)}\n`,
    2,
    "process 7 invokes while its operation 0 is unfinished",
  ],
  "a process that goes on after an unknown outcome": [
    `${op(0, "invoke", 7)}\n${op(1, "info", 7)}\n${op(2, "invoke", 7)}\n`,
    3,
    "process 7 goes on although its operation 1 ended info",
  ],
};

for (const [what, [text, line, problem]] of Object.entries(damaged)) {
  Deno.test(`a history with ${what} is refused with its file and line`, () => {
    const error = assertThrows(
      () => decodeHistoryEdn(text, "store/echo/history.edn"),
      DamagedHistoryError,
    );
    assertEquals([error.file, error.line], ["store/echo/history.edn", line]);
    assertEquals(error.message.includes(problem), true, error.message);
    assertEquals(error.message.startsWith(`store/echo/history.edn, line ${line}: `), true);
  });
}
