import { assert, assertEquals, assertThrows } from "std/testing";
import { type Json, Random } from "../../../../lib/base/mod.ts";
import { flatten, Root, unflatten } from "../../../../lib/protocol/txn/root/root_record.ts";
import type { Write } from "../../../../lib/protocol/txn/mod.ts";

function copy(json: Json): Json {
  return JSON.parse(JSON.stringify(json));
}

Deno.test("Root.parse returns the root that toJson wrote", () => {
  const root = new Root(
    [{ thunk: "a/1", length: 4 }, { thunk: "b/1", length: 2 }],
    [["x", 1], [[1, 2], { a: null }]],
    [{ session: "n1", sequence: 3, start: 5 }],
  );
  const read = Root.parse(copy(root.toJson()));
  assertEquals(read, root);
  assertEquals([read.base, read.length], [6, 8]);
  assertEquals(read.lastOf("n1"), { session: "n1", sequence: 3, start: 5 });
  assertEquals(read.lastOf("n2"), undefined);
});

Deno.test("Root.parse rejects malformed roots", () => {
  const malformed: Json[] = [
    null,
    [],
    [[], []],
    [[], [], {}],
    [[["a"]], [], []],
    [[["a", -1]], [], []],
    [[[1, 1]], [], []],
    [[], ["x"], []],
    [[], [], [["n1", 1, 1.5]]],
  ];
  for (const json of malformed) assertThrows(() => Root.parse(json), TypeError);
});

Deno.test("a root records the last batch of each session, and its log grows with every commit", () => {
  const one = Root.empty.append([["x", 1]], [{ session: "a", sequence: 1, start: 0 }]);
  const two = one.append([["y", 1]], [{ session: "b", sequence: 1, start: 1 }]);
  const three = two.append([["x", 2]], [{ session: "a", sequence: 2, start: 2 }]);
  assertEquals(three.sessions.map(({ session, sequence }) => [session, sequence]), [["b", 1], [
    "a",
    2,
  ]]);
  assertEquals([one, two, three].map(({ length }) => length), [1, 2, 3]);
});

Deno.test("compaction keeps every write, in at most log2 n thunks", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed);
    const history: Write[] = [];
    const thunks = new Map<string, readonly Write[]>();
    let root = Root.empty;
    let written = 0;
    for (let commit = 0; commit < 300; commit++) {
      const writes = Array.from({ length: 1 + random.integer(4) }, (): Write => ["k", written++]);
      history.push(...writes);
      root = root.append(writes, []);
      if (root.log.length < 8) continue;
      const compaction = root.planCompaction(`thunk ${commit}`);
      const from = compaction.end - compaction.segment.length;
      thunks.set(compaction.segment.thunk, history.slice(from, compaction.end));
      // Another node may commit between plan and compaction.
      const late: Write[] = [["k", written++]];
      history.push(...late);
      root = root.append(late, []);
      assertEquals(compaction.base, root.base);
      root = root.compact(compaction);
      assert(compaction.base !== root.base);
    }
    const compacted = root.segments.flatMap(({ thunk }) => thunks.get(thunk) as Write[]);
    assertEquals([...compacted, ...root.log], history);
    assertEquals(root.length, history.length);
    const maxThunks = Math.ceil(Math.log2(history.length)) + 1;
    assert(root.segments.length <= maxThunks, `${root.segments.length} thunks`);
    for (const [index, { length }] of root.segments.entries()) {
      assert(length > (root.segments[index + 1]?.length ?? 0), "longer segments are older");
    }
  }
});

Deno.test("unflatten returns the writes that flatten wrote, and rejects a key without a value", () => {
  const writes: Write[] = [["x", [1, 2]], [["y"], null]];
  assertEquals(flatten(writes), ["x", [1, 2], ["y"], null]);
  assertEquals(unflatten(flatten(writes)), writes);
  assertThrows(() => unflatten(["x"]), TypeError);
});
