import { assert, assertEquals } from "std/testing";
import fc from "fast-check";
import type { Json } from "../../../lib/base/mod.ts";
import {
  type EntryRun,
  incarnationOf,
  nodeOf,
  originOf,
  ValueLog,
} from "../../../lib/protocol/broadcast/value_log.ts";

const all = () => true;

Deno.test("appending an equal value again adds nothing", () => {
  const log = new ValueLog("n0.a");
  assert(log.append({ x: 1, y: [2] }, 0));
  assert(!log.append({ y: [2], x: 1 }, 1));
  assertEquals(log.values, [{ x: 1, y: [2] }]);
  assertEquals(log.digest(), { "n0.a": 1 });
});

Deno.test("equal values from two nodes are two entries and one value", () => {
  const log = new ValueLog("n0.a");
  log.append("same", 0);
  assertEquals(log.merge([["n1.b", 0, "same", "other"]], "n1", 5), 2);
  assertEquals(log.values, ["same", "other"]);
  assertEquals(log.length, 3);
});

Deno.test("entries contain their source and the time of arrival", () => {
  const log = new ValueLog("n0.a");
  log.append(1, 10);
  log.merge([["n1.b", 0, 2]], "n2", 20);
  assertEquals(log.entry(0), {
    origin: "n0.a",
    sequence: 0,
    value: 1,
    source: undefined,
    addedAt: 10,
  });
  assertEquals(log.entry(1), { origin: "n1.b", sequence: 0, value: 2, source: "n2", addedAt: 20 });
});

Deno.test("values after a gap are readable, but the digest does not cover them until it is filled", () => {
  const log = new ValueLog("n0.a");
  log.merge([["n1.b", 0, "zero"], ["n1.b", 2, "two", "three"]], "n1", 0);
  assertEquals(log.values, ["zero", "two", "three"]);
  assertEquals(log.digest(), { "n1.b": 1 });
  assertEquals(log.gap(), { origin: "n1.b", sequence: 1 });
  assertEquals(log.coveredLength, 1);
  assert(log.has({ origin: "n1.b", sequence: 3 }));
  assert(!log.has({ origin: "n1.b", sequence: 1 }));
  log.merge([["n1.b", 1, "one"]], "n1", 0);
  assertEquals(log.digest(), { "n1.b": 4 });
  assertEquals(log.gap(), undefined);
  assertEquals(log.coveredLength, 4);
});

Deno.test("a log covers a digest without missing entries", () => {
  const log = new ValueLog("n0.a");
  log.merge([["n1.b", 0, 1, 2]], "n1", 0);
  assert(log.covers({}));
  assert(log.covers({ "n1.b": 2 }));
  assert(!log.covers({ "n1.b": 3 }));
  assert(!log.covers({ "n2.c": 1 }));
});

Deno.test("firstNotIn finds the first entry that a digest does not cover", () => {
  const log = new ValueLog("n0.a");
  log.merge([["n1.b", 0, 1], ["n2.c", 0, 2], ["n1.b", 1, 3]], "n1", 0);
  assertEquals(log.firstNotIn({}), 0);
  assertEquals(log.firstNotIn({ "n1.b": 1 }), 1);
  assertEquals(log.firstNotIn({ "n1.b": 2, "n2.c": 1 }), 3);
});

Deno.test("runs combine consecutive values of each origin", () => {
  const log = new ValueLog("n0.a");
  log.merge([["n1.b", 0, 1], ["n2.c", 4, 2], ["n1.b", 1, 3], ["n1.b", 5, 6]], "n1", 0);
  assertEquals(log.runs(0, 4, all), [["n1.b", 0, 1, 3], ["n1.b", 5, 6], ["n2.c", 4, 2]]);
  assertEquals(log.runs(1, 3, (position) => position !== 1), [["n1.b", 1, 3]]);
});

Deno.test("an origin is one incarnation of a node", () => {
  const origin = originOf("node.with.dots", "x7");
  assertEquals([nodeOf(origin), incarnationOf(origin)], ["node.with.dots", "x7"]);
});

Deno.test("logs that merge the same entries in any order, any number of times, agree", () => {
  const values = fc.array(fc.jsonValue() as fc.Arbitrary<Json>, { maxLength: 12 });
  const order = fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, values, order, (ones, twos, picks) => {
      const entries: EntryRun[] = [
        ...ones.map((value, index): EntryRun => ["n1.a", index, value]),
        ...twos.map((value, index): EntryRun => ["n2.b", index, value]),
      ];
      const straight = new ValueLog("n0.x");
      straight.merge(entries, "n1", 0);
      const shuffled = new ValueLog("n0.x");
      for (const pick of picks) {
        const entry = entries[pick % Math.max(1, entries.length)];
        if (entry !== undefined) shuffled.merge([entry], "n1", 0);
      }
      assert(straight.covers(shuffled.digest()));
      const missing = straight.runs(0, straight.length, (position) => {
        return !shuffled.has(straight.entry(position));
      });
      shuffled.merge(missing, "n2", 0);
      assertEquals(shuffled.digest(), straight.digest());
      assertEquals(shuffled.length, straight.length);
      assertEquals(shuffled.values.length, straight.values.length);
    }),
    { seed: 7, numRuns: 200 },
  );
});
