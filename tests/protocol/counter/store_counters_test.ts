/**
 * Counters in seq-kv with the worst stores that they must tolerate: one whose reads return the
 * oldest state that sequential consistency allows, one that violates it as Maelstrom's seq-kv can,
 * and one whose replies are lost.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { type Json, Random } from "../../../lib/base/mod.ts";
import { type KvState, kvStore, Sequential, type Service } from "../../../lib/service/mod.ts";
import type { Body, Message } from "../../../lib/wire/mod.ts";
import gCounter from "../../../nodes/g_counter.ts";
import pnCounter from "../../../nodes/pn_counter.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";

/** Makes a sequential store read the oldest state that it may. */
class Oldest extends Random {
  override integer(): number {
    return 0;
  }
}

/**
 * Maelstrom's ring of 32 states. A client that is further behind reads whatever state has taken the
 * place of the one that it should read.
 */
class RingStore implements Service {
  readonly #random = new Random("ring");
  readonly #states: KvState[] = [kvStore.initial];
  readonly #seen = new Map<string, number>();
  #newest = 0;

  handle({ src, body }: Message): Body {
    const from = this.#seen.get(src) ?? 0;
    const index = from + this.#random.integer(this.#newest - from + 1);
    const state = this.#states[index % 32] as KvState;
    const there = kvStore.apply(state, body);
    if (there.state === state) {
      this.#seen.set(src, index);
      return there.reply;
    }
    const next = kvStore.apply(this.#states[this.#newest % 32] as KvState, body);
    this.#states[++this.#newest % 32] = next.state;
    this.#seen.set(src, this.#newest);
    return next.reply;
  }
}

/** Nodes that share a store. `losesReply` decides whether a reply of the store is lost. */
class Cluster {
  readonly nodes: readonly FakeNode[];
  readonly #random = new Random("clients");
  expected = 0;

  constructor(
    count: number,
    strategy: string,
    store: Service,
    losesReply: () => boolean = () => false,
  ) {
    const ids = Array.from({ length: count }, (_, index) => `n${index}`);
    this.nodes = ids.map((id, index) =>
      new FakeNode(gCounter, {
        id,
        nodes: ids,
        seed: index,
        args: ["--strategy", strategy],
        answer(message) {
          const reply = store.handle(message);
          return losesReply() ? undefined : reply;
        },
      })
    );
  }

  async run(durationMs: number): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += 50) {
      for (const node of this.nodes) await node.host.advance(50);
    }
  }

  /** Sends `count` additions to random nodes, one each `intervalMs`. */
  async add(count: number, intervalMs: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      const delta = this.#random.integer(5);
      this.expected += delta;
      this.#random.pick(this.nodes).receive({ type: "add", delta, msg_id: 1000 + done });
      await this.run(intervalMs);
    }
  }

  /** Reads from all nodes at about the same time; returns their values. */
  async read(): Promise<unknown[]> {
    for (const node of this.nodes) node.receive({ type: "read", msg_id: 1 }, "c9");
    await this.run(1000);
    return this.nodes.map(({ host }) =>
      host.sent.findLast(({ dest, body }) => dest === "c9" && body.type === "read_ok")?.body.value
    );
  }
}

const STORES: Readonly<Record<string, () => Service>> = {
  "the oldest state that it may": () => new Sequential(kvStore, new Oldest(1)),
  "any state that it may": () => new Sequential(kvStore, new Random(1)),
  "any state, and sometimes an older one": () => new RingStore(),
};

for (const strategy of ["seq-kv", "cas"]) {
  for (const [name, create] of Object.entries(STORES)) {
    Deno.test(`${strategy}: final reads return the sum from a store that reads ${name}`, async () => {
      for (const count of [1, 3, 40]) {
        const cluster = new Cluster(count, strategy, create());
        await cluster.add(40, 50);
        await cluster.run(2000);
        assertEquals(new Set(await cluster.read()), new Set([cluster.expected]), `${count} nodes`);
      }
    });
  }
}

Deno.test("seq-kv: an addition whose write timed out counts exactly once", async () => {
  const chance = new Random("losses");
  let losing = true;
  const store = new Sequential(kvStore, new Random(2));
  const cluster = new Cluster(3, "seq-kv", store, () => losing && chance.chance(0.3));
  await cluster.add(40, 100);
  losing = false;
  await cluster.run(20_000);
  assertEquals(new Set(await cluster.read()), new Set([cluster.expected]));
});

Deno.test("seq-kv: a node recovers its total after the store was silent at the start", async () => {
  let losing = true;
  const store = new Sequential(kvStore, new Random(3));
  const cluster = new Cluster(3, "seq-kv", store, () => losing);
  await cluster.add(5, 500);
  await cluster.run(4000);
  losing = false;
  await cluster.run(10_000);
  assert(cluster.expected > 0);
  assertEquals(new Set(await cluster.read()), new Set([cluster.expected]));
});

