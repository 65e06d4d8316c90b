import { assert, assertEquals, assertRejects } from "std/testing";
import { ErrorCode, type Json, RpcError } from "../../../../lib/node/mod.ts";
import type { Transaction } from "../../../../lib/protocol/txn/mod.ts";
import { TO_ITSELF } from "../../../../lib/protocol/txn/root/witnesses.ts";
import { append, casCount, pace, read, stage } from "./committer_stage.ts";
import { Stores } from "./stores.ts";

Deno.test("transactions that fail to replace the root see what is there when they are run again", async () => {
  const stores = new Stores();
  const [one, two] = [stage(stores, "n1"), stage(stores, "n2")];
  await one.ask(append(1));
  await two.ask(append(2));
  const late = one.ask(append(3));
  await one.fake.host.advance(2 * pace.turn);
  assertEquals((await late)[0]?.[2], [1, 2]);
  assert(one.fake.host.reached.has("another node committed first"));
});

for (const fate of ["lost", "unanswered", "late"] as const) {
  Deno.test(`a compare-and-set that is ${fate} is found out about, and made once`, async () => {
    const stores = new Stores();
    const one = stage(stores, "n1");
    await one.ask(append(1));
    let pending = 1;
    stores.fate = ({ body }) => body.type === "cas" && pending-- > 0 ? fate : "answered";
    const answer = one.ask(append(2));
    await one.fake.host.advance(2500);
    assertEquals(await answer, [["r", "x", [1]], ["append", "x", 2]]);
    assertEquals(await one.ask(read), [["r", "x", [1, 2]]]);
  });
}

Deno.test("new requests are no part of a job whose fate is unknown", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1");
  await one.ask(append(1));
  let pending = 1;
  stores.fate = ({ body }) => body.type === "cas" && pending-- > 0 ? "unanswered" : "answered";
  const first = one.ask(append(2));
  await one.fake.host.advance(100);
  const second = one.ask(append(3));
  await one.fake.host.advance(2500);
  assertEquals([(await first)[0]?.[2], (await second)[0]?.[2]], [[1], [1, 2]]);
});

Deno.test("a job that comes twice is committed once, with the same reads", async () => {
  const stores = new Stores();
  const [one, two] = [stage(stores, "n1"), stage(stores, "n2")];
  const job = { stream: "n3/handed", sequence: 1, transactions: [append(1), append(2)] };
  const results = await Promise.all([
    one.committer.commit(job, "n3", TO_ITSELF),
    one.committer.commit(job, "n3", TO_ITSELF),
  ]);
  const again = await two.committer.commit(job, "n3", TO_ITSELF);
  await two.ask(append(3));
  const late = one.committer.commit(job, "n3", TO_ITSELF);
  await one.fake.host.advance(100);
  const expected = [[["r", "x", null], ["append", "x", 1]], [["r", "x", [1]], ["append", "x", 2]]];
  assertEquals([...results, again, await late], [expected, expected, expected, expected]);
  assertEquals(await one.ask(read), [["r", "x", [1, 2, 3]]]);
});

Deno.test("a job that its own node has given up is refused", async () => {
  const { committer, ask } = stage(new Stores(), "n1");
  const job = (sequence: number) => ({
    stream: "n3/handed",
    sequence,
    transactions: [append(sequence)],
  });
  const both = [
    committer.commit(job(1), "n3", TO_ITSELF),
    committer.commit(job(2), "n3", TO_ITSELF),
  ] as const;
  const error = await assertRejects(() => both[0], RpcError);
  assertEquals(error.code, ErrorCode.abort);
  assertEquals((await both[1])[0]?.[0], ["r", "x", null]);
  await assertRejects(() => committer.commit(job(1), "n3", TO_ITSELF), RpcError);
  assertEquals(await ask(read), [["r", "x", [2]]]);
});

