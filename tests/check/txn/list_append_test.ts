import { assertEquals, assertMatch } from "std/testing";
import { checkListAppend, type CycleEvidence } from "../../../lib/check/txn/mod.ts";
import { listAnomalies } from "./list_anomaly_cases.ts";
import { parseTransactions } from "../../../lib/testing/mod.ts";

for (const { name, history, model, types, not } of listAnomalies) {
  Deno.test(`list-append under ${model}: ${name}`, () => {
    const verdict = checkListAppend(parseTransactions(history, "append"), {
      consistencyModels: [model],
    });
    assertEquals(verdict["anomaly-types"] ?? [], types);
    assertEquals(verdict["valid?"], types.length === 0);
    assertEquals(verdict.not ?? [], not);
  });
}

const validHistories: Readonly<Record<string, string>> = {
  "a read after two sequential appends": "ax1 ; ax2 ; rx12",
  "an indeterminate append that a read observes": "ax1? ; rx1",
  "an indeterminate append that no read observes": "ax1? ; ax2 ; rx2",
  "an aborted append that no read observes": "ax1! | ay1 ; rx_ ry1",
  "concurrent transactions in a serial order": "ax1 ry_ | ay1 rx1 ; rx1 ry1",
  "a transaction that reads its own appends": "ax1 ; rx1 ax2 ax3 rx123 ; rx123",
  "an indeterminate transaction that takes effect after its completion": "ax1? ; rx_ ; rx1",
};

for (const [name, history] of Object.entries(validHistories)) {
  Deno.test(`list-append accepts ${name}`, () => {
    const verdict = checkListAppend(parseTransactions(history, "append"), {
      consistencyModels: ["strict-serializable"],
    });
    assertEquals(verdict, { "valid?": true });
  });
}

