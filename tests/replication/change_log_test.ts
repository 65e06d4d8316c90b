import { assert, assertEquals } from "std/testing";
import type { Json } from "../../lib/base/mod.ts";
import { ChangeLog, type Receiver } from "../../lib/replication/mod.ts";
import { Totals } from "../../nodes/g_counter.ts";
import { eager, Replicas } from "./replicas.ts";

const unknown: Receiver = { source: "", summary: undefined };

/** A log of numbers. A summary has the number of each key, or 0. */
const newLog = () =>
  new ChangeLog<number>((value, summary, key) =>
    value <= ((summary as { [key: string]: number })[key] ?? 0)
  );

function keysFor(log: ChangeLog<number>, from: number, receiver: Partial<Receiver>): string[] {
  return log.changesFor(from, { ...unknown, ...receiver }).map(({ key }) => key);
}

Deno.test("a later change of a key supersedes the one before", () => {
  const log = newLog();
  log.set("x", 1, undefined, 10);
  log.set("y", 1, undefined, 20);
  log.set("x", 2, undefined, 30);
  assertEquals([log.get("x"), log.get("y"), log.get("z")], [2, 1, undefined]);
  assertEquals(log.entries, [["x", 2], ["y", 1]]);
  assertEquals(log.version, 3);
  assertEquals(keysFor(log, 0, {}), ["y", "x"]);
  assertEquals(keysFor(log, 2, {}), ["x"]);
  assertEquals(keysFor(log, 3, {}), []);
});

Deno.test("a receiver does not need what it sent, or what its summary includes", () => {
  const log = newLog();
  log.set("x", 1, "a", 0);
  log.set("y", 2, "b", 0);
  log.set("z", 3, undefined, 0);
  assertEquals(keysFor(log, 0, { source: "a" }), ["y", "z"]);
  assertEquals(keysFor(log, 0, { summary: { y: 2, z: 2 } }), ["x", "z"]);
  assertEquals(keysFor(log, 0, { source: "a", summary: { y: 1, z: 3 } }), ["y"]);
});

Deno.test("the first position that a receiver needs is as old as what it lacks", () => {
  const log = newLog();
  for (const value of [1, 2, 3]) log.set("x", value, undefined, 10 * value);
  log.set("y", 1, "a", 40);
  assertEquals([log.firstFor(0, unknown), log.firstFor(1, unknown)], [0, 1]);
  assertEquals(log.firstFor(3, { ...unknown, source: "a" }), 4);
  const firstBeyond = (summary: Json) => log.firstFor(0, { source: "", summary });
  assertEquals([firstBeyond({ x: 1 }), firstBeyond({ x: 3 })], [1, 3]);
  assertEquals(firstBeyond({ x: 3, y: 1 }), 4);
  assertEquals([log.changedAt(0), log.changedAt(2), log.changedAt(3)], [10, 30, 40]);
  // A superseded change is not needed if the latest one is not.
  log.set("x", 4, "a", 50);
  assertEquals(log.firstFor(0, { ...unknown, source: "a" }), 5);
  // Nor if it came from the receiver itself.
  log.set("z", 1, "a", 60);
  log.set("z", 2, undefined, 70);
  assertEquals(log.firstFor(0, { ...unknown, source: "a" }), 6);
});

Deno.test("compaction removes superseded changes, and keeps positions", () => {
  const log = newLog();
  log.set("y", 1, undefined, 5);
  for (let value = 1; value <= 5000; value++) log.set("x", value, undefined, value);
  assertEquals(log.version, 5001);
  assertEquals(log.entries, [["y", 1], ["x", 5000]]);
  assertEquals([log.changedAt(0), log.changedAt(5000)], [5, 5000]);
  assertEquals(keysFor(log, 0, {}), ["y", "x"]);
  assertEquals(keysFor(log, 1, {}), ["x"]);
  assertEquals(log.firstFor(5000, unknown), 5000);
  assertEquals(log.firstFor(5001, unknown), 5001);
});

Deno.test("the log is compacted when it has two changes a key and 1000 more", () => {
  const log = newLog();
  for (let value = 1; value <= 1002; value++) log.set("x", value, undefined, 0);
  assertEquals(log.firstFor(0, unknown), 0);
  log.set("x", 1003, undefined, 0);
  assertEquals(log.firstFor(0, unknown), 1002);
});

Deno.test("a value that changes all the time is relayed while it changes", () => {
  const replicas = new Replicas<Totals>(
    ["n0", "n1", "n2"],
    (id) => eager(id === "n1" ? [] : [id === "n0" ? "n2" : "n0"]),
    (node) => new Totals(node),
  );
  replicas.run(5000);
  replicas.delayMs = ({ from, to }) => from + to === "n0n2" || from + to === "n2n0" ? Infinity : 0;
  let maxLag = 0;
  for (let count = 0; count < 600; count++) {
    replicas.change("n0", (totals, now) => totals.add(1, now));
    replicas.run(100);
    const lag = replicas.of("n0").state.value - replicas.of("n2").state.value;
    if (count > 200) maxLag = Math.max(maxLag, lag);
  }
  assert(maxLag < 100, `n2 is ${maxLag} additions behind, which took ${maxLag / 10} s`);
});

Deno.test("a log of any changes sends each receiver the latest of all that it lacks", () => {
  const [log, copy] = [newLog(), new Map<string, Json>()];
  let position = 0;
  for (let step = 0; step < 4000; step++) {
    log.set(`k${(step * step) % 13}`, step, undefined, step);
    if (step % 17 > 0) continue;
    for (const { key, value } of log.changesFor(position, unknown)) copy.set(key, value);
    position = log.version;
    assertEquals(new Map(log.entries), copy);
  }
});
