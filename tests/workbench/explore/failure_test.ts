import { assert, assertEquals } from "std/testing";
import { failureOf, sameFailure } from "../../../lib/workbench/explore/failure.ts";

Deno.test("a failure names each checker that blames the run, and what it found", () => {
  const verdict = {
    "valid?": false,
    crash: { "valid?": true, explanations: [{ type: "ignored", message: "" }] },
    liveness: { "valid?": false, explanations: [{ type: "not-live", message: "" }] },
    workload: {
      "valid?": false,
      "anomaly-types": ["G1a", "G0"],
      explanations: [{ type: "a-detail", message: "" }],
    },
    nodes: { "valid?": false },
    exceptions: { "valid?": "unknown" },
  } as const;
  assertEquals(failureOf(verdict), [
    "liveness: not-live",
    "nodes: invalid",
    "workload: G0",
    "workload: G1a",
  ]);
});

Deno.test("what the keys of a verdict tell counts, and a search that was given up does not", () => {
  const key = (valid: boolean) => ({ "valid?": valid, linearizable: { "valid?": valid } });
  const results = new Map([[1, key(true)], [2, key(false)]]);
  assertEquals(failureOf({ "valid?": false, workload: { "valid?": false, results } }), [
    "workload: not linearizable",
  ]);
  const types = ["cycle-search-timeout", "G0"];
  assertEquals(
    failureOf({ "valid?": false, workload: { "valid?": false, "anomaly-types": types } }),
    ["workload: G0"],
  );
});

Deno.test("a run in which nothing succeeded shows nothing", () => {
  const types = ["empty-transaction-graph"];
  assertEquals(
    failureOf({ "valid?": false, workload: { "valid?": false, "bad-error-types": types } }),
    [],
  );
  const explanations = [{ type: "unseen", message: "" }];
  assertEquals(
    failureOf({
      "valid?": false,
      workload: { "valid?": false, "bad-error-types": types, explanations },
    }),
    ["workload: unseen"],
  );
});

Deno.test("a run that no checker blames has no failure", () => {
  assertEquals(failureOf({ "valid?": "unknown", workload: { "valid?": "unknown" } }), []);
});

Deno.test("runs fail in the same way if a checker finds a type in both", () => {
  assert(sameFailure(["workload: G0", "workload: G1a"], ["workload: G1a"]));
  assert(!sameFailure(["workload: G0"], ["liveness: not-live"]));
  assert(!sameFailure([], []));
});
