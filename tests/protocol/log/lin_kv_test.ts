import { assert, assertEquals } from "std/testing";
import kafka from "../../../nodes/kafka.ts";
import { Random } from "../../../lib/base/mod.ts";
import { ErrorCode, REPLY_DEADLINE_MS } from "../../../lib/node/mod.ts";
import { createServices } from "../../../lib/service/mod.ts";
import type { Body, Message } from "../../../lib/wire/mod.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import { commit, committed, poll, send } from "./requests.ts";

/** Nodes with one store, whose calls the test can let fail. */
class Cluster {
  readonly #store = createServices(new Random(1)).get("lin-kv");
  /** The types of the requests that reached the store. */
  readonly requests: string[] = [];
  /** What is lost of a call: nothing, the request, or the reply. */
  loss: (request: Body) => "none" | "request" | "reply" = () => "none";

  node(id: string, ...args: string[]): FakeNode {
    const answer = (message: Message) => {
      if (message.dest !== "lin-kv") return undefined;
      const loss = this.loss(message.body);
      if (loss === "request") return undefined;
      this.requests.push(message.body.type);
      const reply = this.#store?.handle(message);
      return loss === "none" ? reply : undefined;
    };
    return new FakeNode(kafka, {
      id,
      seed: id,
      answer,
      args: ["--strategy", "lin-kv", "--chunk", "4", ...args],
    });
  }
}

async function sendAll(node: FakeNode, count: number): Promise<void> {
  for (let message = 0; message < count; message++) {
    assertEquals(await send(node, "k", `m${message}`), message);
  }
}

Deno.test("lin-kv: offsets have no gaps across chunks and nodes, and any node reads all", async () => {
  const cluster = new Cluster();
  const [a, b] = [cluster.node("n1"), cluster.node("n2")];
  await sendAll(a, 10);
  assertEquals(await send(b, "k", "from b", 10), 10);
  const polled = await poll(b, { k: 7, nothing: 0, l: 5 });
  assertEquals(polled, { k: [[7, "m7"], [8, "m8"], [9, "m9"], [10, "from b"]] });
  assertEquals(await poll(a, { k: 11 }), {});
  assertEquals(await poll(a, { k: 1000 }), {});
});

Deno.test("lin-kv: a full chunk is read once, and a node that starts finds the end of a log", async () => {
  const cluster = new Cluster();
  await sendAll(cluster.node("n1"), 40);
  const b = cluster.node("n2");
  assertEquals(await send(b, "k", "x"), 40);
  cluster.requests.length = 0;
  assertEquals(await send(b, "k", "y"), 41);
  assertEquals(cluster.requests, ["read", "cas"]);
  await poll(b, { k: 0 });
  cluster.requests.length = 0;
  assertEquals((await poll(b, { k: 0 }) as { k: unknown[] }).k.length, 42);
  assertEquals(cluster.requests, ["read"], "of the last chunk");
  assertEquals((await poll(b, { k: 37 }) as { k: unknown[] }).k.length, 5);
});

Deno.test("lin-kv: a poll reads no chunk beyond its limit", async () => {
  const cluster = new Cluster();
  await sendAll(cluster.node("n1"), 8);
  const node = cluster.node("n2", "--per-key", "4");
  cluster.requests.length = 0;
  assertEquals((await poll(node, { k: 0 }) as { k: unknown[] }).k.length, 4);
  assertEquals(cluster.requests, ["read"]);
});

Deno.test("lin-kv: a store that replies late, but before the request's deadline, fails no request", async () => {
  const waiting: Message[] = [];
  const store = createServices(new Random(1)).get("lin-kv");
  const answer = (message: Message) => void waiting.push(message);
  const node = new FakeNode(kafka, { args: ["--strategy", "lin-kv"], answer });
  node.receive({ type: "send", key: "k", msg: "m", msg_id: 1 });
  for (const type of ["read", "cas"]) {
    await node.host.advance(1500);
    const [message, ...others] = waiting.splice(0);
    assertEquals([message?.body.type, others], [type, []]);
    const reply = store?.handle(message as Message) as Body;
    node.receive({ ...reply, in_reply_to: message?.body.msg_id as number }, "lin-kv");
  }
  await node.host.advance(0);
  assertEquals(node.host.sent.at(-1)?.body, { type: "send_ok", offset: 0, in_reply_to: 1 });
});

