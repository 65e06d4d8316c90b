import { assert, assertEquals } from "std/testing";
import type { Message } from "../../../../lib/wire/mod.ts";
import { type MicroOperation, serveTransactions } from "../../../../lib/protocol/txn/mod.ts";
import { Committer } from "../../../../lib/protocol/txn/root/committer.ts";
import { Dispatcher } from "../../../../lib/protocol/txn/root/dispatcher.ts";
import { serveJobs } from "../../../../lib/protocol/txn/root/job_messages.ts";
import { FakeNode, settled } from "../../../../lib/testing/fake_node.ts";
import { list, Stores } from "./stores.ts";
import { Database } from "../../../../lib/protocol/txn/root/database.ts";
import type { Node } from "../../../../lib/node/mod.ts";

const IDS = ["n1", "n2", "n3"];

/** Three nodes at the same stores; the test decides which messages between them arrive. */
class Cluster {
  readonly stores = new Stores();
  readonly nodes = new Map<string, FakeNode>();
  readonly handedTo: string[] = [];
  arrives: (message: Message) => boolean = () => true;

  constructor(readonly ids: readonly string[] = IDS) {
    for (const id of ids) this.start(id);
  }

  /** A node starts, or starts again with nothing in its memory. */
  start(id: string, life = 1): void {
    const fake = new FakeNode((node) => wire(node, `${id}/${life}`), {
      id,
      nodes: this.ids,
      seed: `${id} ${life}`,
      answer: (message) => this.stores.answer(message),
    });
    this.nodes.set(id, fake);
  }

  /** A client of a node reads x. */
  read(id: string): { reads?: unknown; code?: unknown } {
    return this.#ask(id, 1000 + this.#waiting.size, [["r", "x", null]]);
  }

  /** A client of a node appends to x. */
  append(id: string, value: number): { reads?: unknown; code?: unknown } {
    return this.#ask(id, value, [["r", "x", null], ["append", "x", value]]);
  }

  #ask(id: string, msg_id: number, txn: MicroOperation[]) {
    const outcome: { reads?: unknown; code?: unknown } = {};
    const node = this.nodes.get(id) as FakeNode;
    node.receive({ type: "txn", txn, msg_id }, `c${id}`);
    this.#waiting.set(`${id} ${msg_id}`, outcome);
    return outcome;
  }

  readonly #waiting = new Map<string, { reads?: unknown; code?: unknown }>();

  /** Lets time pass for all; what arrives is delivered at once. */
  async pass(milliseconds: number): Promise<void> {
    for (let step = 0; step < milliseconds; step += 5) {
      for (let round = 0; round < 4; round++) await this.#deliver();
      for (const node of this.nodes.values()) await node.host.advance(5);
    }
    await this.#deliver();
  }

  async #deliver(): Promise<void> {
    for (const [id, node] of this.nodes) {
      for (const message of node.host.takeSent()) {
        const { dest, body } = message;
        if (body.type === "commit") this.handedTo.push(dest);
        if (dest.startsWith("c")) {
          const outcome = this.#waiting.get(`${id} ${body.in_reply_to}`) ?? {};
          Object.assign(outcome, {
            reads: (body.txn as MicroOperation[])?.[0]?.[2],
            code: body.code,
          });
        } else if (this.ids.includes(dest) && this.arrives(message)) {
          this.nodes.get(dest)?.runtime.receive(message);
        }
      }
    }
    await settled();
  }
}

function wire(node: Node, life: string): void {
  const database = new Database(node, list, life, { thunks: "lin-kv", mostInRoot: 64 });
  const committer = new Committer(node, database, `${life}/own`, {
    gather: 0,
    turn: 20,
    patience: 3000,
  });
  const dispatcher = new Dispatcher(node, committer, `${life}/handed`, 3000);
  serveJobs(node, "append", committer);
  serveTransactions(node, "append", (txn, client) => dispatcher.transact(txn, client));
}

