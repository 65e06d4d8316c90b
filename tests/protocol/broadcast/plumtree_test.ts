/**
 * What a node of strategy `plumtree` does when its peers prune links and advertise values.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Body, Json } from "../../../lib/node/mod.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import broadcast from "../../../nodes/broadcast.ts";

const ARGS = ["--strategy", "plumtree"];
const MARGIN_MS = 100;
const HOPS = 8;

/** A node whose neighbours are the test. */
class TestedNode {
  readonly #node: FakeNode;
  readonly #peers: readonly string[];

  constructor(id = "n1", nodes: readonly string[] = ["n1", "n2", "n3"]) {
    this.#node = new FakeNode(broadcast, { id, nodes, args: ARGS });
    this.#peers = nodes.filter((node) => node !== id);
  }

  /** Delivers a message of a neighbour, which acknowledges the first `ack` changes. */
  receive(peer: string, type: string, ack: number, more: Record<string, Json> = {}): void {
    const you = this.#node.node.incarnation;
    this.#node.receive({ type, me: `of ${peer}`, you, ack, time: 0, ...more }, peer);
  }

  /** Adds a value, or has a neighbour prune its link. */
  async add(message: Json): Promise<void> {
    await this.#node.ask({ type: "broadcast", message });
  }

  prune(peer: string, ack = 0): void {
    this.receive(peer, "update", ack, { from: 0, to: 0, hint: "prune" });
  }

  advance(durationMs: number): Promise<void> {
    return this.#node.host.advance(durationMs);
  }

  /** Delivers a value of an origin, as the change after the first `from` of the sender. */
  receiveValue(sender: string, from: number, origin: string, number: number, more = {}): void {
    const delta = [[`${origin}.of ${origin}`, number, `${number} of ${origin}`]];
    this.receive(sender, "update", 0, { from, to: from + 1, delta, ...more });
  }

  /** Returns the messages to all neighbours since the last call, as `type hint receiver`. */
  sent(): string[] {
    return this.#node.host.takeSent().flatMap(({ dest, body }) =>
      this.#peers.includes(dest) ? `${body.type} ${body.hint ?? "-"} ${dest}` : []
    );
  }

  /** Returns the messages to a neighbour since the last call. */
  sentTo(peer: string): Body[] {
    return this.#node.host.takeSent().flatMap(({ dest, body }) => dest === peer ? body : []);
  }
}

const typesOf = (bodies: Body[]) => bodies.map(({ type }) => type);

Deno.test("plumtree: a pruned link carries an advertisement when values cease", async () => {
  const node = new TestedNode();
  node.prune("n2");
  await node.add(7);
  await node.advance(199);
  assertEquals(node.sentTo("n2"), []);
  await node.advance(1);
  const [ihave] = node.sentTo("n2");
  assertEquals([ihave?.type, ihave?.at], ["ihave", 1]);
});

Deno.test("plumtree: a node never makes its last eager link lazy", async () => {
  for (const order of [["n2", "n3"], ["n3", "n2"]] as const) {
    const node = new TestedNode();
    for (const peer of order) node.prune(peer);
    await node.add(7);
    assertEquals(typesOf(node.sentTo(order[1])), ["update"]);
  }
});

/** Has n2 advertise a value that n1 lacks; returns after how many milliseconds n1 requests it. */
async function requestMs(node: TestedNode, ack = 0): Promise<number> {
  const summary = { "n3.of n3": 1 };
  node.sentTo("n2");
  node.receive("n2", "ihave", ack, { summary, at: 1 });
  for (let elapsedMs = 0; elapsedMs < 5000; elapsedMs += 10) {
    const request = node.sentTo("n2").find(({ type }) => type === "sync");
    if (request !== undefined) {
      assertEquals(request.hint, "graft");
      return elapsedMs;
    }
    await node.advance(10);
  }
  throw new Error("no request in 5 s");
}

Deno.test("plumtree: a value that was advertised and does not come grafts the link", async () => {
  const node = new TestedNode();
  node.prune("n2");
  // Before any sample a round trip counts 250 ms.
  assertEquals(await requestMs(node), HOPS * 250 / 2 + MARGIN_MS);
  node.sentTo("n2");
  await node.add(7);
  node.receive("n2", "sync", 0, { summary: {}, at: 0, time: 2000, answers: 2000 });
  node.sentTo("n2");
  await node.add(8);
  assertEquals(typesOf(node.sentTo("n2")), ["update"], "the link is eager again");
});

Deno.test("plumtree: an advertised value that comes in time is not requested", async () => {
  const node = new TestedNode();
  node.receive("n2", "ihave", 0, { summary: { "n3.of n3": 1 }, at: 1 });
  await node.advance(500);
  node.receive("n3", "update", 0, { from: 0, to: 1, delta: [["n3.of n3", 0, 9]] });
  node.sentTo("n2");
  await node.advance(5000);
  assert(!typesOf(node.sentTo("n2")).includes("sync"));
});

