import { assert, assertEquals } from "std/testing";
import kafka from "../../../nodes/kafka.ts";
import type { Gossip } from "../../../lib/protocol/crdt/mod.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import { commit, committed, poll, send } from "./requests.ts";

function start(...args: string[]): FakeNode {
  return new FakeNode(kafka, { id: "n1", nodes: ["n1", "n2"], args });
}

function gossipOf(node: FakeNode): (Gossip & { readonly type: "gossip" })[] {
  return node.host.sent.filter(({ dest }) => dest === "n2").map(({ body }) =>
    body as unknown as Gossip & { readonly type: "gossip" }
  );
}

/** What the other node says that knows nothing, has nothing to say, and has heard of this one. */
function answer(node: FakeNode, version = 0): void {
  const incarnation = gossipOf(node)[0]?.incarnation ?? "";
  const acked = { incarnation, version };
  node.receive(
    { type: "gossip", incarnation: "other", since: 0, version: 0, acked, seq: 1 },
    "n2",
  );
}

for (const strategy of ["lamport", "owner"]) {
  Deno.test(`${strategy}: a node that has just started waits for the others, but not for ever`, async () => {
    const node = start("--strategy", strategy);
    node.receive({ type: "commit_offsets", offsets: { k: 7 }, msg_id: 77 });
    await node.host.advance(900);
    assertEquals(node.host.sent.filter(({ dest }) => dest === "c1"), []);
    assertEquals(await poll(node, { k: 0 }), {});
    await node.host.advance(200);
    assertEquals(node.host.sent.filter(({ dest }) => dest === "c1").length, 2);
    assertEquals(await committed(node, ["k"]), { k: 7 });
  });

  Deno.test(`${strategy}: once the others have answered nothing waits`, async () => {
    const node = start("--strategy", strategy);
    await node.host.advance(50);
    answer(node);
    assertEquals(await commit(node, { k: 7 }), "commit_offsets_ok");
  });

  Deno.test(`${strategy}: with acks all a node that hears of nobody refuses, and says so truly`, async () => {
    const node = start("--strategy", strategy, "--acks", "all");
    assertEquals(await send(node, "k", 1, 4000), { error: 11 });
    assertEquals(await committed(node, ["k"], 4000), { error: 11 });
    // A poll whose commit fails for certain would count as one that did not happen.
    assertEquals(await commit(node, { k: 1 }, 4000), { error: 0 });
    assert(gossipOf(node).every(({ delta }) => delta === undefined), "nothing was told either");
  });
}

Deno.test("with acks all a send is acknowledged and shown when the other node has it", async () => {
  const node = start("--acks", "all");
  await node.host.advance(50);
  answer(node);
  node.receive({ type: "send", key: "k", msg: "a", msg_id: 9 });
  await node.host.advance(300);
  const told = gossipOf(node).find(({ delta }) => delta !== undefined);
  assert(told !== undefined);
  const answered = () => node.host.sent.some(({ body }) => body.in_reply_to === 9);
  assert(!answered());
  answer(node, told.version);
  await node.host.advance(0);
  assert(answered());
  assertEquals(await send(node, "k", "b", 4000), { error: 0 }, "it may still come to be");
});

Deno.test("a node that is alone neither waits nor gossips, whatever acks are asked for", async () => {
  for (const acks of ["one", "all"]) {
    const node = new FakeNode(kafka, { id: "n1", nodes: ["n1"], args: ["--acks", acks] });
    assertEquals(await send(node, "k", { any: [1] }), 0);
    assertEquals(await poll(node, { k: 0 }), { k: [[0, { any: [1] }]] });
    assertEquals(await commit(node, { k: 0 }), "commit_offsets_ok");
    assertEquals(await committed(node, ["k"]), { k: 0 });
    const before = node.host.sent.length;
    await node.host.advance(60_000);
    assertEquals(node.host.sent.length, before);
  }
});
