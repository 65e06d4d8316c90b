import { assert, assertEquals, assertRejects, assertThrows } from "std/testing";
import { type Json, Random } from "../../../../lib/base/mod.ts";
import { ErrorCode, InvariantError, RpcError } from "../../../../lib/node/mod.ts";
import { Root, type Segment } from "../../../../lib/protocol/txn/root/log.ts";
import type { MicroOperation, Write } from "../../../../lib/protocol/txn/mod.ts";
import { settled } from "../../../../lib/testing/fake_host.ts";
import { Stores } from "./stores.ts";

const read = (key: Json): MicroOperation => ["r", key, null];

/** Asserts that another node has committed first. */
async function assertRefused(commit: Promise<void>): Promise<void> {
  const { code } = await assertRejects(() => commit, RpcError);
  assertEquals(code, ErrorCode.preconditionFailed);
}

function copy(json: Json): Json {
  return JSON.parse(JSON.stringify(json));
}

Deno.test("Root.parse returns the root that toJson wrote", () => {
  const root = new Root(
    [["a/1", 4], ["b/1", 2]],
    [["x", 1], [[1, 2], { a: null }]],
    [["n1", 3, 5]],
  );
  assertEquals(root.toJson(), [
    [["a/1", 4], ["b/1", 2]],
    ["x", 1, [1, 2], { a: null }],
    [["n1", 3, 5]],
  ]);
  const parsed = Root.parse(copy(root.toJson()));
  assertEquals(parsed, root);
  assertEquals(parsed.length, 8);
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
  for (const json of malformed) assertThrows(() => Root.parse(json), RpcError);
});

Deno.test("a root records the last batch of each session, and its log grows with every commit", () => {
  const one = Root.empty.append([["x", 1]], [["a", 1, 0]]);
  const two = one.append([["y", 1]], [["b", 1, 1]]);
  const three = two.append([["x", 2]], [["a", 2, 2]]);
  assertEquals(three.sessions, [["b", 1, 1], ["a", 2, 2]]);
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
      root = root.compact(`thunk ${commit}`);
      const [thunk, length] = root.segments.at(-1) as Segment;
      thunks.set(thunk, history.slice(-length));
    }
    const compacted = root.segments.flatMap(([thunk]) => thunks.get(thunk) as Write[]);
    assertEquals([...compacted, ...root.log], history);
    assertEquals(root.length, history.length);
    const maxThunks = Math.ceil(Math.log2(history.length)) + 1;
    assert(root.segments.length <= maxThunks, `${root.segments.length} thunks`);
    for (const [index, [, length]] of root.segments.entries()) {
      assert(length > (root.segments[index + 1]?.[1] ?? 0), "longer segments are older");
    }
  }
});

Deno.test("append fails when another node has committed, and succeeds after a refresh", async () => {
  const stores = new Stores();
  const [one, two] = ["n1", "n2"].map((id) => stores.log(stores.node(id).node));
  assert(one !== undefined && two !== undefined);
  await assertRejects(() => one.append([["x", 0]], []), InvariantError);
  await Promise.all([one.refresh(), two.refresh()]);
  await one.append([["x", 1]], [["a", 1, 0]]);
  await assertRefused(two.append([["x", 2]], []));
  assertEquals(two.fork().run([read("x")]), [["r", "x", null]]);
  await two.refresh();
  assertEquals([two.length, two.lastOf("a"), two.lastOf("b")], [1, ["a", 1, 0], ["b", -1, 0]]);
  await two.append([["x", 2]], []);
  assertEquals(two.fork().run([read("x")]), [["r", "x", [1, 2]]]);
  assertEquals(two.fork(1).run([read("x")]), [["r", "x", [1]]]);
});

Deno.test("a node does not read a thunk whose writes it has", async () => {
  const stores = new Stores();
  const [one, two] = ["n1", "n2"].map((id) => stores.log(stores.node(id).node));
  assert(one !== undefined && two !== undefined);
  await one.refresh();
  for (let write = 0; write < 4; write++) await one.append([["x", write]], []);
  await two.refresh();
  // Moves the first four writes to a thunk.
  await one.append([["x", 4]], []);
  stores.requests.length = 0;
  await two.refresh();
  assertEquals(stores.requests, ["lin-kv read"]);
  assertEquals(two.fork().run([read("x")]), [["r", "x", [0, 1, 2, 3, 4]]]);
});

