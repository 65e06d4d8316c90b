import { assert, assertEquals } from "std/testing";
import kafka from "../../../nodes/kafka.ts";
import { type Body, type Json, REPLY_DEADLINE_MS } from "../../../lib/node/mod.ts";
import { OwnerLog } from "../../../lib/protocol/log/mod.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import { commit, committed, poll, send } from "./requests.ts";

function start(...args: string[]): FakeNode {
  const node = new FakeNode(kafka, { id: "n1", nodes: ["n1", "n2"], init: false, args });
  node.receive({ type: "init", node_id: "n1", node_ids: ["n1", "n2"], msg_id: 0 }, "c0");
  return node;
}

/** The updates that the node sent to n2. */
function updatesOf(node: FakeNode): Body[] {
  const sent = node.host.sent.filter(({ dest }) => dest === "n2").map(({ body }) => body);
  return sent.filter(({ type }) => type === "update");
}

function incarnationOf(node: FakeNode): string {
  return updatesOf(node)[0]?.me as string;
}

/** Delivers an update of n2 that acknowledges what the node has sent. */
function reply(node: FakeNode, fields: Record<string, unknown>): void {
  const ack = Math.max(...updatesOf(node).map(({ to }) => to as number));
  const header = { type: "update", me: "peer", you: incarnationOf(node), ack, time: 0 };
  node.receive({ ...header, ...fields } as Body, "n2");
}

/** Delivers the first batch of n2, and the one that says that n2 has the first one of the node. */
function state(node: FakeNode, has: Record<string, number> = {}): void {
  const statement = { [`n1.${incarnationOf(node)}`]: 1, "n2.peer": 1, ...has };
  const delta = [["n2.peer", 0, {}], ["n2.peer", 1, { has: statement }]];
  reply(node, { from: 0, to: 2, delta });
}

for (const strategy of ["lamport", "owner"]) {
  Deno.test(`${strategy}: a node whose peer is silent serves polls, and rejects other requests`, async () => {
    const node = start("--strategy", strategy);
    assertEquals(await poll(node, { k: 0 }), {});
    assertEquals(await send(node, "k", 1, REPLY_DEADLINE_MS), { error: 11 });
    assertEquals(await committed(node, ["k"], REPLY_DEADLINE_MS), { error: 11 });
    // After a definite error of a commit, the checker would treat the poll as failed, too.
    assertEquals(await commit(node, { k: 1 }, REPLY_DEADLINE_MS), { error: 0 });
    const updates = updatesOf(node).filter(({ delta }) => delta !== undefined);
    const deltas = new Set(updates.map(({ delta }) => JSON.stringify(delta)));
    const first = JSON.stringify([[`n1.${incarnationOf(node)}`, 0, {}]]);
    assertEquals([...deltas], [first], "only its first batch was sent");
  });
}

for (const strategy of ["lamport", "owner"]) {
  Deno.test(`${strategy}: a node serves requests once its peer says that it has its first batch`, async () => {
    const node = start("--strategy", strategy);
    reply(node, { from: 0, to: 1, delta: [["n2.peer", 0, {}]] });
    assertEquals(await commit(node, { k: 7 }), undefined);
    state(node);
    assertEquals(await commit(node, { k: 7 }), "commit_offsets_ok");
    assertEquals(await committed(node, ["k"]), { k: 7 });
  });

  Deno.test(`${strategy}: a node serves no request before it has its past`, async () => {
    const node = start("--strategy", strategy);
    state(node, { "n1.old": 1, "n2.gone": 0 });
    assertEquals(await commit(node, { k: 7 }), undefined);
    const content = strategy === "lamport" ? [[["k", 4, [4], ["a"]]], []] : [[["k", 4, ["a"]]], []];
    reply(node, { from: 2, to: 3, delta: [["n1.old", 0, { content }]] });
    assertEquals(await commit(node, { k: 7 }), "commit_offsets_ok");
  });
}

Deno.test("a new incarnation leaves a gap after what it has learnt, and lists its past", async () => {
  const node = start();
  const content = [[["k", 4, [4], ["a"]]], []];
  state(node, { "n1.old": 2 });
  reply(node, { from: 2, to: 3, delta: [["n1.old", 0, {}], ["n1.old", 1, { content }]] });
  assertEquals(await send(node, "k", "b"), (5 + 2 ** 32) * 2);
  assertEquals(await send(node, "l", "b"), 2 ** 32 * 2);
  await node.host.advance(300);
  const past = updatesOf(node).flatMap(({ delta = [] }) =>
    (delta as [string, number, { past?: unknown }][]).flatMap(([, , { past }]) => past ?? [])
  );
  assertEquals(past[0], { "n1.old": 2 });
});

