/**
 * What a node of strategies `batch` and `retry` does with topologies, its own and those of nodes that
 * restarted.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import type { Json } from "../../../lib/node/mod.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import broadcast from "../../../nodes/broadcast.ts";

type Topology = Record<string, string[]>;

/** A node whose peers are the test. */
class TestedNode {
  readonly #node: FakeNode;

  constructor(id = "n1", nodes = ["n1", "n2", "n3"]) {
    this.#node = new FakeNode(broadcast, { id, nodes, args: ["--strategy", "retry"] });
  }

  async suggest(topology: Topology): Promise<void> {
    const reply = await this.#node.ask({ type: "topology", topology });
    assertEquals(reply?.type, "topology_ok");
    this.#node.host.takeSent();
  }

  async add(message: Json): Promise<void> {
    await this.#node.ask({ type: "broadcast", message });
  }

  receive(peer: string, type: string, more: Record<string, Json> = {}): void {
    this.#node.receive({ type, me: `of ${peer}`, ack: 0, time: 0, ...more }, peer);
  }

  receiveValue(peer: string, value: Json): void {
    this.receive(peer, "update", { from: 0, to: 1, delta: [[`${peer}.of ${peer}`, 0, value]] });
  }

  advance(durationMs: number): Promise<void> {
    return this.#node.host.advance(durationMs);
  }

  /** Returns the messages between nodes since the last call, as `type receiver`. */
  sent(): string[] {
    const messages = this.#node.host.takeSent().filter(({ dest }) => dest.startsWith("n"));
    return messages.map(({ dest, body }) => `${body.type} ${dest}`);
  }

  get logged(): readonly string[] {
    return this.#node.host.logged;
  }

  get state(): unknown {
    return this.#node.state;
  }
}

Deno.test("retry: a node without a topology asks each other node twice, beginning with the next", async () => {
  for (
    const [id, asked] of [
      ["n1", ["n2", "n3", "n4", "n2", "n3", "n4"]],
      ["n3", ["n4", "n1", "n2", "n4", "n1", "n2"]],
    ] as const
  ) {
    const node = new TestedNode(id, ["n1", "n2", "n3", "n4"]);
    const joins: string[] = [];
    for (let round = 0; round < 20; round++) {
      await node.advance(500);
      joins.push(...node.sent().filter((text) => text.startsWith("join ")));
    }
    assertEquals(joins, asked.map((peer) => `join ${peer}`));
  }
});

Deno.test("retry: a node with a topology sends it to a node that asks, and one without does not", async () => {
  const node = new TestedNode();
  node.receive("n3", "join");
  assertEquals(node.sent(), []);
  assertEquals(node.logged, []);
  await node.suggest({ n1: ["n2"], n2: ["n1"] });
  node.receive("n3", "join");
  assertEquals(node.sent(), ["joined n3"]);
});

Deno.test("retry: a node takes the topology of another node, but for the one that a test suggested", async () => {
  const taught = new TestedNode();
  taught.receive("n2", "joined", { topology: { n1: ["n3"] } });
  assertEquals(taught.sent(), ["sync n3"]);
  const told = new TestedNode();
  await told.suggest({ n1: ["n2"] });
  told.receive("n3", "joined", { topology: { n1: ["n3"] } });
  await told.add(7);
  assertEquals(told.sent(), ["update n2"]);
});

Deno.test("retry: a node that a topology lacks keeps its neighbours in the grid", async () => {
  const node = new TestedNode();
  await node.suggest({ n2: ["n3"], n3: ["n2"] });
  await node.add(7);
  assertEquals(node.sent(), ["update n3", "update n2"]);
});

Deno.test("retry: a node replicates with a peer if either has the other one as a neighbour", async () => {
  const refused = ["joined n3"];
  const cases: [Topology, string[]][] = [
    [{ n1: ["n2"], n3: ["n2"] }, refused],
    [{ n1: ["n2"], n3: [] }, refused],
    [{ n1: ["n2"], n3: ["n1"] }, []],
    [{ n1: ["n3"], n3: ["n2"] }, []],
    [{ n1: ["n2"] }, []],
    [{ n3: ["n2"] }, []],
  ];
  for (const [topology, sent] of cases) {
    const node = new TestedNode();
    await node.suggest(topology);
    node.receiveValue("n3", 7);
    const text = JSON.stringify(topology);
    assertEquals(node.sent().filter((message) => message.endsWith("n3")), sent, text);
    assertEquals(node.state, { values: sent === refused ? [] : [7] }, text);
  }
});
