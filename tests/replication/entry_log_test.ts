import { assert, assertEquals, assertThrows } from "std/testing";
import type { Json } from "../../lib/base/mod.ts";
import { EntryLog, type Receiver } from "../../lib/replication/mod.ts";

const newLog = (id: string, incarnation = "x") => new EntryLog({ id, incarnation });
const unknown: Receiver = { source: "", summary: undefined };

Deno.test("a value is listed once, whatever its form and however many nodes added it", () => {
  const log = newLog("n0");
  assert(log.add({ a: 1, b: 2 }, 0));
  assert(!log.add({ b: 2, a: 1 }, 0));
  assert(log.add("1", 0));
  assert(log.add(1, 0));
  log.merge([["n1.y", 0, 1, "of n1"]], "y", 5);
  assertEquals(log.values, [{ a: 1, b: 2 }, "1", 1, "of n1"]);
  assertEquals([log.version, log.changedAt(0), log.changedAt(4)], [5, 0, 5]);
});

Deno.test("merging is commutative, associative and idempotent", () => {
  const deltas: Json[] = [
    [["n1.a", 0, 1, 2]],
    [["n1.a", 1, 2, 3]],
    [["n2.b", 0, 1], ["n1.a", 3, 4]],
  ];
  const orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2, 1, 0], [2, 2, 0, 1], [1, 2, 0]];
  const logs = orders.map((order) => {
    const log = newLog("n0");
    for (const index of order) log.merge(deltas[index] as Json, "a", 0);
    return log;
  });
  for (const log of logs) {
    assertEquals(log.values.toSorted(), [1, 2, 3, 4]);
    assertEquals(log.summary(), { "n1.a": 4, "n2.b": 1 });
    assertEquals(log.version, 5);
  }
});

Deno.test("a summary counts an origin's entries up to the first gap", () => {
  const log = newLog("n0");
  log.add("own", 0);
  log.merge([["n1.a", 1, "second"]], "a", 0);
  assertEquals(log.summary(), { "n0.x": 1 });
  assertEquals(log.summaryVersion, 0);
  assert(!log.includes({ "n1.a": 1 }));
  log.merge([["n1.a", 0, "first"]], "a", 0);
  assertEquals(log.summary(), { "n0.x": 1, "n1.a": 2 });
  assertEquals(log.summaryVersion, 3);
  assert(log.includes({ "n1.a": 2 }));
  assert(!log.includes({ "n1.a": 3 }));
  assert(!log.includes({ "n2.b": 1 }));
});

Deno.test("a delta leaves out what the receiver sent, and what its summary includes", () => {
  const log = newLog("n0");
  log.add("a", 0);
  log.merge([["n1.y", 0, "b"]], "y", 0);
  log.add("c", 0);
  assertEquals(log.delta(0, unknown), { to: 3, delta: [["n0.x", 0, "a", "c"], ["n1.y", 0, "b"]] });
  const source = { ...unknown, source: "y" };
  assertEquals(log.delta(0, source), { to: 3, delta: [["n0.x", 0, "a", "c"]] });
  assertEquals([log.firstFor(0, source), log.firstFor(1, source), log.firstFor(3, source)], [
    0,
    2,
    3,
  ]);
  const summarised = { source: "", summary: { "n0.x": 1 } };
  assertEquals(log.delta(0, summarised), { to: 3, delta: [["n1.y", 0, "b"], ["n0.x", 1, "c"]] });
  assertEquals(log.firstFor(0, summarised), 1);
  assertEquals(log.firstFor(0, { ...summarised, summary: { "n0.x": 2, "n1.y": 1 } }), 3);
});

Deno.test("a delta has at most 500 entries, and tells where it ends", () => {
  const log = newLog("n0");
  for (let value = 0; value < 1001; value++) log.add(value, 0);
  const sizes: number[] = [];
  const copy = newLog("n1");
  for (let from = 0; from < log.version;) {
    const { delta, to } = log.delta(from, unknown);
    sizes.push(to - from);
    copy.merge(delta, "x", 0);
    from = to;
  }
  assertEquals(sizes, [500, 500, 1]);
  assertEquals(copy.values.length, 1001);
});

Deno.test("own entries from a position on, and the nodes that entries were added at", () => {
  const log = newLog("n0");
  log.add("a", 0);
  log.merge([["n1.y", 0, "b"]], "y", 0);
  assertEquals(log.ownSince(1), undefined);
  log.add("c", 0);
  assertEquals(log.ownSince(1), [["n0.x", 1, "c"]]);
  assertEquals(log.nodesSince(1), new Set(["n1", "n0"]));
  assertEquals(log.nodesIn([["n7.z", 3, "v"]]), new Set(["n7"]));
});

Deno.test("a malformed delta is rejected, and nothing of it is merged", () => {
  const malformed: Json[] = [{}, "x", [1], [["n1.a"]], [["n1.a", 0.5, 1]], [["n1.a", 0, 1], [
    2,
    0,
  ]]];
  for (const delta of malformed) {
    const log = newLog("n0");
    const error = assertThrows(() => log.merge(delta, "a", 0), TypeError);
    assertEquals(error.message, "a delta of entries must be [[origin, first number, value, …], …]");
    assertEquals(log.version, 0);
  }
});
