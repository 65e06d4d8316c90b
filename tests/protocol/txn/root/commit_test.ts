import { assert, assertEquals, assertRejects, assertThrows } from "std/testing";
import {
  ErrorCode,
  parseNodeFlags,
  REQUEST_DEADLINE_MS,
  RpcError,
  UsageError,
} from "../../../../lib/node/mod.ts";
import type { Transaction } from "../../../../lib/protocol/txn/mod.ts";
import type { Batch } from "../../../../lib/protocol/txn/root/batch.ts";
import { rootFlags } from "../../../../lib/protocol/txn/root/mod.ts";
import { Committer } from "../../../../lib/protocol/txn/root/commit.ts";
import { OWN_REPORT } from "../../../../lib/protocol/txn/root/read_index.ts";
import { append, BACKOFF_MS, casCount, read, startCommitter } from "./commit_fixture.ts";
import { replaced } from "../../../support/replaced.ts";
import { unhandledRejections } from "../../../support/unhandled_rejections.ts";
import { Stores } from "./stores.ts";

/** Longer than a store's timeout and a back-off. */
const RECOVERY_MS = 2500;

Deno.test("batches share a compare-and-set, and each reads the writes of those before it", async () => {
  const stores = new Stores();
  const { transact } = startCommitter(stores, "n1");
  await transact(append(0));
  const batches = ["n3", "n2", "n1"].map((sender, value) => transact(append(value), sender));
  const results = await Promise.all(batches);
  // Of two sessions the one with the higher number runs first.
  assertEquals(results.map(([first]) => first?.[2]), [[0, 2, 1], [0, 2], [0]]);
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
  return { session: "n2", sequence, transactions };
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

Deno.test("forwarded reads join the commit that this node's own batch needs anyway", async () => {
  const stores = new Stores();
  const { committer, transact, fake } = startCommitter(stores, "n1", ["n1", "n2"], 50);
  await transact(append(1), "n3");
  stores.requests.length = 0;
  const own = transact(append(2));
  const reply = committer.commit(forwarded(1, read), "n2", { applied: 1, nonce: undefined });
  await fake.host.advance(40);
  assertEquals(stores.requests, []);
  await fake.host.advance(10);
  assertEquals([await own, await reply], [append(2).with(0, ["r", "x", [1]]), [[[
    "r",
    "x",
    [1, 2],
  ]]]]);
  assertEquals(stores.requests, ["lin-kv cas"]);
});

Deno.test("a read of this node's client needs no store once the other node has reported", async () => {
  const stores = new Stores();
  const { committer, transact, fake } = startCommitter(stores, "n1", ["n1", "n2"], 50);
  await transact(append(1));
  await committer.commit(forwarded(1, read), "n2", { applied: 1, nonce: undefined });
  stores.requests.length = 0;
  const reply = transact(read);
  // The nonce is sent after the client's request, and repeated by n2.
  const nonce = committer.nonceFor("n2");
  await fake.host.advance(10);
  const other = committer.commit(forwarded(2, append(2)), "n2", { applied: 1, nonce });
  assertEquals(await reply, [["r", "x", [1]]]);
  assertEquals(stores.requests, []);
  // The batch of n2 waits for this node, which has just had its reply.
  await fake.host.advance(10);
  assertEquals(stores.requests, []);
  await transact(append(3));
  assertEquals(stores.requests, ["lin-kv cas"]);
  assertEquals(await other, [[["r", "x", [1, 3]], ["append", "x", 2]]]);
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

Deno.test("a commit waits for a recent sender, at most for the linger time", async () => {
  const stores = new Stores();
  const { transact, fake } = startCommitter(stores, "n1", ["n1", "n2"], 50);
  await transact(append(0), "n2");
  const alone = transact(append(1));
  await fake.host.advance(49);
  assertEquals(casCount(stores), 1);
  await fake.host.advance(1);
  await alone;
  const first = transact(append(2));
  await fake.host.advance(10);
  await Promise.all([first, transact(append(3), "n2")]);
  assertEquals(casCount(stores), 3);
});

Deno.test("batches whose compare-and-set failed run again on the newest state", async () => {
  const stores = new Stores();
  const [one, two] = [startCommitter(stores, "n1"), startCommitter(stores, "n2")];
  await one.transact(append(1));
  await two.transact(append(2));
  const late = one.transact(append(3));
  await one.fake.host.advance(2 * BACKOFF_MS);
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
    await one.fake.host.advance(RECOVERY_MS);
    assertEquals(await reply, [["r", "x", [1]], ["append", "x", 2]]);
    assertEquals(await one.transact(read), [["r", "x", [1, 2]]]);
    assert(one.fake.host.reached.has("the outcome of a commit was unknown"));
  });
}

Deno.test("a batch that arrives twice is committed once, with the same reads", async () => {
  const stores = new Stores();
  const [one, two] = [startCommitter(stores, "n1"), startCommitter(stores, "n2")];
  const batch = { session: "n3", sequence: 1, transactions: [append(1), append(2)] };
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
    session: "n3",
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

Deno.test("a batch is committed when the store replies again", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  stores.fate = () => "lost";
  const reply = one.transact(append(1));
  await one.fake.host.advance(3000);
  assert(one.fake.host.reached.has("a read of the root failed"));
  assertEquals(casCount(stores), 0);
  stores.fate = () => "delivered";
  await one.fake.host.advance(1400);
  assertEquals(await reply, [["r", "x", null], ["append", "x", 1]]);
});

Deno.test("a batch is given up when its clients have timed out, and later ones are committed", async () => {
  const stores = new Stores();
  const { transact, fake: { host } } = startCommitter(stores, "n1");
  await transact(append(0));
  stores.fate = ({ body }) => body.type === "cas" ? "conflicts" : "delivered";
  const expired = assertRejects(() => transact(append(1)), RpcError);
  await host.advance(4000);
  const younger = transact(append(2), "n2");
  await host.advance(500);
  assertEquals((await expired).code, ErrorCode.timeout);
  const attempts = casCount(stores);
  stores.fate = () => "delivered";
  await host.advance(500);
  assertEquals(await younger, [["r", "x", [0]], ["append", "x", 2]]);
  assertEquals(casCount(stores), attempts + 1);
});

Deno.test("a read-only batch waits for the store, since the node's log may be old", async () => {
  const stores = new Stores();
  const [one, two] = [startCommitter(stores, "n1"), startCommitter(stores, "n2")];
  await one.transact(append(1));
  await two.transact(append(2));
  let lost = 1;
  stores.fate = () => lost-- > 0 ? "lost" : "delivered";
  const reply = one.transact(read);
  await one.fake.host.advance(RECOVERY_MS);
  assert(one.fake.host.reached.has("a read of the root failed"));
  assertEquals(await reply, [["r", "x", [1, 2]]]);
});

Deno.test("a batch that expires while it waits for others takes no request to the store", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1", ["n1", "n2"], REQUEST_DEADLINE_MS);
  const { host } = one.fake;
  await one.transact(append(0), "n2");
  await host.advance(1);
  stores.requests.length = 0;
  const expired = assertRejects(() => one.transact(append(1)), RpcError);
  await host.advance(REQUEST_DEADLINE_MS);
  assertEquals((await expired).code, ErrorCode.timeout);
  await host.advance(1);
  assertEquals(stores.requests, []);
  // Its sender is waited for again, since it has no request outstanding.
  let hasSent = false;
  one.committer.hasSent("n1").then(() => hasSent = true);
  await host.advance(1);
  assertEquals(hasSent, false);
  one.transact(append(2));
  await host.advance(1);
  assertEquals(hasSent, true);
});

for (const operation of ["append", "refresh"] as const) {
  Deno.test(`Committer does not take a bug in ${operation} for an error of the store`, async () => {
    const stores = new Stores();
    const { node, fake } = stores.node("n1");
    const bug = new TypeError("a bug");
    const log = stores.log(node);
    if (operation === "append") await log.refresh();
    const faulty = replaced(log, { [operation]: () => Promise.reject(bug) });
    const committer = new Committer(node, faulty, { lingerMs: 0, backoffMs: BACKOFF_MS });
    const rejections = await unhandledRejections(async () => {
      committer.commit(forwarded(1, append(1)), "n2", OWN_REPORT);
      await fake.host.advance(1);
    });
    assertEquals(rejections, [bug]);
  });
}

Deno.test("Committer recovers after the root held a malformed value", async () => {
  const stores = new Stores();
  const one = startCommitter(stores, "n1");
  stores.write("root", "malformed");
  const reply = one.transact(append(1));
  await one.fake.host.advance(RECOVERY_MS);
  assert(
    one.fake.host.logged.every((line) => /^could not read the root: .*the root.* must/.test(line)),
  );
  assert(one.fake.host.logged.length > 1);
  stores.write("root", null);
  await one.fake.host.advance(100);
  assertEquals((await reply)[0], ["r", "x", null]);
});

Deno.test("the first failure backs off, and further ones for a quarter of that at most", async () => {
  const stores = new Stores();
  const { transact, fake: { host } } = startCommitter(stores, "n1");
  await transact(append(0));
  for (let value = 1; value < 6; value++) {
    let failures = value;
    stores.fate = ({ body }) => body.type === "cas" && failures-- > 0 ? "conflicts" : "delivered";
    const startMs = host.elapsedMs;
    let endMs: number | undefined;
    transact(append(value)).then(() => endMs = host.elapsedMs);
    for (let step = 0; step < 200 && endMs === undefined; step++) await host.advance(0.25);
    const backoffMs = (endMs ?? Infinity) - startMs;
    const maxMs = BACKOFF_MS + (value - 1) * (BACKOFF_MS / 4 + 1);
    assert(backoffMs >= BACKOFF_MS && backoffMs <= maxMs, `${value} failures: ${backoffMs} ms`);
  }
});

Deno.test("a node whose peer is silent pauses for four round trips every 2 s", async () => {
  const stores = new Stores();
  const { node, fake: { host } } = stores.node("n1");
  const log = replaced(stores.log(node), { roundTripMs: 10 });
  const committer = new Committer(node, log, { lingerMs: 0, backoffMs: BACKOFF_MS });
  let sequence = 0;
  /** Returns how long these nodes' batches take, in milliseconds. */
  const commit = async (...senders: string[]) => {
    const startMs = host.elapsedMs;
    let endMs: number | undefined;
    Promise.all(senders.map((sender) => {
      const batch = { session: sender, sequence: ++sequence, transactions: [append(sequence)] };
      return committer.commit(batch, sender, OWN_REPORT);
    })).then(() => endMs = host.elapsedMs);
    for (let step = 0; step < 200 && endMs === undefined; step++) await host.advance(1);
    return (endMs ?? Infinity) - startMs;
  };
  /** Commits every 10 ms for some time; returns the longest commit. */
  const commitFor = async (durationMs: number, ...senders: string[]) => {
    let longestMs = 0;
    for (const endMs = host.elapsedMs + durationMs; host.elapsedMs < endMs;) {
      longestMs = Math.max(longestMs, await commit(...senders));
      await host.advance(9);
    }
    return longestMs;
  };
  assertEquals(await commitFor(1990, "n1"), 0);
  assertEquals(await commitFor(1990, "n1"), 40);
  assertEquals(await commitFor(1990, "n1"), 40);
  // The last commit was 10 ms ago.
  await host.advance(30);
  assertEquals(await commitFor(1990, "n1"), 0, "an idle time is a pause");
  assertEquals(await commitFor(4000, "n1", "n2"), 0, "no peer is silent");
});

Deno.test("back-offs and compactions are at least 1", () => {
  for (const name of ["backoff", "compact-after"] as const) {
    assertEquals(parseNodeFlags([`--${name}`, "1"], rootFlags)[name], 1);
    assertThrows(() => parseNodeFlags([`--${name}`, "0"], rootFlags), UsageError, `--${name} must`);
  }
  assertThrows(() => parseNodeFlags(["--compact-after", "1.5"], rootFlags), UsageError);
});
