import { assert, assertEquals, assertThrows } from "std/testing";
import {
  anomaliesProhibitedBy,
  checkableModels,
  checkListAppend,
  checkRwRegister,
  consistencyModels,
  impossibleModels,
  modelBoundary,
  UncheckableModelError,
} from "../../../lib/check/txn/mod.ts";

const weakestRuledOut: Readonly<Record<string, readonly string[]>> = {
  "G0": ["read-uncommitted"],
  "G1a": ["read-committed"],
  "G1c": ["read-committed"],
  "internal": ["read-atomic"],
  "lost-update": ["cursor-stability", "update-atomic"],
  "G-single-item": ["consistent-view", "repeatable-read"],
  "G-nonadjacent-item": ["repeatable-read", "snapshot-isolation"],
  "G2-item": ["repeatable-read"],
  "G2": ["serializable"],
  "G1c-process": ["strong-session-read-committed"],
  "G2-item-process": ["strong-session-serializable"],
  "G-single-item-realtime": ["strong-snapshot-isolation"],
  "G2-item-realtime": ["strong-serializable"],
};

for (const [anomaly, models] of Object.entries(weakestRuledOut)) {
  Deno.test(`${anomaly} rules out ${models.join(" and ")}`, () => {
    assertEquals(modelBoundary([anomaly]).not, models);
  });
}

Deno.test("an anomaly that rules out a model rules out all stronger models", () => {
  const { not, "also-not": alsoNot } = modelBoundary(["G2-item"]);
  assertEquals(not, ["repeatable-read"]);
  assertEquals(alsoNot, ["serializable", "strong-serializable", "strong-session-serializable"]);
});

Deno.test("a history without anomalies rules out no model", () => {
  assertEquals(modelBoundary([]), { not: [], "also-not": [] });
});

Deno.test("a model is ruled out by exactly the anomalies that it prohibits", () => {
  const anomalies = anomaliesProhibitedBy(["strict-serializable"]);
  for (const model of consistencyModels) {
    const prohibited = anomaliesProhibitedBy([model]);
    for (const anomaly of anomalies) {
      const { not, "also-not": alsoNot } = modelBoundary([anomaly]);
      const isRuledOut = [...not, ...alsoNot].includes(model) ||
        // These models have two friendly names, of which the boundary contains one.
        (model === "strict-serializable" && alsoNot.includes("strong-serializable")) ||
        (model === "strict-serializable" && not.includes("strong-serializable")) ||
        (model === "conflict-serializable" && [...not, ...alsoNot].includes("serializable")) ||
        // Required by name, these models include the order of each process.
        (["causal-cerone", "prefix", "parallel-snapshot-isolation"].includes(model) &&
          not.includes("strong-session-causal")) ||
        // The boundary does not name a model that Elle lacks, unless it is the weakest.
        (model === "strong-session-causal" && prohibited.has(anomaly));
      assertEquals(isRuledOut, prohibited.has(anomaly), `${model} ${anomaly}`);
    }
  }
});

Deno.test("a model's canonical name is equivalent to its friendly name", () => {
  assertEquals(anomaliesProhibitedBy(["PL-2"]), anomaliesProhibitedBy(["read-committed"]));
  assert(impossibleModels(["G1a"]).has("PL-2"));
});

for (const workload of ["list-append", "rw-register"] as const) {
  Deno.test(`${workload} cannot check models whose anomalies it cannot detect`, () => {
    const checkable = checkableModels(workload);
    for (const model of ["linearizable", "sequential", "causal", "PRAM", "view-serializable"]) {
      assert(consistencyModels.includes(model), model);
      assert(!checkable.includes(model), model);
    }
    for (const model of ["read-uncommitted", "snapshot-isolation", "strict-serializable"]) {
      assert(checkable.includes(model), model);
    }
  });

  Deno.test(`${workload} throws for a model that it cannot check and lists those it can`, () => {
    const check = workload === "list-append" ? checkListAppend : checkRwRegister;
    const error = assertThrows(
      () => check([], { consistencyModels: ["serializable", "sequential"] }),
      UncheckableModelError,
      `a ${workload} history cannot refute the consistency model "sequential"`,
    );
    assert(error.message.includes("strict-serializable"));
    assertThrows(
      () => check([], { consistencyModels: ["serialisable"] }),
      UncheckableModelError,
      'unknown consistency model "serialisable"',
    );
  });
}
