import { assert, assertEquals } from "std/testing";
import { type Interleaved, SteppedCluster } from "./stepped_cluster.ts";

/*
 * The anomalies in the strategies' docstrings, step by step, and the checker's name of each. They
 * are the smallest histories that refute the next stronger models.
 */

function assertHolds(cluster: SteppedCluster, ...models: string[]) {
  const verdict = cluster.check(...models);
  assertEquals(verdict["valid?"], true, JSON.stringify(verdict));
}

function assertRefutes(
  cluster: SteppedCluster,
  model: string,
  anomaly: string,
  models: readonly string[],
) {
  const verdict = cluster.check(model);
  assert(verdict["anomaly-types"]?.includes(anomaly), JSON.stringify(verdict));
  const refuted = [...verdict.not ?? [], ...verdict["also-not"] ?? []];
  for (const model of models) {
    assert(refuted.includes(model), `${model} is not among the refuted models ${refuted}`);
  }
}

/** The models that hold in each of these histories, also with weaker strategies than `causal`. */
const CAUSAL = ["causal-cerone", "read-atomic", "strong-read-committed"];

for (const strategy of ["causal", "read-committed", "read-uncommitted"] as const) {
  Deno.test(`${strategy} allows a lost update`, () => {
    const cluster = new SteppedCluster(2);
    assertEquals(cluster.run(0, 0, strategy, "r x, w x 1"), "r x null, w x 1");
    assertEquals(cluster.run(1, 1, strategy, "r x, w x 2"), "r x null, w x 2");
    cluster.replicate(0, 1);
    cluster.replicate(1, 0);
    assertEquals(cluster.run(0, 0, strategy, "r x"), "r x 2");
    assertEquals(cluster.run(1, 1, strategy, "r x"), "r x 2");
    assertHolds(cluster, ...CAUSAL);
    assertRefutes(cluster, "serializable", "lost-update", [
      "cursor-stability",
      "consistent-view",
      "update-atomic",
      "parallel-snapshot-isolation",
      "repeatable-read",
    ]);
  });

  Deno.test(`${strategy} allows write skew`, () => {
    const cluster = new SteppedCluster(2);
    assertEquals(cluster.run(0, 0, strategy, "r x, w y 1"), "r x null, w y 1");
    assertEquals(cluster.run(1, 1, strategy, "r y, w x 1"), "r y null, w x 1");
    cluster.replicate(0, 1);
    assertEquals(cluster.run(1, 1, strategy, "r x, r y"), "r x 1, r y 1");
    assertHolds(cluster, ...CAUSAL);
    assertRefutes(cluster, "serializable", "G2-item", ["repeatable-read", "serializable"]);
  });

  Deno.test(`${strategy} allows a long fork`, () => {
    const cluster = new SteppedCluster(2);
    cluster.run(0, 0, strategy, "w x 1");
    cluster.run(1, 1, strategy, "w y 1");
    assertEquals(cluster.run(0, 0, strategy, "r x, r y"), "r x 1, r y null");
    assertEquals(cluster.run(1, 1, strategy, "r x, r y"), "r x null, r y 1");
    assertHolds(cluster, ...CAUSAL);
    assertRefutes(cluster, "snapshot-isolation", "G-nonadjacent-item", ["snapshot-isolation"]);
  });

  Deno.test(`${strategy} allows stale reads, which only real-time order forbids`, () => {
    const cluster = new SteppedCluster(2);
    cluster.run(0, 0, strategy, "w x 1");
    assertEquals(cluster.run(1, 1, strategy, "r x"), "r x null");
    cluster.replicate(0, 1);
    assertEquals(cluster.run(1, 1, strategy, "r x"), "r x 1");
    assertHolds(cluster, "serializable", "strong-session-serializable");
    assertRefutes(cluster, "strict-serializable", "G-single-item-realtime", [
      "strong-snapshot-isolation",
    ]);
  });
}

Deno.test("local is strictly serializable on one node", () => {
  const cluster = new SteppedCluster(1);
  cluster.runAtomically(0, 0, "r x, w x 1");
  cluster.runAtomically(1, 0, "r x, w x 2, r y, w y 1");
  assertEquals(cluster.runAtomically(0, 0, "r x, r y"), "r x 2, r y 1");
  assertHolds(cluster, "strict-serializable");
});

Deno.test("local nodes never converge in a larger cluster", () => {
  const cluster = new SteppedCluster(2);
  cluster.runAtomically(0, 0, "w x 1");
  cluster.runAtomically(1, 1, "w x 2");
  assertEquals(cluster.runAtomically(0, 0, "r x"), "r x 1");
  assertEquals(cluster.runAtomically(1, 1, "r x"), "r x 2");
  assertHolds(cluster, ...CAUSAL);
});