Deno.test("all nodes hand their transactions to the first, one job at a time each", async () => {
  const cluster = new Cluster();
  const outcomes = [1, 2, 3, 4].map((value) => cluster.append("n2", value));
  outcomes.push(cluster.append("n3", 5), cluster.append("n1", 6));
  await cluster.pass(100);
  assertEquals(outcomes.map(({ code }) => code), Array(6).fill(undefined));
  const lengths = outcomes.map(({ reads }) => (reads as number[] | null)?.length ?? 0);
  assertEquals(lengths.toSorted(), [0, 1, 2, 3, 4, 5]);
  // Of the four at n2, three come up while the first is on its way: they go together.
  assertEquals(cluster.handedTo, ["n1", "n1", "n1"]);
});

Deno.test("a node whose first choice is silent commits itself, and then hands over to the next", async () => {
  const cluster = new Cluster();
  cluster.arrives = ({ src, dest }) => src !== "n1" && dest !== "n1";
  const first = cluster.append("n3", 1);
  await cluster.pass(1500);
  assertEquals(first, { reads: null, code: undefined });
  const second = cluster.append("n3", 2);
  await cluster.pass(200);
  assertEquals(second, { reads: [1], code: undefined });
  assertEquals(cluster.handedTo, ["n1", "n2"]);
});

Deno.test("a job whose answer is lost is not committed twice", async () => {
  const cluster = new Cluster();
  cluster.arrives = ({ src }) => src !== "n1";
  const outcome = cluster.append("n2", 1);
  await cluster.pass(1500);
  assertEquals(outcome, { reads: null, code: undefined });
  const next = cluster.append("n1", 2);
  await cluster.pass(100);
  assertEquals(next, { reads: [1], code: undefined });
});

Deno.test("an answer that comes after a node has lost patience with the other is an answer", async () => {
  const cluster = new Cluster();
  const late: Message[] = [];
  cluster.arrives = (message) => message.body.type !== "commit_ok" || late.push(message) < 0;
  // So the node itself cannot find out what became of the job.
  cluster.stores.fate = ({ src }) => src === "n2" ? "lost" : "answered";
  const outcome = cluster.append("n2", 1);
  await cluster.pass(1500);
  assertEquals([outcome, late.length], [{}, 1]);
  for (const message of late) cluster.nodes.get("n2")?.runtime.receive(message);
  await cluster.pass(5);
  assertEquals(outcome, { reads: null, code: undefined });
});

Deno.test("a job that arrives after its own node has committed it is not committed twice", async () => {
  const cluster = new Cluster();
  const late: Message[] = [];
  cluster.arrives = (message) => message.body.type !== "commit" || late.push(message) < 0;
  const outcome = cluster.append("n2", 1);
  await cluster.pass(1500);
  assertEquals(outcome.reads, null);
  cluster.arrives = () => true;
  for (const message of late) cluster.nodes.get("n1")?.runtime.receive(message);
  await cluster.pass(100);
  const next = cluster.append("n3", 2);
  await cluster.pass(100);
  assertEquals(next.reads, [1]);
});

Deno.test("a node that answers again is handed jobs again", async () => {
  const cluster = new Cluster();
  cluster.arrives = () => false;
  cluster.append("n2", 1);
  await cluster.pass(1500);
  cluster.arrives = () => true;
  for (let value = 2; value < 20; value++) {
    cluster.append("n2", value);
    await cluster.pass(100);
  }
  const { handedTo } = cluster;
  assertEquals(handedTo[0], "n1");
  const direct = 19 - handedTo.length;
  assert(direct > 3 && direct < 12, `${direct} of 19 were committed by the node itself`);
  assertEquals(handedTo.at(-1), "n1");
});

for (const isRestarted of [false, true]) {
  const memory = isRestarted ? "even if it has lost its memory" : "and remembers";
  Deno.test(`what a node committed while it was cut off it finds again, ${memory}`, async () => {
    const cluster = new Cluster(["n1", "n2"]);
    cluster.append("n1", 1);
    await cluster.pass(100);
    cluster.arrives = () => false;
    const alone = cluster.append("n2", 2);
    await cluster.pass(3000);
    assertEquals(alone.reads, [1]);
    cluster.arrives = () => true;
    if (isRestarted) cluster.start("n2", 2);
    // Handed to n1, which knows nothing of what was committed in between.
    const found = cluster.read("n2");
    await cluster.pass(100);
    assertEquals(cluster.handedTo, ["n1", "n1"]);
    assertEquals(found.reads, [1, 2]);
  });
}
