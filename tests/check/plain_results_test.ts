import { assertEquals } from "std/testing";
import { plainResults } from "../../lib/check/mod.ts";

Deno.test("plainResults converts maps to objects, sets to arrays, operations to records", () => {
  const operation = {
    index: 0,
    time: 1,
    type: "ok",
    process: 0,
    f: "read",
    value: 1,
    final: true,
    extra: { "poll-ms": 5 },
  };
  const results = {
    "stable-latencies": new Map([[0, 1], [0.5, 2]]),
    duplicated: new Map<unknown, number>([["1", 2], [1, 3], [[1], 4]]),
    counts: new Map([["a b", 1]]),
    not: new Set(["serializable"]),
    worst: [{ known: operation }],
    absent: undefined,
    nothing: null,
  };
  assertEquals(plainResults(results), {
    "stable-latencies": { "0": 1, "0.5": 2 },
    duplicated: { '"1"': 2, "1": 3, "[1]": 4 },
    counts: { "a b": 1 },
    not: ["serializable"],
    worst: [{
      known: {
        index: 0,
        time: 1,
        type: "ok",
        process: 0,
        f: "read",
        value: 1,
        "poll-ms": 5,
        "final?": true,
      },
    }],
    nothing: null,
  });
});
