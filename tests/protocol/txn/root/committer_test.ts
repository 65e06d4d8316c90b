import { assert, assertEquals, assertRejects } from "std/testing";
import { ErrorCode, type Node, RpcError } from "../../../../lib/node/mod.ts";
import type { MicroOperation, Transaction } from "../../../../lib/protocol/txn/mod.ts";
import { ClientRequest } from "../../../../lib/protocol/txn/root/client_request.ts";
import { Committer } from "../../../../lib/protocol/txn/root/committer.ts";
import type { Job } from "../../../../lib/protocol/txn/root/job.ts";
import { TO_ITSELF } from "../../../../lib/protocol/txn/root/witnesses.ts";
import type { FakeNode } from "../../../support/fake_host.ts";
import { Stores } from "./stores.ts";

const pace = { gather: 0, turn: 20, patience: 3000 };
const read: Transaction = [["r", "x", null]];

function append(value: number): Transaction {
  return [["r", "x", null], ["append", "x", value]];
}

interface Stage {
  readonly fake: FakeNode;
  readonly node: Node;
  readonly committer: Committer;
  /** A client's transaction. */
  ask(transaction: Transaction, client?: string): Promise<MicroOperation[]>;
}

function stage(stores: Stores, id: string, nodes = ["n1", "n2"], gather = 0): Stage {
  const { fake, node } = stores.node(id, nodes);
  const committer = new Committer(node, stores.database(node), `${id}/own`, { ...pace, gather });
  return {
    fake,
    node,
    committer,
    ask(transaction, client = "c1") {
      const request = new ClientRequest(node, transaction, client, pace.patience);
      committer.take(request);
      return request.answer;
    },
  };
}

function casCount({ asked }: Stores): number {
  return asked.filter((request) => request === "lin-kv cas").length;
}

Deno.test("many transactions share a compare-and-set, and each sees those before it", async () => {
  const stores = new Stores();
  const { ask } = stage(stores, "n1");
  await ask(append(0));
  const results = await Promise.all([1, 2, 3].map((value) => ask(append(value))));
  assertEquals(results.map(([first]) => first?.[2]), [[0], [0, 1], [0, 1, 2]]);
  assertEquals(casCount(stores), 1 + 1);
});

Deno.test("what only reads costs one read of the root, and sees what others have committed", async () => {
  const stores = new Stores();
  const [one, two] = [stage(stores, "n1"), stage(stores, "n2")];
  await one.ask(append(1));
  await two.ask(append(2));
  stores.asked.length = 0;
  assertEquals(await one.ask(read), [["r", "x", [1, 2]]]);
  assertEquals(stores.asked, ["lin-kv read"]);
});

/** A job of n2. */
function handed(sequence: number, ...transactions: Transaction[]): Job {
  return { stream: "n2/handed", sequence, transactions };
}

Deno.test("what another node hands over to be read needs the store only if that node knows more", async () => {
  const stores = new Stores();
  const { committer, ask } = stage(stores, "n1");
  await ask(append(1));
  stores.asked.length = 0;
  const cases: [known: number | undefined, asked: string[]][] = [
    [1, []],
    [2, ["lin-kv read"]],
    [undefined, ["lin-kv read"]],
  ];
  for (const [known, asked] of cases) {
    const done = await committer.commit(handed(1, read), "n2", { known, mark: undefined });
    assertEquals(done, [[["r", "x", [1]]]]);
    assertEquals(stores.asked.splice(0), asked);
  }
});

Deno.test("what this node's clients read needs no store once the other node has spoken since", async () => {
  const stores = new Stores();
  const { committer, ask, fake } = stage(stores, "n1", ["n1", "n2"], 50);
  await ask(append(1));
  const first = committer.commit(handed(1, read), "n2", { known: 1, mark: undefined });
  await fake.host.advance(50);
  await first;
  stores.asked.length = 0;
  const answer = ask(read);
  // The mark goes out after the client has asked, and comes back.
  const mark = committer.markFor("n2");
  await fake.host.advance(10);
  const other = committer.commit(handed(2, append(2)), "n2", { known: 1, mark });
  assertEquals(await answer, [["r", "x", [1]]]);
  assertEquals(stores.asked, []);
  // What is to be committed waits for the client who has just been answered.
  await fake.host.advance(10);
  assertEquals(stores.asked, []);
  await ask(append(3));
  assertEquals(stores.asked, ["lin-kv cas"]);
  await fake.host.advance(50);
  assertEquals(await other, [[["r", "x", [1]], ["append", "x", 2]]]);
});

Deno.test("a node says nothing of what it knows before it has looked at the root in this life", async () => {
  const stores = new Stores();
  await stage(stores, "n1").ask(append(1));
  const { committer, fake } = stage(stores, "n2");
  assertEquals(committer.known(), undefined);
  assertEquals(committer.known(), undefined);
  await fake.host.advance(1);
  assertEquals(committer.known(), 1);
  assertEquals(stores.asked.filter((request) => request === "lin-kv read").length, 2);
});

Deno.test("an answer to another node waits until this node's own clients have asked again", async () => {
  const stores = new Stores();
  const { committer, ask, fake } = stage(stores, "n1", ["n1", "n2"], 50);
  await ask(append(1));
  let isAnswered = false;
  const answer = committer.commit(handed(1, read), "n2", { known: 1, mark: undefined });
  answer.then(() => isAnswered = true);
  await fake.host.advance(20);
  assertEquals(isAnswered, false);
  const next = ask(append(2));
  await answer;
  assertEquals(isAnswered, true);
  await fake.host.advance(50);
  assertEquals((await next)[0], ["r", "x", [1]]);
});

Deno.test("transactions that fail to replace the root see what is there when they are run again", async () => {
  const stores = new Stores();
  const [one, two] = [stage(stores, "n1"), stage(stores, "n2")];
  await one.ask(append(1));
  await two.ask(append(2));
  const late = one.ask(append(3));
  await one.fake.host.advance(2 * pace.turn);
  assertEquals((await late)[0]?.[2], [1, 2]);
  assert(one.fake.host.logged.includes("sometimes: another node committed first"));
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

Deno.test("whoever has asked lately is waited for, within a window", async () => {
  const stores = new Stores();
  const one = stage(stores, "n1", ["n1"], 50);
  await one.ask(append(0), "c1");
  await Promise.all([one.ask(append(1), "c1"), one.ask(append(2), "c2")].map(async (answer) => {
    await one.fake.host.advance(50);
    return answer;
  }));
  const before = casCount(stores);
  const first = one.ask(append(3), "c1");
  await one.fake.host.advance(30);
  assertEquals(casCount(stores), before);
  const second = one.ask(append(4), "c2");
  await Promise.all([first, second]);
  assertEquals(casCount(stores), before + 1);
  assertEquals(one.fake.host.elapsed <= 130, true);
});