Deno.test("lin-kv: a malformed chunk is reported, not taken for a timeout", async () => {
  const cluster = new Cluster();
  const node = cluster.node("n1");
  await node.node.kv.lin.write("log/k/0", { not: "a chunk" });
  assertEquals(await poll(node, { k: 0 }), { error: ErrorCode.crash });
  assert(node.host.logged.some((line) => line.includes("the chunk must be")));
});

Deno.test("lin-kv: contending nodes append each message once", async () => {
  const cluster = new Cluster();
  const [a, b] = [cluster.node("n1"), cluster.node("n2")];
  for (let message = 1; message <= 6; message++) {
    send(a, "k", message);
    send(b, "k", -message);
  }
  await Promise.all([a.host.advance(2000), b.host.advance(2000)]);
  const polled = await poll(a, { k: 0 }) as { k: [number, unknown][] };
  assertEquals(polled.k.map(([offset]) => offset), Array.from({ length: 12 }, (_, at) => at));
  assertEquals(new Set(polled.k.map(([, message]) => message)).size, 12);
});

Deno.test("lin-kv: a send without a reply of the store is indefinite, and appended at most once", async () => {
  for (const lost of ["request", "reply"] as const) {
    const cluster = new Cluster();
    const node = cluster.node("n1");
    await sendAll(node, 2);
    let losses = 1;
    cluster.loss = ({ type }) => type === "cas" && losses-- > 0 ? lost : "none";
    assertEquals(await send(node, "k", "m2", REPLY_DEADLINE_MS), { error: 0 });
    const entries = [[0, "m0"], [1, "m1"], ...lost === "reply" ? [[2, "m2"]] : []];
    assertEquals(await poll(node, { k: 0 }), { k: entries }, lost);
  }
});

Deno.test("lin-kv: without replies of the store sends and commits are indefinite, others definite", async () => {
  const cluster = new Cluster();
  const node = cluster.node("n1");
  await sendAll(node, 1);
  cluster.loss = () => "request";
  node.receive({ type: "send", key: "k", msg: "lost", msg_id: 99 });
  node.receive({ type: "poll", offsets: { k: 0 }, msg_id: 100 });
  node.receive({ type: "commit_offsets", offsets: { k: 0 }, msg_id: 101 });
  node.receive({ type: "list_committed_offsets", keys: ["k"], msg_id: 102 });
  await node.host.advance(REPLY_DEADLINE_MS);
  const codes = [99, 100, 101, 102].map((id) =>
    node.host.sent.find(({ body }) => body.in_reply_to === id)?.body.code
  );
  assertEquals(codes, [0, 11, 0, 11]);
  cluster.loss = () => "none";
  assertEquals(await poll(node, { k: 0 }), { k: [[0, "m0"]] });
});

Deno.test("lin-kv: committed offsets are the same at all nodes and never decrease", async () => {
  const cluster = new Cluster();
  const [a, b] = [cluster.node("n1"), cluster.node("n2")];
  assertEquals(await committed(a, ["k"]), {});
  assertEquals(await commit(a, { k: 0 }), "commit_offsets_ok");
  assertEquals(await committed(b, ["k"]), { k: 0 });
  assertEquals(await commit(a, { k: 5, l: 1 }), "commit_offsets_ok");
  assertEquals(await committed(b, ["k", "x"]), { k: 5 });
  assertEquals(await commit(b, { k: 3 }, 10), "commit_offsets_ok");
  assertEquals(await committed(a, ["k"]), { k: 5 });
  assertEquals(await commit(b, { k: 8 }, 10), "commit_offsets_ok");
  assertEquals(await commit(a, { k: 7 }, 10), "commit_offsets_ok");
  assertEquals(await committed(a, ["k", "l"]), { k: 8, l: 1 });
});
