import { assert, assertEquals, assertStrictEquals } from "std/testing";
import fc from "fast-check";
import { PersistentMap } from "../../lib/service/persistent_map.ts";

type Entries = readonly (readonly [string, number])[];

/** Keys, some of which have the same hash: these two pairs are known collisions of FNV-1a. */
const keys = fc.oneof(
  fc.constantFrom("costarring", "liquor", "declinate", "macallums", "", "a", "b"),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const entries = fc.array(fc.tuple(keys, fc.nat(3)), { maxLength: 60 });

function mapOf(entries: Entries): PersistentMap<number> {
  let map = PersistentMap.empty<number>();
  for (const [key, value] of entries) map = map.set(key, value);
  return map;
}

function contents(map: Iterable<readonly [string, number]>): Entries {
  return [...map].sort(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("an empty map has nothing", () => {
  const empty = PersistentMap.empty<number>();
  assertEquals([empty.get("a"), empty.get(""), [...empty]], [undefined, undefined, []]);
});

Deno.test("it holds what a Map holds, and no version ever changes", () => {
  fc.assert(
    fc.property(entries, fc.array(keys), (entries, others) => {
      const model = new Map<string, number>();
      const versions: [PersistentMap<number>, Entries][] = [];
      let map = PersistentMap.empty<number>();
      for (const [key, value] of entries) {
        map = map.set(key, value);
        model.set(key, value);
        versions.push([map, contents(model)]);
      }
      for (const [version, expected] of versions) assertEquals(contents(version), expected);
      for (const key of [...others, ...model.keys()]) assertEquals(map.get(key), model.get(key));
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("keys whose hashes collide are kept apart", () => {
  const map = mapOf([["costarring", 1], ["liquor", 2], ["costarring", 3]]);
  assertEquals([map.get("costarring"), map.get("liquor")], [3, 2]);
  assertEquals([...map].length, 2);
  assertEquals(mapOf([["costarring", 1]]).get("liquor"), undefined);
});

Deno.test("setting the value that is there gives the very same map", () => {
  const map = mapOf([["a", 1], ["costarring", 2], ["liquor", 3]]);
  for (const [key, value] of map) assertStrictEquals(map.set(key, value), map);
  assert(map.set("a", 2) !== map);
});

Deno.test("a merge has the keys of both and asks only about those that differ", () => {
  fc.assert(
    fc.property(entries, entries, entries, (common, ownMore, otherMore) => {
      const base = mapOf(common);
      const own = ownMore.reduce((map, [key, value]) => map.set(key, value), base);
      const other = otherMore.reduce((map, [key, value]) => map.set(key, value), base);
      const expected = new Map(other);
      for (const [key, mine] of own) {
        const theirs = other.get(key) ?? mine;
        expected.set(key, mine === theirs ? mine : 10 * mine + theirs);
      }
      const merged = own.merge(other, (mine, theirs) => {
        assert(mine !== theirs);
        return 10 * mine + theirs;
      });
      assertEquals(contents(merged), contents(expected));
    }),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("a merge that brings nothing new gives one of the two maps themselves", () => {
  fc.assert(
    fc.property(entries, entries, (common, more) => {
      const older = mapOf(common);
      const newer = more.reduce((map, [key, value]) => map.set(key, 100 + value), older);
      const higher = (a: number, b: number) => Math.max(a, b);
      assertStrictEquals(newer.merge(older, higher), newer);
      assertStrictEquals(older.merge(newer, higher), newer);
      assertStrictEquals(older.merge(older, higher), older);
    }),
    { seed: 3, numRuns: 500 },
  );
});

Deno.test("of maps that share most of their entries, a merge asks only about the others", () => {
  const base = mapOf(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, 0]));
  let asked = 0;
  const merged = base.set("key7", 1).merge(base.set("key8", 2), (own, other) => {
    asked += 1;
    return Math.max(own, other);
  });
  assertEquals([merged.get("key7"), merged.get("key8"), [...merged].length], [1, 2, 10_000]);
  assertEquals(asked, 2);
});
