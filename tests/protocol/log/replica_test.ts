import { assert, assertEquals } from "std/testing";
import kafka from "../../../nodes/kafka.ts";
import { REPLY_DEADLINE_MS } from "../../../lib/node/mod.ts";
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

/** Delivers a reply of a peer without state, which acknowledges the node's messages. */
function reply(node: FakeNode, version = 0): void {
  const incarnation = gossipOf(node)[0]?.incarnation ?? "";
  const acked = { incarnation, version };
  node.receive(
    { type: "gossip", incarnation: "other", since: 0, version: 0, acked, seq: 1 },
    "n2",
  );
}

for (const strategy of ["lamport", "owner"]) {
  Deno.test(`${strategy}: a node waits for its peers' replies, at most for --start-timeout`, async () => {
    const node = start("--strategy", strategy);
    node.receive({ type: "commit_offsets", offsets: { k: 7 }, msg_id: 77 });
    await node.host.advance(900);
    assertEquals(node.host.sent.filter(({ dest }) => dest === "c1"), []);
    assertEquals(await poll(node, { k: 0 }), {});
    await node.host.advance(200);
    assertEquals(node.host.sent.filter(({ dest }) => dest === "c1").length, 2);
    assertEquals(await committed(node, ["k"]), { k: 7 });
  });

  Deno.test(`${strategy}: a node serves requests immediately once its peers have replied`, async () => {
    const node = start("--strategy", strategy);
    await node.host.advance(50);
    reply(node);
    assertEquals(await commit(node, { k: 7 }), "commit_offsets_ok");
  });

  Deno.test(`${strategy}: with acks all a node whose peers are silent rejects requests`, async () => {
    const node = start("--strategy", strategy, "--acks", "all");
    assertEquals(await send(node, "k", 1, REPLY_DEADLINE_MS), { error: 11 });
    assertEquals(await committed(node, ["k"], REPLY_DEADLINE_MS), { error: 11 });
    // After a definite error of a commit, the checker would treat the poll as failed, too.
    assertEquals(await commit(node, { k: 1 }, REPLY_DEADLINE_MS), { error: 0 });
    assert(gossipOf(node).every(({ delta }) => delta === undefined), "no update was sent");
  });
}

Deno.test("with acks all a send is acknowledged and visible once the other node has it", async () => {
  const node = start("--acks", "all");
  await node.host.advance(50);
  reply(node);
  node.receive({ type: "send", key: "k", msg: "a", msg_id: 9 });
  await node.host.advance(300);
  const batch = gossipOf(node).find(({ delta }) => delta !== undefined);
  assert(batch !== undefined);
  const isAcknowledged = () => node.host.sent.some(({ body }) => body.in_reply_to === 9);
  assert(!isAcknowledged());
  reply(node, batch.version);
  await node.host.advance(0);
  assert(isAcknowledged());
  assertEquals(await send(node, "k", "b", REPLY_DEADLINE_MS), { error: 0 }, "it is indefinite");
});

Deno.test("with acks all a request has one deadline for readiness and acknowledgement", async () => {
  const node = start("--acks", "all");
  node.receive({ type: "send", key: "k", msg: "a", msg_id: 9 });
  await node.host.advance(3000);
  reply(node);
  await node.host.advance(REPLY_DEADLINE_MS - 3000);
  const [answer] = node.host.sent.filter(({ body }) => body.in_reply_to === 9);
  assertEquals(answer?.body.code, 0);
  assertEquals(answer?.body.text, "not all nodes have received the update yet");
});

Deno.test("a node without peers neither waits nor gossips, whatever its acks", async () => {
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
