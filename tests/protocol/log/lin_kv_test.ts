import { assert, assertEquals } from "std/testing";
import kafka from "../../../nodes/kafka.ts";
import { Random } from "../../../lib/base/mod.ts";
import { createServices } from "../../../lib/service/mod.ts";
import type { Body, Message } from "../../../lib/wire/mod.ts";
import { FakeNode, settled } from "../../../lib/testing/fake_node.ts";
import { commit, committed, poll, send } from "./requests.ts";

/** Nodes on one store that can be made to fail. */
class Cluster {
  readonly #store = createServices(new Random(1)).get("lin-kv");
  /** Requests that reached the store, by type. */
  readonly requests: string[] = [];
  /** `lost`: the request does not arrive; `unanswered`: it does, but the reply is lost. */
  fate: (request: Body) => "done" | "lost" | "unanswered" = () => "done";

  node(id: string, ...args: string[]): FakeNode {
    const answer = (message: Message) => {
      if (message.dest !== "lin-kv") return undefined;
      const fate = this.fate(message.body);
      if (fate === "lost") return undefined;
      this.requests.push(message.body.type);
      const reply = this.#store?.handle(message);
      return fate === "done" ? reply : undefined;
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

Deno.test("offsets have no gaps, across chunks and nodes, and any node reads all", async () => {
  const cluster = new Cluster();
  const [a, b] = [cluster.node("n1"), cluster.node("n2")];
  await sendAll(a, 10);
  assertEquals(await send(b, "k", "from b", 10), 10);
  const polled = await poll(b, { k: 7, nothing: 0, l: 5 });
  assertEquals(polled, { k: [[7, "m7"], [8, "m8"], [9, "m9"], [10, "from b"]] });
  assertEquals(await poll(a, { k: 11 }), {});
  assertEquals(await poll(a, { k: 1000 }), {});
});

Deno.test("a chunk that is full is read once, and the end of a log is found in few steps", async () => {
  const cluster = new Cluster();
  await sendAll(cluster.node("n1"), 400);
  const b = cluster.node("n2");
  cluster.requests.length = 0;
  assertEquals(await send(b, "k", "x"), 400);
  // A hundred chunks: seven steps that double, and as many that halve.
  assert(cluster.requests.length <= 16, cluster.requests.join(" "));
  await poll(b, { k: 0 });
  cluster.requests.length = 0;
  await poll(b, { k: 0 });
  assertEquals(cluster.requests, []);
  assertEquals((await poll(b, { k: 395 }) as { k: unknown[] }).k.length, 6);
});

Deno.test("sends that come while one is under way go together, and those of other nodes between", async () => {
  const cluster = new Cluster();
  const [a, b] = [cluster.node("n1"), cluster.node("n2")];
  await send(a, "k", "first");
  const sent = Array.from({ length: 6 }, (_, place) => [send(a, "k", place), send(b, "k", -place)]);
  await Promise.all([a.host.advance(500), b.host.advance(500)]);
  const polled = await poll(a, { k: 0 }) as { k: [number, unknown][] };
  assertEquals(polled.k.map(([offset]) => offset), Array.from({ length: 13 }, (_, at) => at));
  assertEquals(new Set(polled.k.map(([, message]) => message)).size, 12);
  assertEquals(sent.length, 6);
});

Deno.test("a send whose outcome was lost is in the log once", async () => {
  for (const fate of ["lost", "unanswered"] as const) {
    const cluster = new Cluster();
    const node = cluster.node("n1");
    await sendAll(node, 2);
    let fails = 1;
    cluster.fate = ({ type }) => type === "cas" && fails-- > 0 ? fate : "done";
    node.receive({ type: "send", key: "k", msg: "m2", msg_id: 99 });
    await node.host.advance(3000);
    const reply = node.host.sent.find(({ body }) => body.in_reply_to === 99);
    assertEquals(reply?.body, { type: "send_ok", offset: 2, in_reply_to: 99 }, fate);
    const polled = await poll(node, { k: 0 });
    assertEquals(polled, { k: [[0, "m0"], [1, "m1"], [2, "m2"]] }, fate);
  }
});

Deno.test("when the store is silent, what was tried may have happened and the rest has not", async () => {
  const cluster = new Cluster();
  const node = cluster.node("n1");
  await sendAll(node, 1);
  cluster.fate = () => "lost";
  node.receive({ type: "send", key: "k", msg: "tried", msg_id: 98 });
  await settled();
  node.receive({ type: "send", key: "k", msg: "queued", msg_id: 99 });
  node.receive({ type: "poll", offsets: { k: 0 }, msg_id: 100 });
  node.receive({ type: "commit_offsets", offsets: { k: 0 }, msg_id: 101 });
  await node.host.advance(4000);
  const codes = [98, 99, 100, 101].map((id) =>
    node.host.sent.find(({ body }) => body.in_reply_to === id)?.body.code
  );
  assertEquals(codes, [0, 11, 11, 0]);
  cluster.fate = () => "done";
  await node.host.advance(3000);
  assertEquals(await poll(node, { k: 0 }), { k: [[0, "m0"], [1, "tried"]] });
});

Deno.test("committed offsets are the same at all nodes, and never go back", async () => {
  const cluster = new Cluster();
  const [a, b] = [cluster.node("n1"), cluster.node("n2")];
  assertEquals(await committed(a, ["k"]), {});
  assertEquals(await commit(a, { k: 5, l: 1 }), "commit_offsets_ok");
  assertEquals(await committed(b, ["k", "x"]), { k: 5 });
  assertEquals(await commit(b, { k: 3 }, 10), "commit_offsets_ok");
  assertEquals(await committed(a, ["k"]), { k: 5 });
  assertEquals(await commit(b, { k: 8 }, 10), "commit_offsets_ok");
  assertEquals(await commit(a, { k: 7 }, 10), "commit_offsets_ok");
  assertEquals(await committed(a, ["k", "l"]), { k: 8, l: 1 });
});

Deno.test("with a limit polls begin with the first of the last entries", async () => {
  const node = new Cluster().node("n1", "--retain", "3");
  await sendAll(node, 10);
  assertEquals(await poll(node, { k: 0 }), { k: [[7, "m7"], [8, "m8"], [9, "m9"]] });
  assertEquals(await poll(node, { k: 9 }), { k: [[9, "m9"]] });
});
