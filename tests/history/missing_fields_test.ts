import { assertEquals, assertThrows } from "std/testing";
import { decodeHistoryEdn, MalformedHistoryError } from "../../lib/history/mod.ts";

const decode = (...lines: string[]) => decodeHistoryEdn(lines.join("\n") + "\n", "h");

Deno.test("index and time may be missing: the position counts, and all times are 0", () => {
  const history = decode(
    "{:type :invoke, :process 3, :f :read, :value nil}",
    "{:type :ok, :process 3, :f :read, :value 1}",
  );
  assertEquals(history.map(({ index, time, process }) => [index, time, process]), [
    [0, 0, 3],
    [1, 0, 3],
  ]);
});

Deno.test("without concurrency, process may be missing; info starts the next process", () => {
  const history = decode(
    "{:type :invoke, :f :write, :value 1}",
    "{:type :info, :f :write, :value 1}",
    "{:type :invoke, :f :read, :value nil}",
    "{:type :ok, :f :read, :value 1}",
  );
  assertEquals(history.map(({ process }) => process), [0, 0, 1, 1]);
});

const rejected: readonly (readonly [name: string, lines: readonly string[], problem: string])[] = [
  ["concurrent operations without processes", [
    "{:type :invoke, :f :write, :value 1}",
    "{:type :invoke, :f :read, :value nil}",
  ], "line 2: the operation has no process, which concurrent operations need"],
  ["a completion without an invocation", [
    "{:type :ok, :f :read, :value nil}",
  ], "line 1: the operation has no process, and no operation is pending"],
  ["a field that only later operations have", [
    "{:process 0, :type :invoke, :f :read, :value nil}",
    "{:process 0, :time 4, :type :ok, :f :read, :value nil}",
  ], "line 2: the operation has a field time, but the first one has none"],
  ["a field that only earlier operations have", [
    "{:process 0, :time 4, :type :invoke, :f :read, :value nil}",
    "{:process 0, :type :ok, :f :read, :value nil}",
  ], "line 2: the operation has no time"],
];

for (const [name, lines, problem] of rejected) {
  Deno.test(`a history is rejected with ${name}`, () => {
    const error = assertThrows(() => decode(...lines), MalformedHistoryError);
    assertEquals(error.message.includes(problem), true, error.message);
  });
}
