import { assert, assertEquals } from "std/testing";
import type { Message } from "../../../../lib/wire/mod.ts";
import { type MicroOperation, serveTransactions } from "../../../../lib/protocol/txn/mod.ts";
import { type CommitOptions, Committer } from "../../../../lib/protocol/txn/root/commit.ts";
import { Forwarder } from "../../../../lib/protocol/txn/root/forward.ts";
import { Log } from "../../../../lib/protocol/txn/root/log.ts";
import { settled } from "../../../../lib/testing/fake_host.ts";
import { FakeNode } from "../../../../lib/testing/fake_node.ts";
import { replaced } from "../../../support/replaced.ts";
import { unhandledRejections } from "../../../support/unhandled_rejections.ts";
import { list, Stores } from "./stores.ts";
import type { Json, Node } from "../../../../lib/node/mod.ts";

const IDS = ["n1", "n2", "n3"];
/**
 * Forwarded batches time out after a little more than the back-off: the store and the links take no
 * time.
 */
const PACE: CommitOptions = { lingerMs: 0, backoffMs: 500 };

/** The reply that a client has received so far. */
interface ClientReply {
  reads?: unknown;
  code?: unknown;
}

/** Nodes with the same stores. The test decides which messages between them are delivered. */
class Cluster {
  readonly stores = new Stores();
  readonly nodes = new Map<string, FakeNode>();
  /** The destinations of forwarded batches, in order. */
  readonly forwardedTo: string[] = [];
  delivers: (message: Message) => boolean = () => true;

  constructor(readonly ids: readonly string[] = IDS, readonly pace: CommitOptions = PACE) {
    for (const id of ids) this.start(id);
  }

  /** Starts an incarnation of a node, without memory. */
  start(id: string, incarnation = 1): void {
    const fake = new FakeNode((node) => program(node, `${id}/${incarnation}`, this.pace), {
      id,
      nodes: this.ids,
      seed: `${id} ${incarnation}`,
      answer: (message) => this.stores.replyTo(message),
    });
    this.nodes.set(id, fake);
  }

  /** A client reads x. */
  read(id: string): ClientReply {
    return this.#transact(id, 1000 + this.#waiting.size, [["r", "x", null]]);
  }

  /** A client reads x and appends to it. */
  append(id: string, value: number): ClientReply {
    return this.#transact(id, value, [["r", "x", null], ["append", "x", value]]);
  }

  #transact(id: string, msg_id: number, txn: MicroOperation[]): ClientReply {
    const reply: ClientReply = {};
    const node = this.nodes.get(id) as FakeNode;
    node.receive({ type: "txn", txn, msg_id }, `c${id}`);
    this.#waiting.set(`${id} ${msg_id}`, reply);
    return reply;
  }

  readonly #waiting = new Map<string, ClientReply>();

  /** Lets time pass for all nodes, and delivers their messages. */
  async advance(durationMs: number): Promise<void> {
    for (let step = 0; step < durationMs; step += 5) {
      for (let round = 0; round < 4; round++) await this.#deliver();
      for (const node of this.nodes.values()) await node.host.advance(5);
    }
    await this.#deliver();
  }

  async #deliver(): Promise<void> {
    for (const [id, node] of this.nodes) {
      for (const message of node.host.takeSent()) {
        const { dest, body } = message;
        if (body.type === "commit") this.forwardedTo.push(dest);
        if (dest.startsWith("c")) {
          const reply = this.#waiting.get(`${id} ${body.in_reply_to}`) ?? {};
          Object.assign(reply, {
            reads: (body.txn as MicroOperation[])?.[0]?.[2],
            code: body.code,
          });
        } else if (this.ids.includes(dest) && this.delivers(message)) {
          this.nodes.get(dest)?.runtime.receive(message);
        }
      }
    }
    await settled();
  }
}

function program(node: Node, incarnation: string, pace: CommitOptions): void {
  const log = new Log(node, { apply: list, incarnation, compactAfter: 64 });
  const committer = new Committer(node, log, pace);
  const forwarder = new Forwarder(node, committer, incarnation, "append");
  serveTransactions(node, "append", (txn, request) => forwarder.transact(txn, request));
}

