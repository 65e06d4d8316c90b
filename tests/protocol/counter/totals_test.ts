import { assert, assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import type { Json } from "../../../lib/base/mod.ts";
import { parseNodeFlags, RpcError, UsageError } from "../../../lib/node/mod.ts";
import { gossipPolicy, type Receiver } from "../../../lib/replication/mod.ts";
import { FakeNode } from "../../../lib/testing/mod.ts";
import gCounter, { counterFlags, Totals } from "../../../nodes/g_counter.ts";
import { Replicas } from "../../replication/replicas.ts";

const settings = { seed: 1, numRuns: 200 };
const unknown: Receiver = { source: "", summary: undefined };
const newTotals = (id: string) => new Totals({ id, incarnation: "x" });

/** Returns totals after additions at a node. */
function totalsOf(id: string, deltas: readonly number[]): Totals {
  const totals = newTotals(id);
  for (const delta of deltas) totals.add(delta, 0);
  return totals;
}

Deno.test("the value is the sum of all additions", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 })), (deltas) => {
      const sum = deltas.reduce((sum, delta) => sum + delta, 0);
      assertEquals(totalsOf("a", deltas).value, sum);
    }),
    settings,
  );
});

Deno.test("merging is commutative, associative and idempotent", () => {
  const steps = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 6 });
  const orders = [[0, 1, 2], [2, 1, 0], [1, 0, 1, 2, 2, 0]];
  fc.assert(
    fc.property(fc.tuple(steps, steps, steps), (additions) => {
      const deltas = additions.map((own, at) => totalsOf(`n${at}`, own).delta(0, unknown).delta);
      for (const order of orders) {
        const totals = newTotals("d");
        for (const index of order) totals.merge(deltas[index] as Json, "n9", 0);
        assertEquals(totals.value, additions.flat().reduce((sum, delta) => sum + delta, 0));
      }
    }),
    settings,
  );
});

Deno.test("a delta holds only what changed, and a summary tells what is missing", () => {
  const totals = totalsOf("a", [2, 3]);
  const { version } = totals;
  assertEquals(totals.delta(0, unknown), { to: version, delta: [["a.x", 5]] });
  totals.merge([["b", 3, 1]], "b", 7);
  assertEquals(totals.delta(version, unknown), { to: version + 1, delta: [["b", 3, 1]] });
  assertEquals(totals.delta(0, { ...unknown, source: "b" }).delta, [["a.x", 5]]);
  assertEquals(totals.summary(), { "a.x": 5, b: 4 });
  assertEquals([totals.changedAt(version), totals.summaryVersion], [7, version + 1]);
  assert(totals.includes({ "a.x": 5, b: 4 }) && totals.includes({ b: 1 }));
  assert(!totals.includes({ "a.x": 6 }) && !totals.includes({ c: 1 }));
  const firstBeyond = (summary: Receiver["summary"]) => totals.firstFor(0, { source: "", summary });
  assertEquals([firstBeyond({}), firstBeyond({ "a.x": 5 })], [0, version]);
  assertEquals(firstBeyond(totals.summary()), version + 1);
  assertEquals(totals.firstFor(version, { ...unknown, source: "b" }), version + 1);
});

Deno.test("a lower total changes nothing, and of two totals each one counts", () => {
  const totals = newTotals("a");
  totals.merge([["b", 3, 1]], "b", 0);
  totals.merge([["b", 2, 1]], "b", 0);
  totals.merge([["b", 3]], "b", 0);
  assertEquals([totals.value, totals.version], [2, 1]);
  totals.merge([["b", 2, 4]], "b", 0);
  assertEquals([totals.value, totals.summary()], [-1, { b: 7 }]);
  totals.add(0, 0);
  assertEquals(totals.version, 2);
});

Deno.test("an addition that a total cannot hold is rejected, and the total stays", () => {
  const totals = totalsOf("a", [2 ** 53 - 3, -1]);
  const error = assertThrows(() => totals.add(-2, 0), RpcError);
  assertEquals(error.code, 22);
  assertEquals(error.text, "the totals of a.x would exceed 2^53 - 1; add to another node");
  totals.add(1, 0);
  assertEquals(totals.summary(), { "a.x": 2 ** 53 - 1 });
});

Deno.test("a malformed delta is rejected as a whole", () => {
  const malformed: Json[] = [{}, ["b"], [["b"]], [["b", "3"]], [[3, 3]], [["b", 1, 0.5]], "b"];
  for (const delta of malformed) {
    const totals = newTotals("a");
    const all = Array.isArray(delta) ? [["c", 1], ...delta] : delta;
    assertThrows(() => totals.merge(all, "n1", 0), TypeError, "a delta of totals must be [[origin");
    assertEquals(totals.value, 0);
  }
});

Deno.test("an update that overtakes another one counts immediately", () => {
  const policy = (id: string) => gossipPolicy(10, [id === "n0" ? "n1" : "n0"]);
  const replicas = new Replicas(["n0", "n1"], policy, (node) => new Totals(node));
  replicas.run(5000);
  replicas.delayMs = () => replicas.of("n0").state.value === 1 ? 60 : 0;
  for (let addition = 0; addition < 2; addition++) {
    replicas.change("n0", (state, now) => state.add(1, now));
    replicas.run(15);
  }
  replicas.run(10);
  assertEquals(replicas.of("n1").state.value, 2);
});

Deno.test("a node shows its totals, and its times start at 1", async () => {
  const node = new FakeNode(gCounter);
  await node.ask({ type: "add", delta: 5 });
  assertEquals(Object.values(node.state as object), [5]);
  for (const name of ["round", "read-timeout"] as const) {
    assertEquals(parseNodeFlags([`--${name}`, "1"], counterFlags)[name], 1);
    assertThrows(
      () => parseNodeFlags([`--${name}`, "0"], counterFlags),
      UsageError,
      `--${name} must`,
    );
  }
});