Deno.test("read-committed allows a non-repeatable read", () => {
  const cluster = new SteppedCluster(1);
  cluster.runAtomically(0, 0, "w x 1");
  const first = cluster.begin(0, 0, "read-committed", "r x, r x");
  const second = cluster.begin(1, 0, "read-committed", "w x 2");
  assertEquals(first(), undefined);
  assertEquals(second(), "w x 2");
  assertEquals(first(), "r x 1, r x 2");
  assertHolds(cluster, "strong-read-committed", "monotonic-atomic-view");
  assertRefutes(cluster, "read-atomic", "internal", ["read-atomic", "causal-cerone"]);
});

Deno.test("read-committed allows a fractured read", () => {
  const cluster = new SteppedCluster(1);
  const first = cluster.begin(0, 0, "read-committed", "r x, r y");
  const second = cluster.begin(1, 0, "read-committed", "w x 1, w y 1");
  first();
  second();
  assertEquals(second(), "w x 1, w y 1");
  assertEquals(first(), "r x null, r y 1");
  assertHolds(cluster, "strong-read-committed", "monotonic-atomic-view");
  assertRefutes(cluster, "snapshot-isolation", "G-single-item", ["consistent-view"]);
});

Deno.test("read-committed shows all writes of a transaction once it has shown one", () => {
  const cluster = new SteppedCluster(2);
  cluster.runAtomically(0, 0, "w x 1, w y 1");
  const steps = cluster.begin(1, 1, "read-committed", "r y, r x, r y, r x");
  steps();
  cluster.replicate(0, 1);
  steps();
  steps();
  assertEquals(steps(), "r y null, r x 1, r y 1, r x 1");
});

Deno.test("causal has no fractured reads, so no cycle with one anti-dependency", () => {
  const cluster = new SteppedCluster(2);
  cluster.runAtomically(0, 0, "w x 1, w y 1");
  assertEquals(cluster.runAtomically(1, 1, "r x, r y"), "r x null, r y null");
  cluster.replicate(0, 1);
  assertEquals(cluster.runAtomically(1, 1, "r x, r y"), "r x 1, r y 1");
  assertHolds(cluster, "serializable");
});

Deno.test("read-uncommitted shows intermediate values", () => {
  const cluster = new SteppedCluster(1);
  const first = cluster.begin(0, 0, "read-uncommitted", "w x 1, w x 2");
  const second = cluster.begin(1, 0, "read-uncommitted", "r x");
  first();
  assertEquals(second(), "r x 1");
  assertEquals(first(), "w x 1, w x 2");
  assertEquals(cluster.runAtomically(1, 0, "r x"), "r x 2");
  assertHolds(cluster, "strong-read-uncommitted");
  assertRefutes(cluster, "read-committed", "G1b", ["read-committed"]);
});

Deno.test("read-uncommitted allows circular information flow", () => {
  const cluster = new SteppedCluster(1);
  const first = cluster.begin(0, 0, "read-uncommitted", "w x 1, r y");
  const second = cluster.begin(1, 0, "read-uncommitted", "w y 1, r x");
  first();
  second();
  assertEquals(first(), "w x 1, r y 1");
  assertEquals(second(), "w y 1, r x 1");
  assertHolds(cluster, "strong-read-uncommitted");
  assertRefutes(cluster, "read-committed", "G1c", ["read-committed"]);
});

Deno.test("read-uncommitted never bases a write on a later write", () => {
  const cluster = new SteppedCluster(1);
  const first = cluster.begin(0, 0, "read-uncommitted", "w x 1, r y, w y 1");
  const second = cluster.begin(1, 0, "read-uncommitted", "w y 2, r x, w x 2");
  for (let step = 0; step < 2; step++) {
    first();
    second();
  }
  assertEquals(first(), "w x 1, r y null, w y 1");
  assertEquals(second(), "w y 2, r x null, w x 2");
  assertEquals(cluster.runAtomically(2, 0, "r x, r y"), "r x 2, r y 2");
  assertHolds(cluster, "strong-read-uncommitted");
});

for (const strategy of ["read-committed", "read-uncommitted"] as Interleaved[]) {
  Deno.test(`${strategy} lets a transaction read its own writes, and stores null as a value`, () => {
    const cluster = new SteppedCluster(1);
    cluster.store(0).commit([["x", 5]]);
    const steps = cluster.begin(0, 0, strategy, "r x, w x 1, r x");
    steps();
    steps();
    assertEquals(steps(), "r x 5, w x 1, r x 1");
    cluster.store(0).commit([["x", null]]);
    assertEquals(cluster.runAtomically(0, 0, "r x"), "r x null");
  });
}
