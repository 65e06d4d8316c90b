import { assert, assertEquals } from "std/testing";
import { Stage, type Stepwise } from "./stage.ts";

/*
 * The examples that the strategies' docstrings give for what they allow, step by step, and what the
 * checker calls each of them. They are the smallest histories that rule the next stronger models
 * out.
 */

function assertHolds(stage: Stage, ...models: string[]) {
  const verdict = stage.judge(...models);
  assertEquals(verdict["valid?"], true, JSON.stringify(verdict));
}

function assertRulesOut(stage: Stage, asked: string, anomaly: string, models: readonly string[]) {
  const verdict = stage.judge(asked);
  assert(verdict["anomaly-types"]?.includes(anomaly), JSON.stringify(verdict));
  for (const model of models) {
    const ruledOut = [...verdict.not ?? [], ...verdict["also-not"] ?? []];
    assert(ruledOut.includes(model), `${model} is not among ${ruledOut}`);
  }
}

/** What `causal` keeps in every example; the strategies with weaker isolation do so in these. */
const CAUSAL = ["causal-cerone", "read-atomic", "strong-read-committed"];

for (const strategy of ["causal", "read-committed", "read-uncommitted"] as const) {
  Deno.test(`${strategy} allows a lost update`, () => {
    const stage = new Stage(2);
    assertEquals(stage.run(0, 0, strategy, "r x, w x 1"), "r x null, w x 1");
    assertEquals(stage.run(1, 1, strategy, "r x, w x 2"), "r x null, w x 2");
    stage.tell(0, 1);
    stage.tell(1, 0);
    assertEquals(stage.run(0, 0, strategy, "r x"), "r x 2");
    assertEquals(stage.run(1, 1, strategy, "r x"), "r x 2");
    assertHolds(stage, ...CAUSAL);
    assertRulesOut(stage, "serializable", "lost-update", [
      "cursor-stability",
      "consistent-view",
      "update-atomic",
      "parallel-snapshot-isolation",
      "repeatable-read",
    ]);
  });

  Deno.test(`${strategy} allows write skew`, () => {
    const stage = new Stage(2);
    assertEquals(stage.run(0, 0, strategy, "r x, w y 1"), "r x null, w y 1");
    assertEquals(stage.run(1, 1, strategy, "r y, w x 1"), "r y null, w x 1");
    stage.tell(0, 1);
    assertEquals(stage.run(1, 1, strategy, "r x, r y"), "r x 1, r y 1");
    assertHolds(stage, ...CAUSAL);
    assertRulesOut(stage, "serializable", "G2-item", ["repeatable-read", "serializable"]);
  });

  Deno.test(`${strategy} allows a long fork`, () => {
    const stage = new Stage(2);
    stage.run(0, 0, strategy, "w x 1");
    stage.run(1, 1, strategy, "w y 1");
    assertEquals(stage.run(0, 0, strategy, "r x, r y"), "r x 1, r y null");
    assertEquals(stage.run(1, 1, strategy, "r x, r y"), "r x null, r y 1");
    assertHolds(stage, ...CAUSAL);
    assertRulesOut(stage, "snapshot-isolation", "G-nonadjacent-item", ["snapshot-isolation"]);
  });

  Deno.test(`${strategy} allows stale reads, which only real time forbids`, () => {
    const stage = new Stage(2);
    stage.run(0, 0, strategy, "w x 1");
    assertEquals(stage.run(1, 1, strategy, "r x"), "r x null");
    stage.tell(0, 1);
    assertEquals(stage.run(1, 1, strategy, "r x"), "r x 1");
    assertHolds(stage, "serializable", "strong-session-serializable");
    assertRulesOut(stage, "strict-serializable", "G-single-item-realtime", [
      "strong-snapshot-isolation",
    ]);
  });
}

Deno.test("local is strictly serializable on one node", () => {
  const stage = new Stage(1);
  stage.atOnce(0, 0, "r x, w x 1");
  stage.atOnce(1, 0, "r x, w x 2, r y, w y 1");
  assertEquals(stage.atOnce(0, 0, "r x, r y"), "r x 2, r y 1");
  assertHolds(stage, "strict-serializable");
});

Deno.test("local: nodes of a cluster never agree", () => {
  const stage = new Stage(2);
  stage.atOnce(0, 0, "w x 1");
  stage.atOnce(1, 1, "w x 2");
  assertEquals(stage.atOnce(0, 0, "r x"), "r x 1");
  assertEquals(stage.atOnce(1, 1, "r x"), "r x 2");
  assertHolds(stage, ...CAUSAL);
});

