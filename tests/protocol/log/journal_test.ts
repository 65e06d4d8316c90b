import { assertEquals } from "std/testing";
import { Journal } from "../../../lib/protocol/log/journal.ts";
import { Origin } from "../../../lib/protocol/log/origins.ts";

const TARGET = "t1";
const receiver = (source: string, summary?: Record<string, number>) => ({
  source,
  summary,
  summaryEnd: 0,
});
/** Batches of these writers only. */
const some = (writers: number[]) => ({ writers, isComplete: false });

/** An origin with batches, each of them in a journal. */
function filled(journal: Journal, name: string, writer: number, count: number): Origin {
  const origin = new Origin(name, writer);
  for (let number = 0; number < count; number++) {
    journal.push(origin, number, 10 * number);
    origin.push({});
  }
  return origin;
}

Deno.test("Journal finds the first item that a receiver or a summary lacks", () => {
  const journal = new Journal(0);
  filled(journal, "a.1", 0, 3);
  assertEquals(journal.end, 3);
  const first = (from: number, summary?: Record<string, number>) =>
    journal.firstFor(from, receiver(TARGET, summary));
  assertEquals([first(0), first(1), first(0, { "a.1": 2 }), first(0, { "a.1": 3 })], [0, 1, 2, 3]);
  const beyond = (summary: Record<string, number>) => journal.firstBeyond(summary);
  assertEquals([beyond({}), beyond({ "a.1": 1 }), beyond({ "a.1": 3 })], [0, 1, 3]);
  assertEquals(journal.addedAt(2), 20);
});

Deno.test("Journal drops what all peers have, and keeps positions", () => {
  const journal = new Journal(0);
  filled(journal, "a.1", 0, 3);
  assertEquals(journal.drop(0), []);
  assertEquals(journal.drop(2).map(({ number }) => number), [0, 1]);
  assertEquals(journal.drop(2), []);
  assertEquals(journal.drop(1), []);
  assertEquals([journal.end, journal.firstFor(0, receiver(TARGET)), journal.firstBeyond({})], [
    3,
    2,
    2,
  ]);
  assertEquals(journal.since(0, receiver(TARGET)).map(({ number }) => number), [2]);
});

Deno.test("Journal sends a third node's batches to their target only, once", () => {
  const journal = new Journal(0);
  const own = filled(journal, "a.1", 0, 1);
  const third = filled(journal, "b.1", 1, 2);
  assertEquals(journal.end, 1);
  for (let request = 0; request < 2; request++) {
    journal.catchUp(TARGET, { "a.1": 1 }, some([2, 1]), [own, third], 100);
  }
  const forTarget = journal.since(0, receiver(TARGET, { "a.1": 1 }));
  assertEquals(forTarget.map(({ origin, number }) => [origin.name, number]), [
    ["b.1", 0],
    ["b.1", 1],
  ]);
  assertEquals(journal.since(0, receiver("other", { "a.1": 1 })), []);
  assertEquals(journal.firstBeyond({ "a.1": 1 }), journal.end);
  assertEquals(journal.drop(journal.end).length, 1, "those that are for all peers");
});

Deno.test("Journal sends the batches of all third nodes to a target that requests all", () => {
  const journal = new Journal(0);
  const own = filled(journal, "a.1", 0, 1);
  const thirds = [filled(journal, "b.1", 1, 2), filled(journal, "c.1", 2, 1)];
  const namesAfter = (isComplete: boolean) => {
    const summary = { "a.1": 1, "b.1": 1 };
    journal.catchUp(TARGET, summary, { writers: [3], isComplete }, [own, ...thirds], 100);
    const items = journal.since(0, receiver(TARGET, summary));
    return items.map(({ origin, number }) => `${origin.name}/${number}`);
  };
  assertEquals(namesAfter(false), []);
  assertEquals(namesAfter(true), ["b.1/1", "c.1/0"]);
});

Deno.test("Journal replaces the dropped batches of a third node by one item, for a snapshot", () => {
  const journal = new Journal(0);
  const third = filled(journal, "b.1", 1, 3);
  third.applied = third.stable = 2;
  third.drop();
  journal.catchUp(TARGET, {}, some([2, 1]), [third], 100);
  const numbers = journal.since(0, receiver(TARGET)).map(({ number }) => number);
  assertEquals(numbers, [1, 2]);
});

Deno.test("Journal sends new batches of third nodes to a target that cannot reach these only", () => {
  for (const writers of [[1], [2, 1]]) {
    const journal = new Journal(0);
    const third = new Origin("b.1", 1);
    journal.catchUp(TARGET, {}, some(writers), [third], 100);
    journal.push(third, 0, 200);
    assertEquals(journal.since(0, receiver(TARGET)).length, writers.length - 1);
  }
});

Deno.test("Journal leaves out batches that do not count any more, and the target's own", () => {
  const journal = new Journal(0);
  const own = filled(journal, "a.1", 0, 3);
  own.limitTo(1);
  assertEquals(journal.since(0, receiver(TARGET)).map(({ number }) => number), [0]);
  const targets = filled(journal, `c.${TARGET}`, 2, 2);
  const past = filled(journal, "c.0", 2, 1);
  journal.catchUp(TARGET, {}, some([2]), [targets, past], 0);
  const names = journal.since(1, receiver(TARGET, { "a.1": 3 })).map(({ origin }) => origin.name);
  assertEquals(names, ["c.0"]);
});