Deno.test("nodes forward their transactions to the first node", async () => {
  const cluster = new Cluster();
  const replies = [1, 2, 3, 4].map((value) => cluster.append("n2", value));
  replies.push(cluster.append("n3", 5), cluster.append("n1", 6));
  await cluster.advance(100);
  assertEquals(replies.map(({ code }) => code), Array(6).fill(undefined));
  const lengths = replies.map(({ reads }) => (reads as number[] | null)?.length ?? 0);
  assertEquals(lengths.toSorted(), [0, 1, 2, 3, 4, 5]);
  assertEquals(cluster.forwardedTo.toSorted(), ["n1", "n1"]);
});

Deno.test("transactions that arrive while a batch is under way share the next one", async () => {
  const cluster = new Cluster();
  const held: Message[] = [];
  cluster.delivers = (message) => message.body.type !== "commit" || held.push(message) < 0;
  const replies = [cluster.append("n2", 1)];
  await cluster.advance(5);
  replies.push(cluster.append("n2", 2), cluster.append("n2", 3));
  await cluster.advance(5);
  assertEquals(cluster.forwardedTo, ["n1"]);
  cluster.delivers = () => true;
  for (const message of held) cluster.nodes.get("n1")?.runtime.receive(message);
  await cluster.advance(100);
  assertEquals(replies.map(({ reads }) => reads), [null, [1], [1, 2]]);
  assertEquals(cluster.forwardedTo, ["n1", "n1"]);
});

Deno.test("a node commits the batch of a silent coordinator itself, and then chooses another", async () => {
  const cluster = new Cluster();
  cluster.delivers = ({ src, dest }) => src !== "n1" && dest !== "n1";
  const first = cluster.append("n3", 1);
  await cluster.advance(1500);
  assertEquals(first, { reads: null, code: undefined });
  const second = cluster.append("n3", 2);
  await cluster.advance(1000);
  assertEquals(second, { reads: [1], code: undefined });
  assertEquals(cluster.forwardedTo, ["n1", "n2"]);
});

Deno.test("a node commits the batch of a silent coordinator while the client waits for it", async () => {
  const cluster = new Cluster(["n1", "n2"], { lingerMs: 0, backoffMs: 60_000 });
  cluster.delivers = () => false;
  const reply = cluster.append("n2", 1);
  await cluster.advance(4400);
  assertEquals(reply, { reads: null, code: undefined });
});

Deno.test("a client whose transaction has expired is waited for again", async () => {
  const cluster = new Cluster(["n1"], { lingerMs: 2000, backoffMs: 500 });
  cluster.stores.fate = () => "lost";
  const expired = cluster.append("n1", 1);
  await cluster.advance(6000);
  assertEquals(expired.code, 0);
  cluster.stores.fate = () => "delivered";
  await cluster.advance(3000);
  const node = cluster.nodes.get("n1") as FakeNode;
  const txn = [["append", "x", 2]];
  node.receive({ type: "txn", txn, msg_id: 7 }, "c7");
  const before = cluster.stores.requests.length;
  await cluster.advance(1900);
  assertEquals(cluster.stores.requests.length, before);
  await cluster.advance(200);
  assert(cluster.stores.requests.length > before);
});

for (const operation of ["applied", "commit"] as const) {
  Deno.test(`Forwarder does not take a bug in ${operation} for a timeout`, async () => {
    const bug = new TypeError("a bug");
    const { node, fake } = new Stores().node(operation === "commit" ? "n1" : "n2");
    const log = new Log(node, { apply: list, incarnation: "i", compactAfter: 64 });
    const fails = () => {
      throw bug;
    };
    const committer = replaced(new Committer(node, log, PACE), { [operation]: fails });
    const forwarder = new Forwarder(node, committer, "i", "append");
    serveTransactions(node, "append", (txn, request) => forwarder.transact(txn, request));
    const rejections = await unhandledRejections(async () => {
      fake.receive({ type: "txn", txn: [["append", "x", 1]], msg_id: 1 });
      await fake.host.advance(1);
    });
    assertEquals(rejections, [bug]);
  });
}

Deno.test("a batch whose reply is lost is not committed twice", async () => {
  const cluster = new Cluster();
  cluster.delivers = ({ src }) => src !== "n1";
  const reply = cluster.append("n2", 1);
  await cluster.advance(2000);
  assertEquals(reply, { reads: null, code: undefined });
  const next = cluster.append("n1", 2);
  await cluster.advance(100);
  assertEquals(next, { reads: [1], code: undefined });
});

