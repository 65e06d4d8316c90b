import { assertEquals, assertMatch } from "std/testing";
import { checkRwRegister, type CycleEvidence } from "../../../lib/check/txn/mod.ts";
import { parseTransactions } from "./notation.ts";
import { registerAnomalies } from "./register_anomaly_cases.ts";

for (const { name, history, model, types, not } of registerAnomalies) {
  Deno.test(`rw-register under ${model}: ${name}`, () => {
    const verdict = checkRwRegister(parseTransactions(history, "w"), {
      consistencyModels: [model],
    });
    assertEquals(verdict["anomaly-types"] ?? [], types);
    assertEquals(verdict["valid?"], types.length === 0);
    assertEquals(verdict.not ?? [], not);
  });
}

const good: Readonly<Record<string, string>> = {
  "reads that follow one another": "wx1 ; wx2 ; rx2",
  "a write of unknown outcome that shows": "wx1? | wy1 ; rx1 ry1",
  "a write of unknown outcome that never shows": "wx1? ; wx2 ; rx2",
  "an aborted write that never shows": "wx1! | wy1 ; rx_ ry1",
  "concurrent transactions in one of their orders": "wx1 ry_ | wy1 rx1 ; rx1 ry1",
  "a transaction that sees its own writes": "wx1 ; rx1 wx2 wx3 rx3 ; rx3",
  "an unknown transaction that takes effect after it ended": "wx1? ; rx_ ; rx1",
};

for (const [name, history] of Object.entries(good)) {
  Deno.test(`rw-register accepts ${name}`, () => {
    const verdict = checkRwRegister(parseTransactions(history, "w"), {
      consistencyModels: ["strict-serializable"],
    });
    assertEquals(verdict, { "valid?": true });
  });
}

Deno.test("rw-register: a history that shows nothing is invalid, as in Maelstrom", () => {
  const verdict = checkRwRegister(parseTransactions("wx1! | rx_!", "w"), {
    consistencyModels: ["serializable"],
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["empty-transaction-graph"]);
});

Deno.test("rw-register: a cycle is told step by step, with keys and values", () => {
  const history = parseTransactions("wx1 wy1 ; rx1 wx2 ry1 | ry1 wy2 rx1", "w");
  const verdict = checkRwRegister(history, { consistencyModels: ["serializable"] });
  const [found] = verdict.anomalies?.["G2-item"] as unknown as CycleEvidence[];
  const steps = found?.steps.map(({ type, key, value, "next-value": next }) =>
    `${type} ${key} ${value} ${next}`
  );
  assertEquals(steps?.toSorted(), ["rw x 1 2", "rw y 1 2"]);
  assertMatch(found?.message ?? "", /T\d read 1 in key "x", which 2 replaced, written by T\d/);
});

Deno.test("rw-register: contradicting versions take nothing from other keys but the order", () => {
  const history = parseTransactions("rx2 wx1 | rx1 wx2 ; wy1 ; ry_", "w");
  const verdict = checkRwRegister(history, { consistencyModels: ["strict-serializable"] });
  const types = verdict["anomaly-types"] ?? [];
  assertEquals(types, ["G-single-item-realtime", "G1c", "cyclic-versions"]);
});

Deno.test("rw-register: a search out of steps is not mentioned, what it found is", () => {
  const verdict = checkRwRegister(parseTransactions("rx_ ry1 | wx1 wy1", "w"), {
    consistencyModels: ["serializable"],
    maxCycleSearchSteps: 1,
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["G-single-item"]);
});

Deno.test("rw-register: a read that could be of two writes cannot be judged", () => {
  const verdict = checkRwRegister(parseTransactions("wx1 ; wx1 ; rx1", "w"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /1 was written to key "x" more than once/);
});

Deno.test("rw-register: where Maelstrom lets a phantom pass, the verdict says so", () => {
  const verdict = checkRwRegister(parseTransactions("wx1 ; rx1 ; rx2", "w"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["maelstrom-valid?"], true);
  assertEquals(verdict.maelstrom, { "valid?": true });
});
