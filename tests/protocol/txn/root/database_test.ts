import { assert, assertEquals, assertRejects } from "std/testing";
import { RpcError } from "../../../../lib/node/mod.ts";
import type { ThunkStore } from "../../../../lib/protocol/txn/root/root_store.ts";
import { settled } from "../../../../lib/testing/fake_node.ts";
import { Stores } from "./stores.ts";

const read = (key: string): ["r", string, null] => ["r", key, null];

Deno.test("append fails when another node has committed, and succeeds after a refresh", async () => {
  const stores = new Stores();
  const [one, two] = ["n1", "n2"].map((id) => stores.database(stores.node(id).node));
  assert(one !== undefined && two !== undefined);
  assertEquals([one.isLoaded, await one.append([["x", 0]], [])], [false, false]);
  await Promise.all([one.refresh(), two.refresh()]);
  assertEquals(await one.append([["x", 1]], [{ session: "a", sequence: 1, start: 0 }]), true);
  assertEquals(await two.append([["x", 2]], []), false);
  assertEquals(two.workspace().run([read("x")]), [["r", "x", null]]);
  await two.refresh();
  assertEquals([two.length, two.lastOf("a")?.sequence], [1, 1]);
  assertEquals(await two.append([["x", 2]], []), true);
  assertEquals(two.workspace().run([read("x")]), [["r", "x", [1, 2]]]);
  assertEquals(two.workspace(1).run([read("x")]), [["r", "x", [1]]]);
});

Deno.test("a commit takes one request to the store; compaction adds one every ten writes", async () => {
  const stores = new Stores();
  const database = stores.database(stores.node("n1").node, "lin-kv", 10);
  await database.refresh();
  stores.requests.length = 0;
  for (let write = 0; write < 100; write++) {
    assert(await database.append([["x", write]], []));
    await settled();
  }
  const thunks = stores.requests.filter((request) => request === "lin-kv write").length;
  assertEquals(stores.requests.length - thunks, 100);
  assert(thunks >= 9 && thunks <= 10, `${thunks} thunks`);
});

for (const thunks of ["lin-kv", "seq-kv", "lww-kv"] as ThunkStore[]) {
  Deno.test(`refresh reads the whole database, with thunks in ${thunks}`, async () => {
    const stores = new Stores();
    const one = stores.database(stores.node("n1").node, thunks);
    const { node, fake } = stores.node("n2");
    const two = stores.database(node, thunks);
    const refresh = async () => {
      const done = two.refresh();
      // A read from lww-kv may need several attempts.
      for (let wait = 0; wait < 50; wait++) await fake.host.advance(10);
      await done;
    };
    await one.refresh();
    for (let write = 0; write < 50; write++) {
      assert(await one.append([[write % 3, write]], []));
      await settled();
      if (write === 20) await refresh();
    }
    await refresh();
    assertEquals(two.length, 50);
    for (const key of [0, 1, 2]) {
      const expected = one.workspace().run([["r", key, null]]);
      assertEquals(two.workspace().run([["r", key, null]]), expected);
      assertEquals((expected[0]?.[2] as number[]).length, key < 2 ? 17 : 16);
    }
  });
}

Deno.test("a compaction whose thunk was lost is repeated later, and no write is lost", async () => {
  const stores = new Stores();
  const { node, fake } = stores.node("n1");
  const one = stores.database(node);
  await one.refresh();
  let writes = 0;
  stores.fate = ({ body }) => body.type === "write" && writes++ < 2 ? "lost" : "delivered";
  for (let write = 0; write < 30; write++) {
    assert(await one.append([["x", write]], []));
    await fake.host.advance(500);
  }
  assert([...fake.host.reached].some((text) => text === "a write of a thunk was indeterminate"));
  const two = stores.database(stores.node("n2").node);
  await two.refresh();
  assertEquals(two.workspace().run([read("x")]), one.workspace().run([read("x")]));
});

Deno.test("append throws an indefinite error when the store does not reply", async () => {
  const stores = new Stores();
  const { node, fake } = stores.node("n1");
  const database = stores.database(node);
  await database.refresh();
  stores.fate = () => "reply-lost";
  const outcome = assertRejects(() => database.append([["x", 1]], []), RpcError);
  await fake.host.advance(10_000);
  const error = await outcome;
  assertEquals(error.definite, false);
  stores.fate = () => "delivered";
  // The request took effect: the root is not the one that this node read.
  assertEquals(await database.append([["x", 1]], []), false);
});

Deno.test("refresh rejects a root that is shorter than one read before, and keeps the log", async () => {
  const stores = new Stores();
  const database = stores.database(stores.node("n1").node);
  await database.refresh();
  assert(await database.append([["x", 1]], []));
  stores.write("root", [[], [], []]);
  await assertRejects(
    () => database.refresh(),
    RangeError,
    "at least the 1 writes read before, got 0",
  );
  assertEquals([database.length, await database.append([["x", 2]], [])], [1, false]);
});

Deno.test("refresh rejects a thunk without all writes of its segment", async () => {
  const stores = new Stores();
  const database = stores.database(stores.node("n1").node);
  stores.write("thunk", ["x", 1]);
  stores.write("root", [[["thunk", 2]], [], []]);
  await assertRejects(
    () => database.refresh(),
    TypeError,
    "hold the 2 writes of its segment, got 1",
  );
  assertEquals([database.length, database.isLoaded], [0, false]);
});