Deno.test("a batch that arrives after its own node has committed it is not committed twice", async () => {
  const cluster = new Cluster();
  const late: Message[] = [];
  cluster.delivers = (message) => message.body.type !== "commit" || late.push(message) < 0;
  const reply = cluster.append("n2", 1);
  await cluster.advance(1500);
  assertEquals(reply.reads, null);
  cluster.delivers = () => true;
  for (const message of late) cluster.nodes.get("n1")?.runtime.receive(message);
  await cluster.advance(100);
  const next = cluster.append("n3", 2);
  await cluster.advance(100);
  assertEquals(next.reads, [1]);
});

Deno.test("a coordinator that replies again gets batches again", async () => {
  const cluster = new Cluster();
  cluster.delivers = () => false;
  cluster.append("n2", 1);
  await cluster.advance(1200);
  cluster.delivers = () => true;
  for (let value = 2; value < 40; value++) {
    cluster.append("n2", value);
    await cluster.advance(100);
  }
  const { forwardedTo } = cluster;
  assertEquals(forwardedTo[0], "n1");
  const own = 39 - forwardedTo.length;
  assert(own > 20 && own < 32, `the node itself committed ${own} of 39`);
  assertEquals(forwardedTo.at(-1), "n1");
});

/** Returns the seconds between the batches that n2 forwards while its clients send on and on. */
async function forwardingGaps(cluster: Cluster, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let now = 0; times.length <= count; now += 100) {
    const before = cluster.forwardedTo.length;
    cluster.append("n2", now);
    await cluster.advance(100);
    if (cluster.forwardedTo.length > before) times.push(now);
  }
  return times.slice(1).map((time, index) => Math.floor((time - (times[index] as number)) / 1000));
}

Deno.test("a silent coordinator is left out for 3 s", async () => {
  const cluster = new Cluster(["n1", "n2"]);
  cluster.append("n2", -1);
  await cluster.advance(100);
  cluster.delivers = () => false;
  assertEquals(await forwardingGaps(cluster, 3), [3, 3, 3]);
});

Deno.test("when no store and no node replies, only a transaction in no batch fails for certain", async () => {
  const cluster = new Cluster();
  cluster.delivers = () => false;
  cluster.stores.fate = () => "lost";
  const replies = [cluster.append("n2", 1)];
  await cluster.advance(5);
  replies.push(cluster.append("n2", 2));
  await cluster.advance(4600);
  // The second transaction has waited for the outcome of the first, in no batch.
  assertEquals(replies.map(({ code }) => code), [0, 30]);
  cluster.stores.fate = () => "delivered";
  await cluster.advance(10_000);
  const later = cluster.read("n2");
  await cluster.advance(2000);
  assertEquals(later.reads, null);
});

Deno.test("a forwarded batch with a value that nests too deep is refused as a whole", async () => {
  const cluster = new Cluster();
  let value: Json = 1;
  for (let level = 0; level < 501; level++) value = [value];
  const batch = {
    type: "commit",
    session: "s",
    sequence: 1,
    transactions: [[["append", "x", value]]],
  };
  const reply = await cluster.nodes.get("n1")?.ask(batch, "n2");
  assertEquals(reply?.code, 12);
});

for (const isRestarted of [false, true]) {
  const state = isRestarted ? "after a restart" : "without a restart";
  Deno.test(`a node reads what it committed while partitioned, ${state}`, async () => {
    const cluster = new Cluster(["n1", "n2"]);
    cluster.append("n1", 1);
    await cluster.advance(100);
    cluster.delivers = () => false;
    const alone = cluster.append("n2", 2);
    await cluster.advance(6000);
    assertEquals(alone.reads, [1]);
    cluster.delivers = () => true;
    if (isRestarted) cluster.start("n2", 2);
    // The coordinator n1 has not read what was committed in the meantime.
    const later = cluster.read("n2");
    await cluster.advance(100);
    assertEquals(cluster.forwardedTo, ["n1", "n1"]);
    assertEquals(later.reads, [1, 2]);
  });
}