Deno.test("a commit takes one request to the store; a compaction adds one every ten writes", async () => {
  const stores = new Stores();
  const log = stores.log(stores.node("n1").node, 10);
  await log.refresh();
  stores.requests.length = 0;
  for (let write = 0; write < 100; write++) {
    await log.append([["x", write]], []);
    await settled();
  }
  const thunks = stores.requests.filter((request) => request === "lin-kv write").length;
  assertEquals(stores.requests.length - thunks, 100);
  assert(thunks >= 9 && thunks <= 10, `${thunks} thunks`);
});

Deno.test("refresh reads the whole database", async () => {
  const stores = new Stores();
  const [one, two] = ["n1", "n2"].map((id) => stores.log(stores.node(id).node));
  assert(one !== undefined && two !== undefined);
  await one.refresh();
  for (let write = 0; write < 50; write++) {
    await one.append([[write % 3, write]], []);
    await settled();
    if (write === 20) await two.refresh();
  }
  await two.refresh();
  assertEquals(two.length, 50);
  for (const key of [0, 1, 2]) {
    const expected = one.fork().run([read(key)]);
    assertEquals(two.fork().run([read(key)]), expected);
    assertEquals((expected[0]?.[2] as number[]).length, key < 2 ? 17 : 16);
  }
});

Deno.test("a compaction whose thunk was lost is repeated later, and no write is lost", async () => {
  const stores = new Stores();
  const { node, fake } = stores.node("n1");
  const one = stores.log(node);
  await one.refresh();
  let thunks = 0;
  stores.fate = ({ body }) => body.type === "write" && thunks++ < 2 ? "lost" : "delivered";
  let failures = 0;
  for (let write = 0; write < 30;) {
    const isCommitted = one.append([["x", write]], []).then(() => write++, () => failures++);
    await fake.host.advance(2000);
    await isCommitted;
  }
  assertEquals(failures, 2);
  const two = stores.log(stores.node("n2").node);
  await two.refresh();
  const list = Array.from({ length: 30 }, (_, index) => index);
  assertEquals(two.fork().run([read("x")]), [["r", "x", list]]);
});

Deno.test("append throws an indefinite error when the store does not reply", async () => {
  const stores = new Stores();
  const { node, fake } = stores.node("n1");
  const log = stores.log(node);
  await log.refresh();
  stores.fate = () => "reply-lost";
  const outcome = assertRejects(() => log.append([["x", 1]], []), RpcError);
  await fake.host.advance(10_000);
  const error = await outcome;
  assertEquals(error.definite, false);
  stores.fate = () => "delivered";
  // The request took effect: the root is not the one that this node read.
  await assertRefused(log.append([["x", 1]], []));
});

Deno.test("refresh rejects a root that is shorter than one read before, and keeps the log", async () => {
  const stores = new Stores();
  const log = stores.log(stores.node("n1").node);
  await log.refresh();
  await log.append([["x", 1]], []);
  stores.write("root", [[], [], []]);
  await assertRejects(
    () => log.refresh(),
    RpcError,
    "at least the 1 writes read before, got 0",
  );
  assertEquals(log.length, 1);
  await assertRefused(log.append([["x", 2]], []));
});

Deno.test("refresh rejects a thunk without all writes of its segment", async () => {
  const stores = new Stores();
  const log = stores.log(stores.node("n1").node);
  stores.write("thunk", ["x", 1]);
  stores.write("root", [[["thunk", 2]], [], []]);
  await assertRejects(
    () => log.refresh(),
    RpcError,
    "hold the 2 writes of its segment, got 1",
  );
  assertEquals([log.length, log.isLoaded], [0, false]);
});

Deno.test("refresh rejects a thunk or a root with a key that has no value", async () => {
  const stores = new Stores();
  const log = stores.log(stores.node("n1").node);
  stores.write("thunk", ["x"]);
  stores.write("root", [[["thunk", 1]], [], []]);
  await assertRejects(() => log.refresh(), RpcError, "thunk must have a value after each key");
  stores.write("root", [[], ["x"], []]);
  await assertRejects(() => log.refresh(), RpcError, "must have a value after each key");
});

Deno.test("fork returns the state at an earlier length of the log", async () => {
  const stores = new Stores();
  const log = stores.log(stores.node("n1").node);
  await log.refresh();
  for (let write = 0; write < 10; write++) {
    await log.append([[write % 2, write]], []);
    await settled();
  }
  const transaction = [read(0), read(1)];
  assertEquals(log.fork(4).run(transaction).map(([, , value]) => value), [[0, 2], [1, 3]]);
  assertEquals(log.fork().run([read(0)])[0]?.[2], [0, 2, 4, 6, 8]);
  assertEquals(stores.read("n1/1"), [0, 0, 1, 1, 0, 2, 1, 3]);
});
