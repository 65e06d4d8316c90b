import { assertEquals, assertMatch } from "std/testing";
import { checkRwRegister, type CycleEvidence } from "../../../lib/check/txn/mod.ts";
import { parseTransactions } from "../../../lib/testing/mod.ts";
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

const validHistories: Readonly<Record<string, string>> = {
  "a read after two sequential writes": "wx1 ; wx2 ; rx2",
  "an indeterminate write that a read observes": "wx1? | wy1 ; rx1 ry1",
  "an indeterminate write that no read observes": "wx1? ; wx2 ; rx2",
  "an aborted write that no read observes": "wx1! | wy1 ; rx_ ry1",
  "concurrent transactions in a serial order": "wx1 ry_ | wy1 rx1 ; rx1 ry1",
  "a transaction that reads its own writes": "wx1 ; rx1 wx2 wx3 rx3 ; rx3",
  "an indeterminate transaction that takes effect after its completion": "wx1? ; rx_ ; rx1",
};

for (const [name, history] of Object.entries(validHistories)) {
  Deno.test(`rw-register accepts ${name}`, () => {
    const verdict = checkRwRegister(parseTransactions(history, "w"), {
      consistencyModels: ["strict-serializable"],
    });
    assertEquals(verdict, { "valid?": true });
  });
}

Deno.test("rw-register: a history without dependencies is invalid, as in Maelstrom", () => {
  const verdict = checkRwRegister(parseTransactions("wx1! | rx_!", "w"), {
    consistencyModels: ["serializable"],
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["empty-transaction-graph"]);
});

Deno.test("rw-register: a cycle is explained edge by edge, with keys and values", () => {
  const history = parseTransactions("wx1 wy1 ; rx1 wx2 ry1 | ry1 wy2 rx1", "w");
  const verdict = checkRwRegister(history, { consistencyModels: ["serializable"] });
  const [found] = verdict.anomalies?.["G2-item"] as unknown as CycleEvidence[];
  const steps = found?.steps.map(({ type, key, value, "next-value": next }) =>
    `${type} ${key} ${value} ${next}`
  );
  assertEquals(steps?.toSorted(), ["rw x 1 2", "rw y 1 2"]);
  assertMatch(found?.message ?? "", /T\d read 1 from key "x", which T\d overwrote with 2/);
});

Deno.test("rw-register: cyclic versions of a key do not hide the anomalies of other keys", () => {
  const history = parseTransactions("rx2 wx1 | rx1 wx2 ; wy1 ; ry_", "w");
  const verdict = checkRwRegister(history, { consistencyModels: ["strict-serializable"] });
  const types = verdict["anomaly-types"] ?? [];
  assertEquals(types, ["G-single-item-realtime", "G1c", "cyclic-versions"]);
});

Deno.test("rw-register: a search that uses up its budget reports a cycle but no timeout", () => {
  const verdict = checkRwRegister(parseTransactions("rx_ ry1 | wx1 wy1", "w"), {
    consistencyModels: ["serializable"],
    maxCycleSearchSteps: 1,
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["G-single-item"]);
});

Deno.test("rw-register: a history with a read of a value written twice is unknown", () => {
  const verdict = checkRwRegister(parseTransactions("wx1 ; wx1 ; rx1", "w"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], "unknown");
  assertMatch(verdict.error ?? "", /1 was written to key "x" more than once/);
});

Deno.test("rw-register: a phantom read is invalid, and Maelstrom's verdict is valid", () => {
  const verdict = checkRwRegister(parseTransactions("wx1 ; rx1 ; rx2", "w"), {
    consistencyModels: ["read-uncommitted"],
  });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["maelstrom-valid?"], true);
  assertEquals(verdict.maelstrom, { "valid?": true });
});