Deno.test("plumtree: slow round trips lengthen the wait, to twice that of the fastest at most", async () => {
  const wait = async (slowMs: number) => {
    const node = new TestedNode();
    for (const [index, ms] of [100, slowMs, slowMs, slowMs, slowMs].entries()) {
      await node.add(index);
      const [update] = node.sentTo("n2");
      await node.advance(ms);
      node.prune("n3", index + 1);
      node.receive("n2", "update", index + 1, { from: 0, to: 0, echo: update?.time as number });
    }
    return requestMs(node, 5);
  };
  assertEquals(await wait(100), HOPS * 100 / 2 + MARGIN_MS);
  assertEquals(await wait(160), HOPS * 160 / 2 + MARGIN_MS);
  // The shortest round trip and the margin, twice, without the margin.
  assertEquals(await wait(340), HOPS * (2 * (100 + MARGIN_MS) - MARGIN_MS) / 2 + MARGIN_MS);
});

Deno.test("plumtree: while values keep coming a lazy link carries an advertisement a second", async () => {
  const node = new TestedNode();
  node.prune("n2");
  await node.advance(300);
  const ihaves: number[] = [];
  for (let at = 0; at < 2600; at += 100) {
    await node.add(at);
    node.receive("n3", "update", at / 100 + 1, { from: 0, to: 0 });
    await node.advance(100);
    for (const { type } of node.sentTo("n2")) if (type === "ihave") ihaves.push(at + 100);
    if (ihaves.length > 0) node.receive("n2", "update", ihaves.length * 10, { from: 0, to: 0 });
  }
  assertEquals(ihaves, [1000, 2000]);
});

/** Which prunes follow when n2 and then n1 send n3 the same value of a node at a time. */
async function prunesAt(atMs: number, origin: string, before: readonly number[] = []) {
  const node = new TestedNode("n3", ["n1", "n2", "n3", "n4"]);
  let now = 0;
  for (const [index, rootMs] of before.entries()) {
    await node.advance(rootMs - now);
    now = rootMs;
    for (const sender of ["n2", "n1"]) node.receiveValue(sender, index, "n1", index);
  }
  await node.advance(atMs - now);
  node.sent();
  for (const sender of ["n2", "n1"]) node.receiveValue(sender, before.length, origin, 0);
  return node.sent().filter((text) => text.startsWith("update prune"));
}

Deno.test("plumtree: only values of the root prune links, and the parent's stays", async () => {
  assertEquals(await prunesAt(100, "n1"), ["update prune n1"]);
  for (const origin of ["n2", "n4"]) assertEquals(await prunesAt(100, origin), [], origin);
});

Deno.test("plumtree: a retransmission prunes no link", () => {
  for (const urgent of [false, true]) {
    const node = new TestedNode("n3", ["n1", "n2", "n3", "n4"]);
    node.receiveValue("n2", 0, "n1", 0);
    node.receiveValue("n1", 0, "n1", 0, { urgent });
    const prunes = node.sent().filter((text) => text.startsWith("update prune"));
    assertEquals(prunes, urgent ? [] : ["update prune n1"]);
  }
});

Deno.test("plumtree: a root that adds nothing for five seconds gives way to the next node", async () => {
  assertEquals(await prunesAt(5000, "n4"), []);
  assertEquals(await prunesAt(5001, "n4"), ["update prune n1"]);
  assertEquals(await prunesAt(5001, "n4", [100, 4000]), []);
  assertEquals(await prunesAt(9001, "n4", [100, 4000]), ["update prune n1"]);
});

/** Which links are grafted when one of n2, n3, n4 replies no more; n2 and n3 are lazy. */
async function graftsWithout(silent: string): Promise<string[]> {
  const node = new TestedNode("n1", ["n1", "n2", "n3", "n4"]);
  node.prune("n2");
  node.prune("n3");
  await node.add(7);
  const grafted: string[] = [];
  for (let elapsedMs = 0; elapsedMs < 12_000; elapsedMs += 50) {
    await node.advance(50);
    grafted.push(...node.sent().filter((text) => text.startsWith("sync graft")));
    for (const peer of ["n2", "n3", "n4"]) {
      if (peer !== silent) node.receive(peer, "update", 1, { from: 0, to: 0 });
    }
  }
  return grafted;
}

Deno.test("plumtree: lazy links are grafted when an eager peer is lost, and not for a lazy one", async () => {
  assertEquals(await graftsWithout("n4"), ["sync graft n2", "sync graft n3"]);
  assertEquals(await graftsWithout("n2"), []);
});

Deno.test("plumtree: a node has six links by default", async () => {
  const nodes = Array.from({ length: 40 }, (_, index) => `n${index}`);
  const args = ["--strategy", "plumtree"];
  const node = new FakeNode(broadcast, { id: "n0", nodes, args });
  await node.host.advance(600);
  assertEquals(new Set(node.host.takeSent().map(({ dest }) => dest)).size, 6);
});
