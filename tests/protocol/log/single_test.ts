import { assert, assertEquals } from "std/testing";
import kafka from "../../../nodes/kafka.ts";
import { type Body, ErrorCode, type Message, REPLY_DEADLINE_MS } from "../../../lib/node/mod.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import { commit, committed, poll, send } from "./requests.ts";

const args = ["--strategy", "single"];

Deno.test("single: the first node serves requests from memory", async () => {
  const node = new FakeNode(kafka, { id: "n1", args });
  assertEquals(await send(node, "k", "a"), 0);
  assertEquals(await send(node, "k", "b"), 1);
  assertEquals(await poll(node, { k: 1, l: 0 }), { k: [[1, "b"]] });
  assertEquals(await commit(node, { k: 1 }), "commit_offsets_ok");
  assertEquals(await commit(node, { k: 0 }), "commit_offsets_ok");
  assertEquals(await committed(node, ["k", "l"]), { k: 1 });
});

Deno.test("single: other nodes forward requests to the first one", async () => {
  const replies: Record<string, Body> = {
    forward: { type: "forward_ok", offset: 7 },
    poll: { type: "poll_ok", msgs: { k: [[7, "a"]] } },
    commit_offsets: { type: "commit_offsets_ok" },
    list_committed_offsets: { type: "list_committed_offsets_ok", offsets: { k: 7 } },
  };
  const answer = ({ dest, body }: Message) => dest === "n1" ? replies[body.type] : undefined;
  const node = new FakeNode(kafka, { id: "n2", args, answer });
  assertEquals(await send(node, "k", "a", 1), 7);
  assertEquals(await poll(node, { k: 0 }), { k: [[7, "a"]] });
  assertEquals(await commit(node, { k: 7 }), "commit_offsets_ok");
  assertEquals(await committed(node, ["k"]), { k: 7 });
});

Deno.test("single: the first node executes a forwarded send once", async () => {
  const node = new FakeNode(kafka, { id: "n1", args });
  const names = { sender: "x", owner: "", number: 1, oldest: 1 };
  for (let copy = 0; copy < 2; copy++) {
    const reply = await node.ask({ type: "forward", ...names, key: "k", message: "a" }, "n2");
    assertEquals(reply, { type: "forward_ok", offset: 0 });
  }
  assertEquals(await poll(node, { k: 0 }), { k: [[0, "a"]] });
});

Deno.test("single: without a reply of the first node a send is indefinite, a poll definite", async () => {
  const node = new FakeNode(kafka, { id: "n2", args });
  assertEquals(await send(node, "k", "a", REPLY_DEADLINE_MS), { error: 0 });
  assertEquals(await poll(node, { k: 0 }, REPLY_DEADLINE_MS), { error: 11 });
  assertEquals(await commit(node, { k: 0 }, REPLY_DEADLINE_MS), { error: 0 });
  const forwards = node.host.sent.map(({ body }) => body).filter(({ type }) => type === "forward");
  assert(forwards.length > 3, "it is retransmitted");
  assertEquals(new Set(forwards.map((body) => JSON.stringify(body))).size, 1);
});

Deno.test("single: other nodes pass on the first one's errors", async () => {
  const text = "the disk is full";
  const error = { type: "error", code: ErrorCode.abort, text };
  const answer = ({ dest }: Message) => dest === "n1" ? error : undefined;
  const node = new FakeNode(kafka, { id: "n2", args, answer });
  assertEquals(await node.ask({ type: "poll", offsets: { k: 0 } }), error);
  assertEquals(await node.ask({ type: "list_committed_offsets", keys: ["k"] }), error);
});