Deno.test("a node without peers neither waits nor sends updates", async () => {
  const node = new FakeNode(kafka, { id: "n1", nodes: ["n1"] });
  assertEquals(await send(node, "k", { any: [1] }), 0);
  assertEquals(await poll(node, { k: 0 }), { k: [[0, { any: [1] }]] });
  assertEquals(await commit(node, { k: 0 }), "commit_offsets_ok");
  assertEquals(await committed(node, ["k"]), { k: 0 });
  const before = node.host.sent.length;
  await node.host.advance(60_000);
  assertEquals(node.host.sent.length, before);
});

Deno.test("a node that is ready replies immediately", () => {
  const node = new FakeNode(kafka, { id: "n1", nodes: ["n1"] });
  node.receive({ type: "send", key: "k", msg: "a", msg_id: 1 });
  const reply = { type: "send_ok", offset: 0, in_reply_to: 1 };
  assertEquals(node.host.sent.map(({ body }) => body), [reply]);
});

/** A node whose peer has acknowledged all, and the batches that the node has sent since. */
async function idle(...args: string[]) {
  const node = start(...args);
  state(node);
  await node.host.advance(1000);
  reply(node, { from: 2, to: 2 });
  await node.host.advance(1000);
  const before = updatesOf(node).length;
  return { node, batches: () => updatesOf(node).slice(before).flatMap(({ delta = [] }) => delta) };
}

for (const strategy of ["lamport", "owner"]) {
  Deno.test(`${strategy}: a node sends its peers an entry when no client commits`, async () => {
    const { node, batches } = await idle("--strategy", strategy);
    const owners = new OwnerLog({ self: 0, count: 2 });
    const key = ["a", "b", "c", "d"].find((key) => owners.owns(key)) as string;
    assertEquals(await send(node, key, "the message"), 0);
    await node.host.advance(200);
    assert(JSON.stringify(batches()).includes('"the message"'));
  });
}

Deno.test("a commit of what is committed already sends nothing", async () => {
  const { node, batches } = await idle();
  assertEquals(await commit(node, { k: 7 }), "commit_offsets_ok");
  await node.host.advance(200);
  assertEquals((batches() as Json[]).length, 1);
  reply(node, { from: 2, to: 2 });
  for (const offset of [7, 5]) {
    assertEquals(await commit(node, { k: offset }), "commit_offsets_ok");
  }
  await node.host.advance(1000);
  assertEquals((batches() as Json[]).length, 1);
});

Deno.test("a node keeps a batch that overtakes another one", async () => {
  const node = start();
  state(node);
  const update = (number: number, commits: Json) => {
    const delta = [["n2.peer", number, { content: [[], commits] }]];
    reply(node, { from: number, to: number + 1, delta });
  };
  update(3, [["k", 9]]);
  assertEquals(await committed(node, ["k"]), {});
  update(2, [["k", 4]]);
  assertEquals(await committed(node, ["k"]), { k: 9 });
});

/** A node n1 that has all first batches, and a batch of n4; returns what it has sent since to n3. */
function relaying(): { readonly node: FakeNode; readonly toN3: () => Body[] } {
  const nodes = ["n1", "n2", "n3", "n4"];
  const node = new FakeNode(kafka, { id: "n1", nodes, args: [] });
  const you = node.host.sent.find(({ body }) => body.type === "update")?.body.me as string;
  const update = { type: "update", you, ack: 1, time: 0, from: 0 };
  for (const peer of ["n2", "n3", "n4"]) {
    const numbers = peer === "n4" ? [0, 1] : [0];
    const delta = numbers.map((number): Json => [`${peer}.${peer}`, number, {}]);
    node.receive({ ...update, me: peer, to: numbers.length, delta } as Body, peer);
  }
  const before = node.host.sent.length;
  const toN3 = () =>
    node.host.sent.slice(before).flatMap(({ dest, body }) => dest === "n3" ? [body] : []);
  return { node, toN3 };
}

/** Delivers a sync of a peer with a summary; times and fields as given. */
function sync(
  node: FakeNode,
  peer: string,
  summary: Record<string, number>,
  fields: Record<string, unknown> = {},
): void {
  const you = node.host.sent.find(({ body }) => body.type === "update")?.body.me as string;
  const header = { type: "sync", me: peer, you, ack: 1, time: 1, at: 1 };
  node.receive({ ...header, summary, ...fields } as Body, peer);
}

/** Returns the origins of which a message contains batches. */
function originsIn(bodies: readonly Body[]): string[] {
  return bodies.flatMap(({ delta = [] }) => (delta as [string][]).map(([origin]) => origin));
}

const FIRST = { "n2.n2": 1, "n3.n3": 1, "n4.n4": 1 };