Deno.test("list-append: a history without dependencies is unknown", () => {
  const verdict = checkListAppend(parseTransactions("ax1 | ay1", "append"), {
    consistencyModels: ["serializable"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["anomaly-types"], ["empty-transaction-graph"]);
});

Deno.test("list-append: a cycle is explained edge by edge, with keys and values", () => {
  const verdict = checkListAppend(parseTransactions("rx_ ry1 | ax1 ay1", "append"), {
    consistencyModels: ["serializable"],
  });
  const [found] = verdict.anomalies?.["G-single-item"] as unknown as CycleEvidence[];
  const steps = found?.steps.map(({ message: _message, ...data }) => data);
  assertEquals(found?.cycle, [2, 3, 2]);
  assertEquals(steps, [
    { type: "rw", from: 2, to: 3, key: "x", value: null, "next-value": 1 },
    { type: "wr", from: 3, to: 2, key: "y", value: 1 },
  ]);
  assertMatch(found?.message ?? "", /T2 is operation 3 .*\["append","x",1\]/);
  assertMatch(
    found?.message ?? "",
    /T1 < T2: T1 read key "x" as empty and did not observe T2's append of 1/,
  );
  assertMatch(found?.message ?? "", /T2 < T1: T1 observed T2's append of 1 to key "y"/);
});

Deno.test("list-append: process and real-time edges are explained by process and time", () => {
  const history = parseTransactions("0: ax1 ; 0: rx_", "append");
  const stepsUnder = (model: string, type: string) => {
    const { anomalies } = checkListAppend(history, { consistencyModels: [model] });
    const [found] = anomalies?.[type] as unknown as CycleEvidence[];
    return found?.steps.map(({ type, message }) => `${type}: ${message}`).join("\n") ?? "";
  };
  assertMatch(
    stepsUnder("strong-session-serializable", "G-single-item-process"),
    /process: T\d < T\d: process 0 executed T\d before T\d/,
  );
  assertMatch(
    stepsUnder("strict-serializable", "G-single-item-realtime"),
    /realtime: .*: T\d completed at index 1, 0.001 s before the invocation of T\d at index 2/,
  );
});

Deno.test("list-append: the time between two transactions is in seconds", () => {
  const history = parseTransactions("0: ax1 ; 0: rx_", "append")
    .map((operation) => ({ ...operation, time: operation.time * 3000 }));
  const { anomalies } = checkListAppend(history, { consistencyModels: ["strict-serializable"] });
  const [found] = anomalies?.["G-single-item-realtime"] as unknown as CycleEvidence[];
  assertMatch(found?.message ?? "", /completed at index 1, 3.000 s before the invocation/);
});

Deno.test("list-append: anomalies of single reads name the reading and writing operations", () => {
  const { anomalies } = checkListAppend(parseTransactions("ax1! ; rx1 ; rx12", "append"), {
    consistencyModels: ["read-committed"],
  });
  const [aborted] = anomalies?.["G1a"] ?? [];
  const [phantom] = anomalies?.["phantom-read"] ?? [];
  assertEquals([aborted?.["operation"], aborted?.["writer"], aborted?.["element"]], [3, 1, 1]);
  assertEquals([phantom?.["operation"], phantom?.["key"], phantom?.["element"]], [5, "x", 2]);
});

Deno.test("list-append: all anomalies of a type are counted, the first 8 are explained", () => {
  const reads = Array.from({ length: 20 }, () => "rx1").join(" | ");
  const verdict = checkListAppend(parseTransactions(`ax1! ; ${reads}`, "append"), {
    consistencyModels: ["read-committed"],
  });
  assertEquals(verdict["anomaly-counts"]?.["G1a"], 20);
  assertEquals(verdict.anomalies?.["G1a"]?.length, 8);
});

Deno.test("list-append: a phantom read makes Elle throw, so Maelstrom's verdict is unknown", () => {
  const verdict = checkListAppend(parseTransactions("ax1 | rx_ ; rx12", "append"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["phantom-read"]);
  assertEquals(verdict["maelstrom-valid?"], "unknown");
});

Deno.test("list-append: keys and elements can be any JSON values", () => {
  const history = parseTransactions("ax1 ; rx1", "append").map((operation) => ({
    ...operation,
    value: (operation.value as unknown[][]).map(([f, , value]) => [
      f,
      operation.index < 2 ? { a: 1, b: [2] } : { b: [2], a: 1 },
      value === null ? null : f === "r" ? [["é", null]] : ["é", null],
    ]),
  }));
  assertEquals(checkListAppend(history, { consistencyModels: ["serializable"] }), {
    "valid?": true,
  });
});

Deno.test("list-append: a history in which the test appends an element twice is unknown", () => {
  const verdict = checkListAppend(parseTransactions("ax1 ; ax1 ; rx11", "append"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /1 was written to key "x" more than once/);
});

Deno.test("list-append: the error of repeated writes counts the other keys", () => {
  const errorOf = (text: string) =>
    checkListAppend(parseTransactions(text, "append"), { consistencyModels: ["serializable"] })
      .error ?? "";
  assertMatch(errorOf("ax1 | ax1 | ax1"), /to each key$/);
  assertMatch(errorOf("ax1 ay1 az1 | ax1 ay1 az1"), /the same holds of 2 other keys/);
});

Deno.test("list-append: a history of another workload is unknown", () => {
  const verdict = checkListAppend(parseTransactions("wx1 ; rx1", "w"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /operation 1 .*\["append", key, value\], got \[\["w","x",1\]\]/);
});

Deno.test("list-append: a history with a read that did not return a list is unknown", () => {
  const verdict = checkListAppend(
    parseTransactions("ax1 ; rx1", "append").map((operation) =>
      operation.index === 3 ? { ...operation, value: [["r", "x", 1]] } : operation
    ),
    { consistencyModels: ["read-uncommitted"] },
  );
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /operation 3 .*: expected a read to return an array or null/);
});

Deno.test("list-append: a search that uses up its budget reports a timeout and a cycle", () => {
  const history = parseTransactions("rx_ ry1 | ax1 ay1", "append");
  const verdict = checkListAppend(history, {
    consistencyModels: ["serializable"],
    maxCycleSearchSteps: 1,
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["G-single-item", "cycle-search-timeout"]);
});
