/**
 * How a node runs transactions in each strategy.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import type { Body } from "../../../lib/node/mod.ts";
import { runWithPauses, type Steps } from "../../../lib/protocol/txn/read_committed.ts";
import { FakeNode } from "../../../lib/testing/mod.ts";
import txnRwRegister from "../../../nodes/txn_rw_register.ts";
import { parseTransaction, textOf } from "./stepped_cluster.ts";

/** A node n1 with these peers; a statement of an interleaved transaction takes 10 ms. */
function start(strategy: string, nodes = ["n1", "n2"]): FakeNode {
  return new FakeNode(txnRwRegister, { nodes, args: ["--strategy", strategy, "--pause", "10"] });
}

/**
 * Starts transactions in one instant, and returns them with their reads filled in. Each one runs its
 * first statement when it arrives.
 */
async function run(node: FakeNode, ...texts: readonly string[]): Promise<string[]> {
  node.host.takeSent();
  texts.forEach((text, index) => {
    node.receive({ type: "txn", txn: [...parseTransaction(text)], msg_id: 100 + index });
  });
  await node.host.advance(100);
  const replies = new Map(
    node.host.sent.map(({ body }) => [body.in_reply_to, body] as [number, Body]),
  );
  return texts.map((_, index) => textOf(replies.get(100 + index)?.txn as never));
}

Deno.test("a long transaction pauses at most eight times, after equal numbers of statements", async () => {
  /** Returns after how many statements a transaction pauses. */
  const pausesOf = async (length: number) => {
    const pauses: number[] = [];
    let taken = 0;
    const steps = function* (): Steps {
      for (taken = 1; taken < length; taken++) yield;
      return [];
    };
    const sleep = (durationMs: number) => {
      assertEquals(durationMs, 10);
      pauses.push(taken);
      return Promise.resolve();
    };
    await runWithPauses({ sleep }, 10, length, steps());
    return pauses;
  };
  assertEquals(await pausesOf(0), []);
  assertEquals(await pausesOf(1), []);
  assertEquals(await pausesOf(2), [1]);
  assertEquals(await pausesOf(9), [1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(await pausesOf(10), [2, 4, 6, 8]);
  assertEquals(await pausesOf(27), [3, 6, 9, 12, 15, 18, 21, 24]);
});

const typesTo = (node: FakeNode, peer: string) =>
  node.host.sent.filter(({ dest }) => dest === peer).map(({ body }) => body.type);

Deno.test("causal and local run a transaction without interruption", async () => {
  for (const strategy of ["causal", "local"]) {
    assertEquals(await run(start(strategy), "w x 1, w x 2, r y", "r x, w y 3", "r x, r y"), [
      "w x 1, w x 2, r y null",
      "r x 2, w y 3",
      "r x 2, r y 3",
    ]);
  }
});

Deno.test("read-committed shows what has committed, at any time", async () => {
  assertEquals(await run(start("read-committed"), "w x 1, w x 2", "r x, r x, r x, r x"), [
    "w x 1, w x 2",
    "r x null, r x 2, r x 2, r x 2",
  ]);
});

Deno.test("by default, a transaction that arrives half a millisecond later runs in between", async () => {
  for (const strategy of ["read-committed", "read-uncommitted"]) {
    const node = new FakeNode(txnRwRegister, { nodes: ["n1"], args: ["--strategy", strategy] });
    node.receive({ type: "txn", txn: [...parseTransaction("r x, r x")], msg_id: 1 });
    await node.host.advance(0.5);
    node.receive({ type: "txn", txn: [...parseTransaction("w x 1")], msg_id: 2 });
    await node.host.advance(10);
    const reply = node.host.sent.find(({ body }) => body.in_reply_to === 1);
    assertEquals(textOf(reply?.body.txn as never), "r x null, r x 1", strategy);
  }
});

Deno.test("read-uncommitted shows the latest write, also of an active transaction", async () => {
  const node = start("read-uncommitted");
  const texts = ["w x 1, r z, r z, r z", "w x 2, r z", "r x, r x, r x, r x, r x"];
  assertEquals(await run(node, ...texts), [
    "w x 1, r z null, r z null, r z null",
    "w x 2, r z null",
    // First both are active. The second one commits first, so that the first one overwrites it.
    "r x 2, r x 1, r x 1, r x 1, r x 1",
  ]);
});

Deno.test("a commit is sent to the peers, but not with local", async () => {
  for (const strategy of ["causal", "read-committed", "read-uncommitted"]) {
    const node = start(strategy);
    await run(node, "w x 1");
    assertEquals(typesTo(node, "n2"), ["update"], strategy);
  }
  const local = start("local");
  await run(local, "w x 1");
  assertEquals(typesTo(local, "n2"), []);
});

Deno.test("local logs a warning in a cluster, and none alone", () => {
  const text = "strategy local is for a cluster of one node: these nodes never converge";
  assertEquals(start("local").host.logged, [text]);
  assertEquals(start("local", ["n1", "n2", "n3"]).host.logged, [text]);
  assertEquals(start("local", ["n1"]).host.logged, []);
  assertEquals(start("causal").host.logged, []);
});

Deno.test("lin-kv asks the store", async () => {
  const node = start("lin-kv", ["n1"]);
  node.receive({ type: "txn", txn: [["w", 1, 1]], msg_id: 1 });
  await node.host.advance(1000);
  assertEquals(typesTo(node, "lin-kv")[0], "read");
});
