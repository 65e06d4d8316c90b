import { assert, assertEquals, assertStrictEquals } from "std/testing";
import fc from "fast-check";
import { PersistentMap } from "../../lib/service/persistent_map.ts";

type Entries = readonly (readonly [string, number])[];

/** Keys that include two pairs with equal hashes: known collisions of FNV-1a. */
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

Deno.test("the empty map has no entries", () => {
  const empty = PersistentMap.empty<number>();
  assertEquals([empty.get("a"), empty.get(""), [...empty]], [undefined, undefined, []]);
});

Deno.test("a map agrees with a Map, and old versions are immutable", () => {
  fc.assert(
    fc.property(entries, fc.array(keys), (entries, otherKeys) => {
      const model = new Map<string, number>();
      const versions: [PersistentMap<number>, Entries][] = [];
      let map = PersistentMap.empty<number>();
      for (const [key, value] of entries) {
        map = map.set(key, value);
        model.set(key, value);
        versions.push([map, contents(model)]);
      }
      for (const [version, expected] of versions) assertEquals(contents(version), expected);
      for (const key of [...otherKeys, ...model.keys()]) assertEquals(map.get(key), model.get(key));
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("keys with colliding hashes are distinct", () => {
  const map = mapOf([["costarring", 1], ["liquor", 2], ["costarring", 3]]);
  assertEquals([map.get("costarring"), map.get("liquor")], [3, 2]);
  assertEquals([...map].length, 2);
  assertEquals(mapOf([["costarring", 1]]).get("liquor"), undefined);
});

Deno.test("setting the current value returns the identical map", () => {
  const map = mapOf([["a", 1], ["costarring", 2], ["liquor", 3]]);
  for (const [key, value] of map) assertStrictEquals(map.set(key, value), map);
  assert(map.set("a", 2) !== map);
});

Deno.test("merge returns the union and resolves only keys with different values", () => {
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

Deno.test("merge returns one of its maps when the result equals that map", () => {
  fc.assert(
    fc.property(entries, entries, (common, more) => {
      const older = mapOf(common);
      const newer = more.reduce((map, [key, value]) => map.set(key, 100 + value), older);
      const max = (a: number, b: number) => Math.max(a, b);
      assertStrictEquals(newer.merge(older, max), newer);
      assertStrictEquals(older.merge(newer, max), newer);
      assertStrictEquals(older.merge(older, max), older);
    }),
    { seed: 3, numRuns: 500 },
  );
});

Deno.test("merge resolves only the two keys that differ in maps with 10,000 shared entries", () => {
  const base = mapOf(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, 0]));
  let conflicts = 0;
  const merged = base.set("key7", 1).merge(base.set("key8", 2), (own, other) => {
    conflicts += 1;
    return Math.max(own, other);
  });
  assertEquals([merged.get("key7"), merged.get("key8"), [...merged].length], [1, 2, 10_000]);
  assertEquals(conflicts, 2);
});
