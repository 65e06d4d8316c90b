import { deepEqual, notEqual, strictEqual } from "node:assert/strict";
import { decodeHistoryJsonl, type History } from "../../lib/history/mod.ts";

/** Decodes operations of one process, each an invocation and an ok completion with these values. */
function decoded(f: string, ...values: readonly unknown[]): History {
  const lines = values.map((value, index) =>
    JSON.stringify({ index, time: 0, type: index % 2 ? "ok" : "invoke", process: 0, f, value })
  );
  return decodeHistoryJsonl(`${lines.join("\n")}\n`, "history.jsonl");
}

/** Returns what is at a path of array indexes and keys in a value. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((part, step) => (part as Record<string | number, unknown>)[step], value);
}

Deno.test("polls and sends of a decoded history share equal pairs", () => {
  const values = [
    [["send", "a", 7]],
    [["send", "a", [0, 7]]],
    [["poll"]],
    [["poll", { a: [[0, 7], [1, 8]], b: [[0, 7]] }]],
    [["poll"]],
    [["poll", { a: [[0, 7], [1, 9]] }]],
  ];
  const history = decoded("txn", ...values);
  deepEqual(history.map(({ value }) => value), values);
  const sent = at(history[1]?.value, 0, 2);
  strictEqual(at(history[3]?.value, 0, 1, "a", 0), sent);
  strictEqual(at(history[3]?.value, 0, 1, "b", 0), sent);
  strictEqual(at(history[5]?.value, 0, 1, "a", 0), sent);
  notEqual(at(history[5]?.value, 0, 1, "a", 1), at(history[3]?.value, 0, 1, "a", 1));
});

Deno.test("a decoded history keeps values of logs that are not pairs of numbers", () => {
  const odd = [
    [["poll", { a: [[0, "7"], [0, 7, 7], [0], 7, null, [[0, 7], 7], {}] }]],
    [["poll", [[0, 7], [0, 7]]]],
    [["poll", null], ["poll"]],
    [["send"], ["send", "a", null], "poll", 0, null],
    { poll: [[0, 7]] },
    "poll",
  ];
  for (const value of odd) {
    const history = decoded("poll", [["poll"]], value, [["poll"]], value);
    deepEqual(history.map((operation) => operation.value), [[["poll"]], value, [["poll"]], value]);
  }
});
