import { assertEquals } from "std/testing";
import type { Transaction } from "../../../../lib/protocol/txn/mod.ts";
import type { Batch } from "../../../../lib/protocol/txn/root/batch.ts";
import { append, casCount, read, startCommitter } from "./committer_fixture.ts";
import { Stores } from "./stores.ts";

Deno.test("transactions share a compare-and-set, and each reads the writes of those before it", async () => {
  const stores = new Stores();
  const { transact } = startCommitter(stores, "n1");
  await transact(append(0));
  const results = await Promise.all([1, 2, 3].map((value) => transact(append(value))));
  assertEquals(results.map(([first]) => first?.[2]), [[0], [0, 1], [0, 1, 2]]);
  assertEquals(casCount(stores), 1 + 1);
});

Deno.test("a read-only transaction reads the root, and so what other nodes have committed", async () => {
  const stores = new Stores();
  const [one, two] = [startCommitter(stores, "n1"), startCommitter(stores, "n2")];
  await one.transact(append(1));
  await two.transact(append(2));
  stores.requests.length = 0;
  assertEquals(await one.transact(read), [["r", "x", [1, 2]]]);
  assertEquals(stores.requests, ["lin-kv read"]);
});

/** Returns a batch that n2 forwards. */
function forwarded(sequence: number, ...transactions: Transaction[]): Batch {
  return { session: "n2/remote", sequence, transactions };
}

Deno.test("a forwarded read-only batch needs the store only if its sender has applied more", async () => {
  const stores = new Stores();
  const { committer, transact } = startCommitter(stores, "n1");
  await transact(append(1));
  stores.requests.length = 0;
  const cases: [applied: number | undefined, requests: string[]][] = [
    [1, []],
    [2, ["lin-kv read"]],
    [undefined, ["lin-kv read"]],
  ];
  for (const [applied, requests] of cases) {
    const results = await committer.commit(forwarded(1, read), "n2", { applied, nonce: undefined });
    assertEquals(results, [[["r", "x", [1]]]]);
    assertEquals(stores.requests.splice(0), requests);
  }
});

Deno.test("a read of this node's client needs no store once the other node has reported", async () => {
  const stores = new Stores();
  const { committer, transact, fake } = startCommitter(stores, "n1", ["n1", "n2"], 50);
  await transact(append(1));
  const first = committer.commit(forwarded(1, read), "n2", { applied: 1, nonce: undefined });
  await fake.host.advance(50);
  await first;
  stores.requests.length = 0;
  const reply = transact(read);
  // The nonce is sent after the client's request, and repeated by n2.
  const nonce = committer.nonceFor("n2");
  await fake.host.advance(10);
  const other = committer.commit(forwarded(2, append(2)), "n2", { applied: 1, nonce });
  assertEquals(await reply, [["r", "x", [1]]]);
  assertEquals(stores.requests, []);
  // The batch of n2 waits for the client that has just had its reply.
  await fake.host.advance(10);
  assertEquals(stores.requests, []);
  await transact(append(3));
  assertEquals(stores.requests, ["lin-kv cas"]);
  await fake.host.advance(50);
  assertEquals(await other, [[["r", "x", [1]], ["append", "x", 2]]]);
});

Deno.test("an incarnation reports nothing before it has read the root", async () => {
  const stores = new Stores();
  await startCommitter(stores, "n1").transact(append(1));
  const { committer, fake } = startCommitter(stores, "n2");
  assertEquals(committer.applied(), undefined);
  assertEquals(committer.applied(), undefined);
  await fake.host.advance(1);
  assertEquals(committer.applied(), 1);
  assertEquals(stores.requests.filter((request) => request === "lin-kv read").length, 2);
});

Deno.test("the reply to another node waits for the next requests of this node's clients", async () => {
  const stores = new Stores();
  const { committer, transact, fake } = startCommitter(stores, "n1", ["n1", "n2"], 50);
  await transact(append(1));
  let hasReply = false;
  const reply = committer.commit(forwarded(1, read), "n2", { applied: 1, nonce: undefined });
  reply.then(() => hasReply = true);
  await fake.host.advance(20);
  assertEquals(hasReply, false);
  const next = transact(append(2));
  await reply;
  assertEquals(hasReply, true);
  await fake.host.advance(50);
  assertEquals((await next)[0], ["r", "x", [1]]);
});

Deno.test("a batch waits for recent clients, at most for its window", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1", ["n1"], 50);
  await one.transact(append(0), "c1");
  await Promise.all(
    [one.transact(append(1), "c1"), one.transact(append(2), "c2")].map(async (reply) => {
      await one.fake.host.advance(50);
      return reply;
    }),
  );
  const before = casCount(stores);
  const first = one.transact(append(3), "c1");
  await one.fake.host.advance(30);
  assertEquals(casCount(stores), before);
  const second = one.transact(append(4), "c2");
  await Promise.all([first, second]);
  assertEquals(casCount(stores), before + 1);
  assertEquals(one.fake.host.elapsedMs <= 130, true);
});
