import { assert, assertEquals } from "std/testing";
import { FakeNode, type FakeNodeOptions } from "../../../lib/testing/fake_node.ts";
import type { Body, Message } from "../../../lib/wire/mod.ts";
import { expectValid, simulate } from "../../../lib/workbench/mod.ts";
import { linKv as workload } from "../../../lib/workload/lin_kv.ts";
import program from "../../../nodes/lin_kv.ts";
import { explore, FAULTS } from "../txn/explore_case.ts";

const args = ["--strategy", "caspaxos"];
const ballot = (counter: number, node = "n2") => [counter, node, "i"];
const prepare = (counter: number) => ({ type: "prepare", key: "1", ballot: ballot(counter) });
const accept = (counter: number, value: number) => ({
  type: "accept",
  key: "1",
  ballot: ballot(counter),
  state: { value: [value], last: {} },
  next: ballot(counter + 1),
});

function start(options: FakeNodeOptions = {}): Promise<FakeNode> {
  return FakeNode.start(program, { args, ...options });
}

/** Requests that the node sent to acceptors. */
function requests(node: FakeNode, type: string): Message[] {
  return node.host.takeSent().filter(({ body }) => body.type === type);
}

/** Answers as an acceptor that stores nothing and promises everything. */
function generous({ body }: Message): Body | undefined {
  if (body.type === "prepare") {
    return { type: "promise", accepted: [0, "", ""], state: { value: [], last: {} } };
  }
  return body.type === "accept" ? { type: "accepted" } : undefined;
}

function withoutText(reply: Body | undefined): unknown {
  const { text: _, ...rest } = reply ?? { type: "none" };
  return rest;
}

Deno.test("caspaxos is linearizable under every fault, kill included", async () => {
  for (let seed = 0; seed < 15; seed++) {
    const faults = [...FAULTS, "kill"];
    const exploring = { program, workload, models: [], strategy: "caspaxos", faults };
    assertEquals((await explore(exploring, seed)).failure, [], `seed ${seed}`);
  }
});

Deno.test("caspaxos serves all nodes of a chain, whose ends reach one neighbour only", async () => {
  const run = await simulate(program, workload, {
    args,
    nodes: 5,
    concurrency: 20,
    ratePerSecond: 10,
    timeLimitSeconds: 20,
    latency: { meanMs: 5, distribution: "constant" },
    schedule: [{
      at: 0,
      f: "start-partial-partition",
      value: "chain",
      plan: {
        n0: ["n2", "n3", "n4"],
        n1: ["n3", "n4"],
        n2: ["n0", "n4"],
        n3: ["n0", "n1"],
        n4: ["n0", "n1", "n2"],
      },
    }],
  });
  expectValid(run);
  const served = new Set(
    run.history.filter(({ type, error, time }) =>
      time > 10e9 && (type === "ok" || JSON.stringify(error ?? []).includes("precondition"))
    ).map(({ process }) => process as number % 5),
  );
  assertEquals(served.size, 5);
});

Deno.test("caspaxos reads, writes and compares", async () => {
  const node = await start({ nodes: ["n1"] });
  const key = [1, { a: null }];
  const steps: [Body, unknown][] = [
    [{ type: "read", key }, { type: "error", code: 20 }],
    [{ type: "cas", key, from: 1, to: 2 }, { type: "error", code: 20 }],
    [{ type: "write", key, value: 2 }, { type: "write_ok" }],
    [{ type: "cas", key, from: 1, to: 3 }, { type: "error", code: 22 }],
    [{ type: "read", key }, { type: "read_ok", value: 2 }],
    [{ type: "write", key, value: { b: [1, null] } }, { type: "write_ok" }],
    [{ type: "cas", key, from: { b: [1, null] }, to: null }, { type: "cas_ok" }],
    [{ type: "read", key }, { type: "read_ok", value: null }],
    [{ type: "write", key: "x" }, { type: "error", code: 12 }],
  ];
  for (const [request, expected] of steps) {
    assertEquals(withoutText(await node.ask(request)), expected, JSON.stringify(request));
  }
});

Deno.test("requests of several clients that wait share a round", async () => {
  const node = await start();
  node.receive({ type: "write", key: 1, value: 1, msg_id: 1 });
  node.receive({ type: "write", key: 1, value: 2, msg_id: 2 }, "c2");
  await node.host.advance(0);
  assertEquals(requests(node, "prepare").map(({ dest }) => dest), ["n2", "n3"]);
});

