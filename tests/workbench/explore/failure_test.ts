import { assert, assertEquals } from "std/testing";
import { failureOf, isLoss, sameFailure } from "../../../lib/workbench/explore/failure.ts";

Deno.test("failureOf lists the anomaly types of each checker with an invalid verdict", () => {
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

Deno.test("failureOf includes verdicts per key and excludes timed-out searches", () => {
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

Deno.test("failureOf excludes the absence of successful transactions", () => {
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

Deno.test("failureOf is empty without an invalid verdict", () => {
  assertEquals(failureOf({ "valid?": "unknown", workload: { "valid?": "unknown" } }), []);
});

Deno.test("failures are the same when they share a checker and type", () => {
  assert(sameFailure(["workload: G0", "workload: G1a"], ["workload: G1a"]));
  assert(!sameFailure(["workload: G0"], ["liveness: not-live"]));
  assert(!sameFailure([], []));
});

Deno.test("isLoss holds if a verdict says only that acknowledged writes are lost", () => {
  const losses = ["lost-write", "unseen"];
  const verdict = (...types: string[]) => ({ "valid?": false, "bad-error-types": types }) as const;
  assert(isLoss(verdict("unseen"), losses));
  assert(isLoss(verdict("lost-write", "unseen"), losses));
  assert(!isLoss(verdict("unseen", "inconsistent-offsets"), losses));
  assert(!isLoss(verdict("unseen")), "a workload without such anomalies");
  assert(!isLoss({ "valid?": false }, losses), "invalid without a type");
});