Deno.test("a node sends a peer all that it lacks, when another one has asked to relay to it", async () => {
  for (const isAsked of [false, true]) {
    const { node, toN3 } = relaying();
    sync(node, "n2", FIRST, isAsked ? { relay: ["n3"] } : {});
    await node.host.advance(1);
    sync(node, "n3", FIRST, { answers: Math.ceil(node.host.now()), time: 2 });
    await node.host.advance(1);
    assertEquals(originsIn(toN3()).includes("n4.n4"), isAsked);
  }
});

Deno.test("a node that relays requests what it lacks itself, and sends it on", async () => {
  const { node, toN3 } = relaying();
  sync(node, "n2", FIRST, { relay: ["n3"] });
  await node.host.advance(1);
  sync(node, "n3", { ...FIRST, "n2.old": 1 }, { answers: 1, time: 2 });
  const requests = toN3().filter(({ type, hint }) => type === "sync" && hint === "all");
  assertEquals(requests.length, 1);
  await node.host.advance(1);
  const before = node.host.sent.length;
  const delta = [["n2.old", 0, {}]];
  const header = { type: "update", me: "n3", you: requests[0]?.me, ack: 1, time: 0 };
  node.receive({ ...header, from: 1, to: 2, delta } as Body, "n3");
  await node.host.advance(1000);
  const sent = node.host.sent.slice(before).filter(({ dest }) => dest === "n2");
  assertEquals(originsIn(sent.map(({ body }) => body)).includes("n2.old"), true);
});

Deno.test("a node sends a peer that requests it all that the peer lacks", async () => {
  for (const hint of ["all", undefined]) {
    const { node, toN3 } = relaying();
    sync(node, "n3", FIRST, hint === undefined ? {} : { hint });
    await node.host.advance(1);
    assertEquals(originsIn(toN3()).includes("n4.n4"), hint === "all");
  }
});

Deno.test("a node ignores updates for an earlier incarnation, and requests them again", async () => {
  const node = start();
  state(node);
  const content = [[["k", 4, [4], ["a"]]], [["k", 9]]];
  const late = { from: 2, to: 3, delta: [["n2.peer", 2, { content }]] };
  reply(node, { ...late, you: "former" });
  assertEquals(await committed(node, ["k"]), {});
  assert(node.host.sent.some(({ dest, body }) => dest === "n2" && body.type === "sync"));
  reply(node, late);
  assertEquals(await committed(node, ["k"]), { k: 9 });
});

Deno.test("a node that has seen a newer incarnation asks a peer whether it is the one alive", async () => {
  const { node } = relaying();
  const sentTo = (peer: string) =>
    node.host.sent.flatMap(({ dest, body }) => dest === peer && body.type === "sync" ? [body] : []);
  const update = (me: string, origin: string, number: number) => {
    const you = node.node.incarnation;
    const delta = [[origin, number, {}]];
    node.receive({ type: "update", me, you, ack: 1, time: 0, from: 1, to: 2, delta }, me);
  };
  let time = 1;
  /** The number of batches of n2 that the node has accepted. */
  const accepted = () => {
    sync(node, "n4", FIRST, { time: ++time });
    return (sentTo("n4").at(-1)?.summary as Record<string, number>)["n2.n2"];
  };
  await node.host.advance(100);
  update("n3", "n2.late", 0);
  const before = sentTo("n2").length;
  update("n2", "n2.n2", 1);
  assertEquals(accepted(), 1);
  const [request] = sentTo("n2").slice(before);
  assert(request !== undefined);
  // The first reply is to an earlier request, when the other incarnation had not been seen.
  sync(node, "n2", FIRST, { time: ++time, answers: 50 });
  assertEquals(accepted(), 1);
  sync(node, "n2", FIRST, { time: ++time, answers: request.time });
  assertEquals(accepted(), 2);
});

Deno.test("a node that is not ready requests all that it lacks every 2 s", async () => {
  const requestsOf = (node: FakeNode) =>
    node.host.sent.filter(({ body }) => body.type === "sync" && body.hint === "all").length;
  const node = start();
  // It has not sent the batch that it says it has, of a node that has restarted since.
  state(node, { "n2.gone": 1 });
  for (let round = 0; round < 7; round++) {
    assertEquals(requestsOf(node), 0);
    reply(node, { from: 2, to: 2 });
    await node.host.advance(300);
  }
  assertEquals(requestsOf(node), 1);
  reply(node, { from: 2, to: 3, delta: [["n2.gone", 0, {}]] });
  assertEquals(await commit(node, { k: 7 }), "commit_offsets_ok");
  await node.host.advance(10_000);
  assertEquals(requestsOf(node), 1);
});