Deno.test("read-committed allows a non-repeatable read", () => {
  const stage = new Stage(1);
  stage.atOnce(0, 0, "w x 1");
  const first = stage.begin(0, 0, "read-committed", "r x, r x");
  const second = stage.begin(1, 0, "read-committed", "w x 2");
  assertEquals(first(), undefined);
  assertEquals(second(), "w x 2");
  assertEquals(first(), "r x 1, r x 2");
  assertHolds(stage, "strong-read-committed", "monotonic-atomic-view");
  assertRulesOut(stage, "read-atomic", "internal", ["read-atomic", "causal-cerone"]);
});

Deno.test("read-committed allows a fractured read", () => {
  const stage = new Stage(1);
  const first = stage.begin(0, 0, "read-committed", "r x, r y");
  const second = stage.begin(1, 0, "read-committed", "w x 1, w y 1");
  first();
  second();
  assertEquals(second(), "w x 1, w y 1");
  assertEquals(first(), "r x null, r y 1");
  assertHolds(stage, "strong-read-committed", "monotonic-atomic-view");
  assertRulesOut(stage, "snapshot-isolation", "G-single-item", ["consistent-view"]);
});

Deno.test("read-committed: who has seen one write of a transaction sees the others from then on", () => {
  const stage = new Stage(2);
  stage.atOnce(0, 0, "w x 1, w y 1");
  const steps = stage.begin(1, 1, "read-committed", "r y, r x, r y, r x");
  steps();
  stage.tell(0, 1);
  steps();
  steps();
  assertEquals(steps(), "r y null, r x 1, r y 1, r x 1");
});

Deno.test("causal never has the anomaly of a fractured read: a cycle with one anti-dependency", () => {
  const stage = new Stage(2);
  stage.atOnce(0, 0, "w x 1, w y 1");
  assertEquals(stage.atOnce(1, 1, "r x, r y"), "r x null, r y null");
  stage.tell(0, 1);
  assertEquals(stage.atOnce(1, 1, "r x, r y"), "r x 1, r y 1");
  assertHolds(stage, "serializable");
});

Deno.test("read-uncommitted shows values that their writer overwrites", () => {
  const stage = new Stage(1);
  const first = stage.begin(0, 0, "read-uncommitted", "w x 1, w x 2");
  const second = stage.begin(1, 0, "read-uncommitted", "r x");
  first();
  assertEquals(second(), "r x 1");
  assertEquals(first(), "w x 1, w x 2");
  assertEquals(stage.atOnce(1, 0, "r x"), "r x 2");
  assertHolds(stage, "strong-read-uncommitted");
  assertRulesOut(stage, "read-committed", "G1b", ["read-committed"]);
});

Deno.test("read-uncommitted allows circular information flow", () => {
  const stage = new Stage(1);
  const first = stage.begin(0, 0, "read-uncommitted", "w x 1, r y");
  const second = stage.begin(1, 0, "read-uncommitted", "w y 1, r x");
  first();
  second();
  assertEquals(first(), "w x 1, r y 1");
  assertEquals(second(), "w y 1, r x 1");
  assertHolds(stage, "strong-read-uncommitted");
  assertRulesOut(stage, "read-committed", "G1c", ["read-committed"]);
});

Deno.test("read-uncommitted never bases a write on one that comes after it", () => {
  const stage = new Stage(1);
  const first = stage.begin(0, 0, "read-uncommitted", "w x 1, r y, w y 1");
  const second = stage.begin(1, 0, "read-uncommitted", "w y 2, r x, w x 2");
  for (let step = 0; step < 2; step++) {
    first();
    second();
  }
  assertEquals(first(), "w x 1, r y null, w y 1");
  assertEquals(second(), "w y 2, r x null, w x 2");
  assertEquals(stage.atOnce(2, 0, "r x, r y"), "r x 2, r y 2");
  assertHolds(stage, "strong-read-uncommitted");
});

for (const strategy of ["read-committed", "read-uncommitted"] as Stepwise[]) {
  Deno.test(`${strategy}: a transaction sees its own writes, and null is a value`, () => {
    const stage = new Stage(1);
    stage.registers(0).commit([["x", 5]]);
    const steps = stage.begin(0, 0, strategy, "r x, w x 1, r x");
    steps();
    steps();
    assertEquals(steps(), "r x 5, w x 1, r x 1");
    stage.registers(0).commit([["x", null]]);
    assertEquals(stage.atOnce(0, 0, "r x"), "r x null");
  });
}