Deno.test("cas: an addition without a reply of the store is indefinite, and counts at most once", async () => {
  const store = new Sequential(kvStore, new Oldest(1));
  for (const lost of ["read", "cas"]) {
    const node = new FakeNode(gCounter, {
      nodes: ["n1"],
      args: ["--strategy", "cas"],
      answer(message) {
        const reply = store.handle(message);
        return message.body.type === lost ? undefined : reply;
      },
    });
    node.receive({ type: "add", delta: 3, msg_id: 7 });
    await node.host.advance(4000);
    const reply = node.host.sent.find(({ body }) => body.in_reply_to === 7);
    assertEquals(reply?.body.code, 0, lost);
    node.host.answer = (message) => store.handle(message);
    const value = lost === "cas" ? 3 : 0;
    assertEquals(await node.ask({ type: "read" }), { type: "read_ok", value });
  }
});

Deno.test("seq-kv: a peer's total that was read before another one, and arrives later, does not count", async () => {
  const store = new Sequential(kvStore, new Oldest(1));
  const held: Message[] = [];
  const node = new FakeNode(gCounter, {
    id: "n0",
    nodes: ["n0", "n1"],
    args: ["--strategy", "seq-kv"],
    answer(message) {
      const isPeers = message.body.type === "read" && message.body.key === "n1";
      if (isPeers) held.push(message);
      return isPeers ? undefined : store.handle(message);
    },
  });
  await node.host.advance(0);
  for (const msg_id of [1, 2]) {
    node.receive({ type: "read", msg_id });
    await node.host.advance(0);
  }
  assertEquals(held.length, 2);
  for (const [total, round] of [[5, 2], [3, 1]]) {
    const value = { total, round, by: "b" } as Json;
    const in_reply_to = held.pop()?.body.msg_id as number;
    node.receive({ type: "read_ok", in_reply_to, value }, "seq-kv");
    await node.host.advance(0);
  }
  const values = node.host.takeSent().filter(({ body }) => body.type === "read_ok");
  assertEquals(values.map(({ body }) => body.value), [5, 5]);
});

/** A node n0 that shares a store with n1, and writes of others to that store. */
function nodeWithStore(strategy: string, program = gCounter) {
  const store = new Sequential(kvStore, new Oldest(1));
  const lost = new Set<string>();
  const write = (key: string, value: Json) =>
    store.handle({ src: "n9", dest: "seq-kv", body: { type: "write", key, value } });
  const node = new FakeNode(program, {
    id: "n0",
    nodes: ["n0", "n1"],
    args: ["--strategy", strategy],
    answer(message) {
      const reply = store.handle(message);
      return lost.has(message.body.type) ? undefined : reply;
    },
  });
  return { node, write, lost };
}

Deno.test("seq-kv: a late write of an earlier incarnation counts, and fails no read", async () => {
  const { node, write } = nodeWithStore("seq-kv");
  write("n0", { total: 2, round: 1, by: "former" });
  await node.host.advance(1000);
  await node.ask({ type: "read" });
  write("n0", { total: 4, round: 9, by: "former" });
  await node.ask({ type: "add", delta: 3 });
  await node.host.advance(1000);
  assertEquals(await node.ask({ type: "read" }), { type: "read_ok", value: 7 });
  assert(node.host.reached.has("an earlier write of a total took effect late"));
});

Deno.test("seq-kv: a total is written again after a write whose outcome is unknown", async () => {
  const { node, lost } = nodeWithStore("seq-kv", pnCounter);
  await node.ask({ type: "add", delta: 1 });
  await node.host.advance(1000);
  lost.add("cas");
  await node.ask({ type: "add", delta: 5 });
  await node.host.advance(1000);
  await node.ask({ type: "add", delta: -5 });
  lost.clear();
  await node.host.advance(5000);
  const totals = node.host.sent.flatMap(({ body }) => body.type === "cas" ? body.to : []);
  assertEquals((totals.at(-1) as { total: number }).total, 1);
});

Deno.test("seq-kv: a node without additions and reads makes no round", async () => {
  const { node } = nodeWithStore("seq-kv");
  await node.host.advance(2000);
  assertEquals(node.host.sent.filter(({ body }) => body.type === "cas"), []);
});

Deno.test("seq-kv: a node whose store was silent at the start reads its key before a client reads", async () => {
  const { node, lost } = nodeWithStore("seq-kv");
  lost.add("read");
  await node.host.advance(4000);
  lost.clear();
  await node.host.advance(5000);
  node.host.takeSent();
  assertEquals(await node.ask({ type: "read" }), { type: "read_ok", value: 0 });
  assertEquals(node.host.sent.filter(({ body }) => body.type === "write"), []);
});

Deno.test("seq-kv: a node that starts reads the newest total of its key, whatever its store may read", async () => {
  const store = new Sequential(kvStore, new Oldest(1));
  const value = { total: 2, round: 1, by: "former" };
  store.handle({ src: "n9", dest: "seq-kv", body: { type: "write", key: "n0", value } });
  const node = new FakeNode(gCounter, {
    id: "n0",
    nodes: ["n0"],
    args: ["--strategy", "seq-kv"],
    answer: (message) => store.handle(message),
  });
  await node.host.advance(0);
  assertEquals(await node.ask({ type: "read" }), { type: "read_ok", value: 2 });
  assert(!node.host.reached.has("an earlier write of a total took effect late"));
});
