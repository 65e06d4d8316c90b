import { assertEquals } from "std/testing";
import { Journal } from "../../../lib/protocol/log/journal.ts";
import { Origin } from "../../../lib/protocol/log/origins.ts";

const TARGET = "t1";
const receiver = (source: string, summary?: Record<string, number>) => ({ source, summary });
/** What a peer with an index gets: all, or only its past. */
const all = (node: number) => ({ node, isComplete: true });
const past = (node: number) => ({ node, isComplete: false });

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
  assertEquals(journal.addedAt(2), 20);
});

Deno.test("Journal sends a third node's batches to their target only, once", () => {
  const journal = new Journal(0);
  const own = filled(journal, "a.1", 0, 1);
  const third = filled(journal, "b.1", 1, 2);
  assertEquals(journal.end, 1);
  for (let request = 0; request < 2; request++) {
    journal.catchUp(TARGET, { "a.1": 1 }, all(2), [own, third], 100);
  }
  const forTarget = journal.since(0, receiver(TARGET, { "a.1": 1 }));
  assertEquals(forTarget.map(({ origin, number }) => [origin.name, number]), [
    ["b.1", 0],
    ["b.1", 1],
  ]);
  assertEquals(journal.since(0, receiver("other", { "a.1": 1 })), []);
});

Deno.test("Journal sends the batches of all third nodes to a target that requests all", () => {
  const journal = new Journal(0);
  const own = filled(journal, "a.1", 0, 1);
  const thirds = [filled(journal, "b.1", 1, 2), filled(journal, "c.1", 2, 1)];
  const namesAfter = (isComplete: boolean) => {
    const summary = { "a.1": 1, "b.1": 1 };
    journal.catchUp(TARGET, summary, { node: 3, isComplete }, [own, ...thirds], 100);
    const items = journal.since(0, receiver(TARGET, summary));
    return items.map(({ origin, number }) => `${origin.name}/${number}`);
  };
  assertEquals(namesAfter(false), []);
  assertEquals(namesAfter(true), ["b.1/1", "c.1/0"]);
});

Deno.test("Journal sends new batches of third nodes to a target for some time after it requested all", () => {
  for (const isComplete of [false, true]) {
    const journal = new Journal(0);
    const third = new Origin("b.1", 1);
    journal.catchUp(TARGET, {}, { node: 2, isComplete }, [third], 100);
    for (const [number, atMs] of [200, 6100].entries()) {
      journal.push(third, number, atMs);
      third.push({});
    }
    assertEquals(journal.since(0, receiver(TARGET)).length, isComplete ? 1 : 0);
    // A second request, within this time, gets all that it lacks.
    journal.catchUp(TARGET, {}, past(2), [third], 300);
    assertEquals(journal.since(0, receiver(TARGET)).length, isComplete ? 2 : 0);
  }
});

Deno.test("Journal leaves out batches that do not count any more, and the target's own", () => {
  const journal = new Journal(0);
  const own = filled(journal, "a.1", 0, 3);
  own.limitTo(1);
  assertEquals(journal.since(0, receiver(TARGET)).map(({ number }) => number), [0]);
  const targets = filled(journal, `c.${TARGET}`, 2, 2);
  const former = filled(journal, "c.0", 2, 1);
  journal.catchUp(TARGET, {}, past(2), [targets, former], 0);
  const names = journal.since(1, receiver(TARGET, { "a.1": 3 })).map(({ origin }) => origin.name);
  assertEquals(names, ["c.0"]);
});
