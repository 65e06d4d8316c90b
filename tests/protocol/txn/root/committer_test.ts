import { assertEquals } from "std/testing";
import type { Transaction } from "../../../../lib/protocol/txn/mod.ts";
import type { Job } from "../../../../lib/protocol/txn/root/job.ts";
import { append, casCount, read, stage } from "./committer_stage.ts";
import { Stores } from "./stores.ts";

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
  assertEquals(one.fake.host.elapsedMs <= 130, true);
});
