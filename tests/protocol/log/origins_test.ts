import { assert, assertEquals, assertThrows } from "std/testing";
import type { Json } from "../../../lib/node/mod.ts";
import { Origin, Origins } from "../../../lib/protocol/log/origins.ts";

function create() {
  const applied: [writer: number, content: Json][] = [];
  const accepted: [name: string, number: number][] = [];
  const origins = new Origins({
    nodes: ["a", "b"],
    source: { apply: (writer, content) => applied.push([writer, content]) },
    accepted: ({ name }, number) => accepted.push([name, number]),
  });
  return { origins, applied, accepted };
}

Deno.test("Origin keeps batches that arrive early, and prefers a third node's copy", () => {
  const origin = new Origin("a.1", 0);
  origin.wait(1, { content: 1 }, true);
  assertEquals(origin.next, undefined);
  origin.wait(0, { content: 0 }, false);
  origin.wait(0, { content: "direct" }, true);
  assertEquals(origin.next, { batch: { content: 0 }, isDirect: false });
  origin.push({ content: 0 });
  origin.wait(0, { content: "late" }, false);
  assertEquals([origin.count, origin.batchAt(0).content], [1, 0]);
  origin.wait(1, { content: "third" }, false);
  assertEquals(origin.next?.batch.content, "third");
});

Deno.test("Origin discards what is beyond its limit", () => {
  const origin = new Origin("a.1", 0);
  for (let number = 0; number < 3; number++) origin.push({ content: number });
  origin.wait(3, {}, true);
  origin.limitTo(1);
  assertEquals(origin.count, 1);
  origin.wait(1, {}, true);
  origin.limitTo(1);
  assertEquals(origin.next, undefined);
});

Deno.test("Origins accepts a batch after the past that it lists, in whichever order they are known", () => {
  const { origins, applied } = create();
  const newer = origins.see("a.2", "2", 0);
  const older = origins.see("a.1", "2", 0);
  assert(origins.isNewest(newer));
  newer.wait(0, { past: { "a.1": 1 }, content: "second" }, true);
  origins.accept(0);
  assertEquals(applied, []);
  older.wait(0, { content: "first" }, false);
  older.wait(1, { content: "beyond" }, false);
  origins.accept(0);
  assertEquals(applied.slice(-1), [[0, "second"]]);
  assertEquals(older.limit, 1);
});

Deno.test("Origins holds a batch back while it knows nothing of the past that it lists", () => {
  const { origins, applied } = create();
  origins.see("a.2", "2", 0).wait(0, { past: { "a.1": 1 }, content: "second" }, true);
  origins.accept(0);
  assertEquals(applied, []);
  origins.see("a.1", "2", 0).wait(0, { content: "first" }, false);
  origins.accept(0);
  assertEquals(applied, [[0, "first"], [0, "second"]]);
});

Deno.test("Origins accepts what it held back when an incarnation turns out to be the newest", () => {
  const { origins, applied } = create();
  const alive = origins.see("a.2", "2", 0);
  origins.see("a.1", "1", 5);
  alive.wait(0, { content: "x" }, true);
  origins.accept(6);
  assertEquals(applied, []);
  origins.replied(alive, 4, 7);
  assertEquals(applied, []);
  origins.replied(alive, 5, 7);
  assertEquals(applied, [[0, "x"]]);
  assertEquals(origins.gone, 1);
});

Deno.test("Origins rejects an origin of an unknown node", () => {
  const { origins } = create();
  assertThrows(() => origins.see("c.1", "1", 0), TypeError, 'unknown node in the origin "c.1"');
});

Deno.test("an incarnation that lists another one in its past is newer", () => {
  const { origins } = create();
  const newer = origins.see("a.2", "2", 0);
  const older = origins.see("a.1", "1", 0);
  assert(origins.isNewest(older));
  newer.wait(0, { past: { "a.1": 0 } }, false);
  origins.accept(0);
  assert(origins.isNewest(newer));
});