Deno.test("a change without a quorum of promises ends with a definite error", async () => {
  const node = await start();
  node.receive({ type: "write", key: 1, value: 1, msg_id: 7 });
  await node.host.advance(4450);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 7);
  assertEquals(reply?.body.code, 11);
});

Deno.test("a change that one acceptor may store ends with an indefinite error", async () => {
  const node = await start({
    answer: (message) => message.body.type === "prepare" ? generous(message) : undefined,
  });
  node.receive({ type: "write", key: 1, value: 1, msg_id: 7 });
  await node.host.advance(4450);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 7);
  assertEquals(reply?.body.code, 0);
});

Deno.test("a compare-and-set that failed everywhere ends with a definite error", async () => {
  const node = await start({
    answer: (message) => message.body.type === "prepare" ? generous(message) : undefined,
  });
  node.receive({ type: "cas", key: 1, from: 1, to: 2, msg_id: 7 });
  await node.host.advance(4450);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 7);
  assertEquals(reply?.body.code, 11);
});

Deno.test("an acceptor replies when its promise is durable, not before", async () => {
  const node = await start({ nodes: ["n1", "n2", "n3"] });
  node.disk.latencyMs = 50;
  node.receive({ ...prepare(3), msg_id: 1 }, "n2");
  await node.host.advance(40);
  assertEquals(node.host.takeSent(), []);
  await node.host.advance(100);
  assertEquals(node.host.takeSent().map(({ body }) => body.type), ["promise"]);
});

Deno.test("a restarted acceptor keeps its promise and its state", async () => {
  const node = await start();
  await node.ask(accept(3, 5), "n2");
  await node.ask(prepare(9), "n2");
  node.disk.crash();
  const restarted = await start({ disk: node.disk });
  assertEquals(await restarted.ask(prepare(8), "n2"), { type: "conflict", ballot: ballot(9) });
  assertEquals(await restarted.ask(prepare(9), "n2"), {
    type: "promise",
    accepted: ballot(3),
    state: { value: [5], last: {} },
  });
});

Deno.test("a restarted acceptor recovers from a snapshot and the records after it", async () => {
  const node = await start();
  await node.ask({ ...accept(1, 1), key: "other" }, "n2");
  for (let counter = 1; counter <= 250; counter++) await node.ask(accept(counter, counter), "n2");
  assert(node.host.reached.has("caspaxos: a snapshot replaced the records"));
  const restarted = await start({ disk: node.disk });
  const promise = await restarted.ask(prepare(1000), "n2");
  assertEquals(promise?.state, { value: [250], last: {} });
  const other = await restarted.ask({ ...prepare(1000), key: "other" }, "n2");
  assertEquals(other?.state, { value: [1], last: {} });
});

Deno.test("lost requests and replies are sent again, and then around broken links", async () => {
  const node = await start();
  node.receive({ type: "read", key: 1, msg_id: 7 });
  await node.host.advance(150);
  assertEquals(requests(node, "prepare").length, 4);
  await node.host.advance(1000);
  const relayed = requests(node, "relay").map(({ dest, body }) => `${body.to} by ${dest}`);
  assert(relayed.includes("n3 by n2") && relayed.includes("n2 by n3"), String(relayed));
});

Deno.test("a node relays a request once", async () => {
  const node = await start({ answer: generous });
  const body = { type: "relay", to: "n3", id: "x1", request: { ...prepare(1) } };
  const [first] = await Promise.all([node.ask(body, "n2"), node.host.advance(0)]);
  assertEquals((first?.reply as Body | undefined)?.type, "promise");
});

Deno.test("a malformed reply of an acceptor is logged and does not count", async () => {
  const node = await start({ answer: () => ({ type: "promise", accepted: 1 }) });
  node.receive({ type: "read", key: 1, msg_id: 7 });
  await node.host.advance(10);
  assertEquals(requests(node, "accept"), []);
  assert(node.host.logged.some((line) => line.startsWith("ignored a reply of n2")));
});

Deno.test("a healthy cluster with one client needs one round trip a change", async () => {
  const run = await simulate(program, workload, {
    args,
    nodes: 3,
    concurrency: 6,
    ratePerSecond: 1,
    timeLimitSeconds: 60,
    latency: { meanMs: 10, distribution: "constant" },
  });
  expectValid(run);
  const operations = run.history.filter(({ type }) => type === "invoke").length;
  const messages = run.results.net.servers["msg-count"];
  // Between 4 with a lead, and 8 without.
  assert(messages >= 4 * operations && messages <= 8 * operations, `${messages / operations}`);
});
