import { assert, assertEquals, assertThrows } from "std/testing";
import { type Json, Random } from "../../../../lib/base/mod.ts";
import { flatten, Root, unflatten } from "../../../../lib/protocol/txn/root/root_record.ts";
import type { Write } from "../../../../lib/protocol/txn/mod.ts";

function copy(json: Json): Json {
  return JSON.parse(JSON.stringify(json));
}

Deno.test("a root is read as it was written", () => {
  const root = new Root(
    [{ thunk: "a/1", length: 4 }, { thunk: "b/1", length: 2 }],
    [["x", 1], [[1, 2], { a: null }]],
    [{ stream: "n1", sequence: 3, start: 5 }],
  );
  const read = Root.parse(copy(root.toJson()));
  assertEquals(read, root);
  assertEquals([read.base, read.length], [6, 8]);
  assertEquals(read.lastOf("n1"), { stream: "n1", sequence: 3, start: 5 });
  assertEquals(read.lastOf("n2"), undefined);
});

Deno.test("what is no root is refused", () => {
  const wrong: Json[] = [
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
  for (const json of wrong) assertThrows(() => Root.parse(json), TypeError);
});

Deno.test("of each stream a root knows the last job, and it grows with every commit", () => {
  const one = Root.empty.after([["x", 1]], [{ stream: "a", sequence: 1, start: 0 }]);
  const two = one.after([["y", 1]], [{ stream: "b", sequence: 1, start: 1 }]);
  const three = two.after([["x", 2]], [{ stream: "a", sequence: 2, start: 2 }]);
  assertEquals(three.done.map(({ stream, sequence }) => [stream, sequence]), [["b", 1], ["a", 2]]);
  assertEquals([one, two, three].map(({ length }) => length), [1, 2, 3]);
});

Deno.test("folds keep every write, in few thunks, and hold only for the root they were planned on", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed);
    const history: Write[] = [];
    const thunks = new Map<string, readonly Write[]>();
    let root = Root.empty;
    let written = 0;
    for (let commit = 0; commit < 300; commit++) {
      const writes = Array.from({ length: 1 + random.integer(4) }, (): Write => ["k", written++]);
      history.push(...writes);
      root = root.after(writes, []);
      if (root.log.length < 8) continue;
      const fold = root.planFold(`thunk ${commit}`);
      const from = fold.to - fold.segment.length;
      thunks.set(fold.segment.thunk, history.slice(from, fold.to));
      // Others may commit between the plan and the fold.
      const late: Write[] = [["k", written++]];
      history.push(...late);
      root = root.after(late, []);
      assertEquals(fold.base, root.base);
      root = root.folded(fold);
      assert(fold.base !== root.base);
    }
    const put = root.segments.flatMap(({ thunk }) => thunks.get(thunk) as Write[]);
    assertEquals([...put, ...root.log], history);
    assertEquals(root.length, history.length);
    const most = Math.ceil(Math.log2(history.length)) + 1;
    assert(root.segments.length <= most, `${root.segments.length} thunks`);
    for (const [index, { length }] of root.segments.entries()) {
      assert(length > (root.segments[index + 1]?.length ?? 0), "longer ones come first");
    }
  }
});

Deno.test("writes are put away flat, and an odd one out is refused", () => {
  const writes: Write[] = [["x", [1, 2]], [["y"], null]];
  assertEquals(flatten(writes), ["x", [1, 2], ["y"], null]);
  assertEquals(unflatten(flatten(writes)), writes);
  assertThrows(() => unflatten(["x"]), TypeError);
});
