import { assertEquals, assertMatch } from "std/testing";
import { checkListAppend, type CycleEvidence } from "../../../lib/check/txn/mod.ts";
import { listAnomalies } from "./list_anomaly_cases.ts";
import { parseTransactions } from "./notation.ts";

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

const good: Readonly<Record<string, string>> = {
  "reads that follow one another": "ax1 ; ax2 ; rx12",
  "an append of unknown outcome that shows": "ax1? ; rx1",
  "an append of unknown outcome that never shows": "ax1? ; ax2 ; rx2",
  "an aborted append that never shows": "ax1! | ay1 ; rx_ ry1",
  "concurrent transactions in one of their orders": "ax1 ry_ | ay1 rx1 ; rx1 ry1",
  "a transaction that sees its own appends": "ax1 ; rx1 ax2 ax3 rx123 ; rx123",
  "an unknown transaction that takes effect after it ended": "ax1? ; rx_ ; rx1",
};

for (const [name, history] of Object.entries(good)) {
  Deno.test(`list-append accepts ${name}`, () => {
    const verdict = checkListAppend(parseTransactions(history, "append"), {
      consistencyModels: ["strict-serializable"],
    });
    assertEquals(verdict, { "valid?": true });
  });
}

Deno.test("list-append: without any dependencies nothing is known", () => {
  const verdict = checkListAppend(parseTransactions("ax1 | ay1", "append"), {
    consistencyModels: ["serializable"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["anomaly-types"], ["empty-transaction-graph"]);
});

Deno.test("list-append: a cycle is told step by step, with keys and values", () => {
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
  assertMatch(found?.message ?? "", /T1 < T2: when T1 read key "x" it was still empty/);
  assertMatch(found?.message ?? "", /T2 < T1: T1 saw 1, which T2 appended to key "y"/);
});

Deno.test("list-append: steps in time are told as such", () => {
  const history = parseTransactions("0: ax1 ; 0: rx_", "append");
  const stepsUnder = (model: string, type: string) => {
    const { anomalies } = checkListAppend(history, { consistencyModels: [model] });
    const [found] = anomalies?.[type] as unknown as CycleEvidence[];
    return found?.steps.map(({ type, message }) => `${type}: ${message}`).join("\n") ?? "";
  };
  assertMatch(
    stepsUnder("strong-session-serializable", "G-single-item-process"),
    /process: T\d < T\d: process 0 did T\d before T\d/,
  );
  assertMatch(
    stepsUnder("strict-serializable", "G-single-item-realtime"),
    /realtime: T\d < T\d: T\d had ended \(index 1\) 0.001 s before T\d began \(index 2\)/,
  );
});

Deno.test("list-append: anomalies of single reads name the operations that prove them", () => {
  const { anomalies } = checkListAppend(parseTransactions("ax1! ; rx1 ; rx12", "append"), {
    consistencyModels: ["read-committed"],
  });
  const [aborted] = anomalies?.["G1a"] ?? [];
  const [phantom] = anomalies?.["phantom-read"] ?? [];
  assertEquals([aborted?.["operation"], aborted?.["writer"], aborted?.["element"]], [3, 1, 1]);
  assertEquals([phantom?.["operation"], phantom?.["key"], phantom?.["element"]], [5, "x", 2]);
});

Deno.test("list-append: many anomalies of a type are counted, some are explained", () => {
  const reads = Array.from({ length: 20 }, () => "rx1").join(" | ");
  const verdict = checkListAppend(parseTransactions(`ax1! ; ${reads}`, "append"), {
    consistencyModels: ["read-committed"],
  });
  assertEquals(verdict["anomaly-counts"]?.["G1a"], 20);
  assertEquals(verdict.anomalies?.["G1a"]?.length, 8);
});

Deno.test("list-append: a phantom makes Elle fail, and the verdict says so", () => {
  const verdict = checkListAppend(parseTransactions("ax1 | rx_ ; rx12", "append"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["phantom-read"]);
  assertEquals(verdict["maelstrom-valid?"], "unknown");
});

Deno.test("list-append: keys and elements may be any JSON", () => {
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

Deno.test("list-append: a test that appends an element twice cannot be judged", () => {
  const verdict = checkListAppend(parseTransactions("ax1 ; ax1 ; rx11", "append"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /1 was written to key "x" more than once/);
});

Deno.test("list-append: a history of something else cannot be judged", () => {
  const verdict = checkListAppend(parseTransactions("wx1 ; rx1", "w"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /operation 1 .*\[append, key, value\]/);
});

Deno.test("list-append: a read of something that is no list cannot be judged", () => {
  const verdict = checkListAppend(
    parseTransactions("ax1 ; rx1", "append").map((operation) =>
      operation.index === 3 ? { ...operation, value: [["r", "x", 1]] } : operation
    ),
    { consistencyModels: ["read-uncommitted"] },
  );
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /operation 3 .* a read returns a list or null/);
});

Deno.test("list-append: a search out of steps still finds what it must, and says so", () => {
  const history = parseTransactions("rx_ ry1 | ax1 ay1", "append");
  const verdict = checkListAppend(history, {
    consistencyModels: ["serializable"],
    maxCycleSearchSteps: 1,
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["G-single-item", "cycle-search-timeout"]);
});
