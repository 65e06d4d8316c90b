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

const weakest: Readonly<Record<string, readonly string[]>> = {
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

for (const [anomaly, models] of Object.entries(weakest)) {
  Deno.test(`${anomaly} rules out ${models.join(" and ")}`, () => {
    assertEquals(modelBoundary([anomaly]).not, models);
  });
}

Deno.test("what is ruled out is so with all that is stronger", () => {
  const { not, "also-not": alsoNot } = modelBoundary(["G2-item"]);
  assertEquals(not, ["repeatable-read"]);
  assertEquals(alsoNot, ["serializable", "strong-serializable", "strong-session-serializable"]);
});

Deno.test("no anomaly rules out nothing", () => {
  assertEquals(modelBoundary([]), { not: [], "also-not": [] });
});

Deno.test("a model is ruled out by exactly the anomalies that it forbids", () => {
  const anomalies = anomaliesProhibitedBy(["strict-serializable"]);
  for (const model of consistencyModels) {
    const forbidden = anomaliesProhibitedBy([model]);
    for (const anomaly of anomalies) {
      const { not, "also-not": alsoNot } = modelBoundary([anomaly]);
      const isOut = [...not, ...alsoNot].includes(model) ||
        // Two names of one model; only one is shown.
        (model === "strict-serializable" && alsoNot.includes("strong-serializable")) ||
        (model === "strict-serializable" && not.includes("strong-serializable")) ||
        (model === "conflict-serializable" && [...not, ...alsoNot].includes("serializable"));
      assertEquals(isOut, forbidden.has(anomaly), `${model} ${anomaly}`);
    }
  }
});

Deno.test("canonical names are names too", () => {
  assertEquals(anomaliesProhibitedBy(["PL-2"]), anomaliesProhibitedBy(["read-committed"]));
  assert(impossibleModels(["G1a"]).has("PL-2"));
});

for (const workload of ["list-append", "rw-register"] as const) {
  Deno.test(`${workload}: models that forbid nothing visible are refused by name`, () => {
    const decidable = checkableModels(workload);
    for (const model of ["linearizable", "sequential", "causal", "PRAM", "view-serializable"]) {
      assert(consistencyModels.includes(model), model);
      assert(!decidable.includes(model), model);
    }
    for (const model of ["read-uncommitted", "snapshot-isolation", "strict-serializable"]) {
      assert(decidable.includes(model), model);
    }
  });

  Deno.test(`${workload}: a check of such a model throws and names those that can be had`, () => {
    const check = workload === "list-append" ? checkListAppend : checkRwRegister;
    const error = assertThrows(
      () => check([], { consistencyModels: ["serializable", "sequential"] }),
      UncheckableModelError,
      `the consistency model sequential cannot be decided from a ${workload} history`,
    );
    assert(error.message.includes("strict-serializable"));
    assertThrows(
      () => check([], { consistencyModels: ["serialisable"] }),
      UncheckableModelError,
      "there is no consistency model called serialisable",
    );
  });
}
