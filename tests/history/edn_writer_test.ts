import { assertEquals, assertThrows } from "std/testing";
import { type Operation, parseEdn, writeEdn } from "../../lib/history/mod.ts";

const operation: Operation = {
  index: 7,
  time: 14,
  type: "ok",
  process: 2,
  f: "txn",
  value: [["r", 1, null]],
};

Deno.test("objects become maps with keyword keys, Maps maps with data keys, Sets sets", () => {
  const results = {
    "valid?": true,
    "by-f": { read: { count: 2 } },
    quantiles: new Map([[0, 1], [0.5, 20]]),
    counts: new Map<unknown, number>([["a", 1], [[1, 2], 2]]),
    models: new Set([1, 2]),
    nothing: null,
    absent: undefined,
  };
  assertEquals(
    writeEdn(results),
    `{:valid? true,
 :by-f {:read {:count 2}},
 :quantiles {0 1, 0.5 20},
 :counts {"a" 1, [1 2] 2},
 :models #{1 2},
 :nothing nil}
`,
  );
});

Deno.test("names of verdicts, anomalies and models are keywords; other strings are not", () => {
  assertEquals(
    writeEdn({
      "valid?": "unknown",
      "anomaly-types": ["G0"],
      not: new Set(["read-committed"]),
      error: "not found",
      element: "stable",
      outcome: "stable",
    }),
    `{:valid? :unknown,
 :anomaly-types [:G0],
 :not #{:read-committed},
 :error "not found",
 :element "stable",
 :outcome :stable}
`,
  );
});

Deno.test("integral fractions have a decimal point", () => {
  const results = { "ok-fraction": 1, net: { "msgs-per-op": 0, count: 0 }, lag: 0.25 };
  assertEquals(
    writeEdn(results),
    "{:ok-fraction 1.0, :net {:msgs-per-op 0.0, :count 0}, :lag 0.25}\n",
  );
  assertEquals(parseEdn(writeEdn(results)), results);
});

Deno.test("an operation in a result has Jepsen's tag", () => {
  assertEquals(
    writeEdn({ op: operation }),
    "{:op #jepsen.history.Op{:index 7, :time 14, :type :ok, :process 2, :f :txn, " +
      ":value [[:r 1 nil]]}}\n",
  );
});

Deno.test("an element that is an object is written as data", () => {
  assertEquals(writeEdn({ element: { id: "x" } }), `{:element {"id" "x"}}\n`);
});

Deno.test("long results are broken into lines of at most 100 characters", () => {
  const results = {
    workload: {
      lost: Array.from({ length: 60 }, (_, index) => index),
      errors: Array.from({ length: 4 }, (_, index) => ({
        message: `a fairly long message, number ${index}`,
        "acceptable-values": [index, index + 1],
      })),
    },
  };
  const text = writeEdn(results);
  for (const line of text.split("\n")) assertEquals(line.length <= 100, true, line);
  assertEquals(parseEdn(text), results);
});

Deno.test("writeEdn throws for a function", () => {
  assertThrows(() => writeEdn({ check: () => true }), TypeError, "function");
});
