import { assertEquals } from "std/testing";
import { checkExceptions } from "../../lib/check/mod.ts";
import { exceptionRecord, type History, type Operation } from "../../lib/history/mod.ts";
import { parseHistory } from "../../lib/testing/mod.ts";

function throwing(history: History, thrown: Readonly<Record<number, Error>>): History {
  return history.map((operation): Operation => {
    const error = thrown[operation.index];
    return error === undefined ? operation : { ...operation, exception: exceptionRecord(error) };
  });
}

Deno.test("exceptions: a run without exceptions reports only that it is valid", () => {
  assertEquals(checkExceptions(parseHistory("0 read; 0 info; 1 read; 1 ok")), { "valid?": true });
});

Deno.test("exceptions: listed by class, the most frequent first, with an example", () => {
  const history = throwing(
    parseHistory("0 read; 0 info; 1 read; 1 info; 2 read; 2 info; 3 read; 3 fail"),
    { 1: new RangeError("a"), 3: new TypeError("b"), 5: new TypeError("c"), 7: new Error("no") },
  );
  assertEquals(checkExceptions(history), {
    "valid?": true,
    exceptions: [
      { count: 2, class: "TypeError", example: history[3] },
      { count: 1, class: "RangeError", example: history[1] },
    ],
  });
});

Deno.test("exceptions: a malformed exception has the class unknown", () => {
  const [invoke, info] = parseHistory("0 read; 0 info") as [Operation, Operation];
  const history = [invoke, { ...info, exception: "boom" }];
  const [{ class: name }] = checkExceptions(history)["exceptions"] as [{ class: string }];
  assertEquals(name, "unknown");
});