Deno.test("a client is told that nothing was done only where that is certain", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1");
  await one.ask(append(1));
  stores.fate = () => "unanswered";
  const unknown = assertRejects(() => one.ask(append(2)), RpcError);
  await one.fake.host.advance(100);
  // The other one waits for the fate of the first, so nobody has tried it.
  const untried = assertRejects(() => one.ask(append(3)), RpcError);
  await one.fake.host.advance(10_000);
  const codes = [(await unknown).code, (await untried).code];
  assertEquals(codes, [ErrorCode.timeout, ErrorCode.txnConflict]);
  stores.fate = () => "answered";
  await one.fake.host.advance(10_000);
  assertEquals(await one.ask(read), [["r", "x", [1, 2]]]);
});

Deno.test("a client whose transaction nobody could try is told that it was not done", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1");
  stores.fate = () => "lost";
  const append1 = assertRejects(() => one.ask(append(1)), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await append1).code, ErrorCode.txnConflict);
  stores.fate = () => "answered";
  await one.fake.host.advance(10_000);
  assertEquals(await one.ask(read), [["r", "x", null]]);
  // What only reads never needs to be tried.
  stores.fate = () => "lost";
  const reader = assertRejects(() => one.ask(read), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await reader).code, ErrorCode.txnConflict);
});

Deno.test("what nobody knows stays unknown, however certainly later tries fail", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1");
  await one.ask(append(0));
  let tries = 0;
  stores.fate = ({ body }) => body.type !== "cas" ? "answered" : tries++ === 0 ? "lost" : "refused";
  const outcome = assertRejects(() => one.ask(append(1)), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await outcome).code, ErrorCode.timeout);
  assert(tries > 1);
});

Deno.test("what cannot be run at all leaves the committer as it was", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1", ["n1", "n2"], 50);
  // No client's: those are looked at before.
  let key: Json = 1;
  for (let level = 0; level < 20_000; level++) key = [key];
  const job = {
    stream: "n3/handed",
    sequence: 1,
    transactions: [[["append", key, 1]] as Transaction],
  };
  const wrong = assertRejects(() => one.committer.commit(job, "n3", TO_ITSELF), RpcError);
  const beside = assertRejects(() => one.ask(append(1)), RpcError);
  await one.fake.host.advance(60);
  const later = one.ask(append(2));
  await one.fake.host.advance(60);
  assertEquals((await later)[0], ["r", "x", null]);
  await one.fake.host.advance(3000);
  assertEquals([(await wrong).code, (await beside).code], [ErrorCode.timeout, ErrorCode.timeout]);
  assert(one.fake.host.logged.some((line) => line.startsWith("a commit was given up: RangeError")));
});

Deno.test("a root that is none is no end: once there is one again, the node goes on", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1");
  const setRoot = (value: Json) =>
    stores.answer({
      src: "c9",
      dest: "lin-kv",
      body: { type: "write", key: "root", value, msg_id: 1 },
    });
  setRoot("no root");
  const refused = assertRejects(() => one.ask(append(1)), RpcError);
  await one.fake.host.advance(3500);
  assertEquals((await refused).code, ErrorCode.txnConflict);
  setRoot(null);
  const answer = one.ask(append(2));
  await one.fake.host.advance(100);
  assertEquals((await answer)[0], ["r", "x", null]);
});

Deno.test("a transaction that loses every race ends with a definite conflict", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1");
  await one.ask(append(0));
  stores.fate = ({ body }) => body.type === "cas" ? "refused" : "answered";
  const outcome = assertRejects(() => one.ask(append(1)), RpcError);
  await one.fake.host.advance(3500);
  const error = await outcome;
  assertEquals([error.code, error.definite], [ErrorCode.txnConflict, true]);
  const tries = casCount(stores);
  stores.fate = () => "answered";
  await one.fake.host.advance(3500);
  assertEquals(casCount(stores), tries);
  assertEquals(await one.ask(read), [["r", "x", [0]]]);
});
