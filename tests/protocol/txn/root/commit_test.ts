import { assert, assertEquals, assertRejects, assertThrows } from "std/testing";
import {
  ErrorCode,
  type Json,
  parseNodeFlags,
  RpcError,
  UsageError,
} from "../../../../lib/node/mod.ts";
import type { Transaction } from "../../../../lib/protocol/txn/mod.ts";
import type { Batch } from "../../../../lib/protocol/txn/root/batch.ts";
import { rootFlags } from "../../../../lib/protocol/txn/root/mod.ts";
import { OWN_REPORT } from "../../../../lib/protocol/txn/root/read_index.ts";
import { append, casCount, options, read, startCommitter } from "./commit_fixture.ts";
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

Deno.test("transactions whose compare-and-set failed run again on the newest state", async () => {
  const stores = new Stores();
  const [one, two] = [startCommitter(stores, "n1"), startCommitter(stores, "n2")];
  await one.transact(append(1));
  await two.transact(append(2));
  const late = one.transact(append(3));
  await one.fake.host.advance(2 * options.leaseMs);
  assertEquals((await late)[0]?.[2], [1, 2]);
  assert(one.fake.host.reached.has("another node committed first"));
});

for (const fate of ["lost", "reply-lost", "delayed"] as const) {
  Deno.test(`a compare-and-set with the fate "${fate}" takes effect once`, async () => {
    const stores = new Stores();
    const one = startCommitter(stores, "n1");
    await one.transact(append(1));
    let pending = 1;
    stores.fate = ({ body }) => body.type === "cas" && pending-- > 0 ? fate : "delivered";
    const reply = one.transact(append(2));
    await one.fake.host.advance(2500);
    assertEquals(await reply, [["r", "x", [1]], ["append", "x", 2]]);
    assertEquals(await one.transact(read), [["r", "x", [1, 2]]]);
  });
}

Deno.test("new requests do not join a batch with an unknown outcome", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  await one.transact(append(1));
  let pending = 1;
  stores.fate = ({ body }) => body.type === "cas" && pending-- > 0 ? "reply-lost" : "delivered";
  const first = one.transact(append(2));
  await one.fake.host.advance(100);
  const second = one.transact(append(3));
  await one.fake.host.advance(2500);
  assertEquals([(await first)[0]?.[2], (await second)[0]?.[2]], [[1], [1, 2]]);
});

Deno.test("a batch that arrives twice is committed once, with the same reads", async () => {
  const stores = new Stores();
  const [one, two] = [startCommitter(stores, "n1"), startCommitter(stores, "n2")];
  const batch = { session: "n3/remote", sequence: 1, transactions: [append(1), append(2)] };
  const results = await Promise.all([
    one.committer.commit(batch, "n3", OWN_REPORT),
    one.committer.commit(batch, "n3", OWN_REPORT),
  ]);
  const again = await two.committer.commit(batch, "n3", OWN_REPORT);
  await two.transact(append(3));
  const late = one.committer.commit(batch, "n3", OWN_REPORT);
  await one.fake.host.advance(100);
  const expected = [[["r", "x", null], ["append", "x", 1]], [["r", "x", [1]], ["append", "x", 2]]];
  assertEquals([...results, again, await late], [expected, expected, expected, expected]);
  assertEquals(await one.transact(read), [["r", "x", [1, 2, 3]]]);
});

Deno.test("a batch before the last of its session is rejected", async () => {
  const { committer, transact } = startCommitter(new Stores(), "n1");
  const batch = (sequence: number) => ({
    session: "n3/remote",
    sequence,
    transactions: [append(sequence)],
  });
  const both = [
    committer.commit(batch(1), "n3", OWN_REPORT),
    committer.commit(batch(2), "n3", OWN_REPORT),
  ] as const;
  const error = await assertRejects(() => both[0], RpcError);
  assertEquals(error.code, ErrorCode.abort);
  assertEquals((await both[1])[0]?.[0], ["r", "x", null]);
  await assertRejects(() => committer.commit(batch(1), "n3", OWN_REPORT), RpcError);
  assertEquals(await transact(read), [["r", "x", [2]]]);
});

Deno.test("a client gets a definite error only if its transaction was never attempted", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  await one.transact(append(1));
  stores.fate = () => "reply-lost";
  const unknown = assertRejects(() => one.transact(append(2)), RpcError);
  await one.fake.host.advance(100);
  // This one waits for the outcome of the first, so it is not attempted.
  const notAttempted = assertRejects(() => one.transact(append(3)), RpcError);
  await one.fake.host.advance(10_000);
  const codes = [(await unknown).code, (await notAttempted).code];
  assertEquals(codes, [ErrorCode.timeout, ErrorCode.txnConflict]);
  stores.fate = () => "delivered";
  await one.fake.host.advance(10_000);
  assertEquals(await one.transact(read), [["r", "x", [1, 2]]]);
});

Deno.test("a client gets a definite error while the root cannot be read", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  stores.fate = () => "lost";
  const write = assertRejects(() => one.transact(append(1)), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await write).code, ErrorCode.txnConflict);
  assert(one.fake.host.reached.has("a read of the root failed"));
  assertEquals(one.fake.host.logged, []);
  stores.fate = () => "delivered";
  await one.fake.host.advance(10_000);
  assertEquals(await one.transact(read), [["r", "x", null]]);
  // A read-only transaction has no effect, so its error is definite, too.
  stores.fate = () => "lost";
  const readOnly = assertRejects(() => one.transact(read), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await readOnly).code, ErrorCode.txnConflict);
});

Deno.test("an indeterminate batch stays indeterminate when later attempts certainly fail", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  await one.transact(append(0));
  let attempts = 0;
  stores.fate = ({ body }) =>
    body.type !== "cas" ? "delivered" : attempts++ === 0 ? "lost" : "conflicts";
  const outcome = assertRejects(() => one.transact(append(1)), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await outcome).code, ErrorCode.timeout);
  assert(attempts > 1);
});

Deno.test("Committer recovers from a batch that throws", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1", ["n1", "n2"], 50);
  // Not a client's transaction: those are validated before.
  let key: Json = 1;
  for (let level = 0; level < 20_000; level++) key = [key];
  const batch = {
    session: "n3/remote",
    sequence: 1,
    transactions: [[["append", key, 1]] as Transaction],
  };
  const throwing = assertRejects(() => one.committer.commit(batch, "n3", OWN_REPORT), RpcError);
  const sameBatch = assertRejects(() => one.transact(append(1)), RpcError);
  await one.fake.host.advance(60);
  const later = one.transact(append(2));
  await one.fake.host.advance(60);
  assertEquals((await later)[0], ["r", "x", null]);
  await one.fake.host.advance(3000);
  assertEquals([(await throwing).code, (await sameBatch).code], [
    ErrorCode.timeout,
    ErrorCode.timeout,
  ]);
  assert(
    one.fake.host.logged.some((line) =>
      line.startsWith("dropped a batch that cannot run: RangeError")
    ),
  );
});

Deno.test("Committer recovers after the root held a malformed value", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  stores.write("root", "malformed");
  const rejected = assertRejects(() => one.transact(append(1)), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await rejected).code, ErrorCode.txnConflict);
  assert(
    one.fake.host.logged.some((line) => line.startsWith("could not read the root: TypeError")),
  );
  assert(!one.fake.host.reached.has("a read of the root failed"));
  stores.write("root", null);
  const reply = one.transact(append(2));
  await one.fake.host.advance(100);
  assertEquals((await reply)[0], ["r", "x", null]);
});

Deno.test("a transaction whose every attempt conflicts fails with a definite error", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  await one.transact(append(0));
  stores.fate = ({ body }) => body.type === "cas" ? "conflicts" : "delivered";
  const outcome = assertRejects(() => one.transact(append(1)), RpcError);
  await one.fake.host.advance(3500);
  const error = await outcome;
  assertEquals([error.code, error.definite], [ErrorCode.txnConflict, true]);
  const attempts = casCount(stores);
  stores.fate = () => "delivered";
  await one.fake.host.advance(3500);
  assertEquals(casCount(stores), attempts);
  assertEquals(await one.transact(read), [["r", "x", [0]]]);
});

Deno.test("a node backs off for a whole lease after each first failure", async () => {
  const stores = new Stores();
  const { transact, fake: { host } } = startCommitter(stores, "n1");
  await transact(append(0));
  for (let value = 1; value < 4; value++) {
    let failures = 1;
    stores.fate = ({ body }) => body.type === "cas" && failures-- > 0 ? "conflicts" : "delivered";
    const reply = transact(append(value));
    let isCommitted = false;
    reply.then(() => isCommitted = true);
    await host.advance(options.leaseMs - 1);
    assert(!isCommitted, `value ${value}`);
    await host.advance(1);
    await reply;
  }
});

Deno.test("leases, timeouts and compactions are at least 1", () => {
  for (const name of ["lease", "commit-timeout", "compact-after"] as const) {
    assertEquals(parseNodeFlags([`--${name}`, "1"], rootFlags)[name], 1);
    assertThrows(() => parseNodeFlags([`--${name}`, "0"], rootFlags), UsageError, `--${name} must`);
  }
});
