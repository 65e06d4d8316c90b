import { assert, assertEquals } from "std/testing";
import type { Json } from "../../../lib/base/mod.ts";
import { FakeNode, type FakeNodeOptions } from "../../../lib/testing/fake_node.ts";
import { settled } from "../../../lib/testing/fake_host.ts";
import type { Body, Message } from "../../../lib/wire/mod.ts";
import { expectValid, simulate } from "../../../lib/workbench/mod.ts";
import { linKv as workload } from "../../../lib/workload/lin_kv.ts";
import program from "../../../nodes/lin_kv.ts";
import { explore, FAULTS } from "../txn/explore_case.ts";

const args = ["--strategy", "caspaxos"];
const ballot = (counter: number, node = "n2") => [counter, node, "i"];
const prepare = (counter: number) => ({
  type: "prepare",
  key: "1",
  ballot: ballot(counter),
  id: counter,
});
const accept = (counter: number, value: number) => ({
  type: "accept",
  key: "1",
  ballot: ballot(counter),
  id: counter,
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

/** Answers as an acceptor that promises everything, and stores nothing. */
function generous(request: Message): Body | undefined {
  if (request.body.type !== "prepare") return undefined;
  const state = { value: [], last: {} };
  return { type: "promise", to: replyTo(request), accepted: [0, "", ""], state };
}

/** Returns the number of a request and the incarnation of its proposer, which a reply repeats. */
function replyTo({ body: { id, ballot } }: Message): Json {
  return [id, (ballot as string[])[2]] as Json;
}

/** Sends a proposer's request to the node's acceptor; returns the reply without its address. */
async function askAcceptor(node: FakeNode, request: Body): Promise<Body | undefined> {
  node.host.takeSent();
  node.receive(request, "n2");
  await settled();
  const reply = node.host.takeSent().find(({ dest }) => dest === "n2");
  if (reply === undefined) return undefined;
  const { to: _to, ...rest } = reply.body;
  return rest as Body;
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
    answer: generous,
  });
  node.receive({ type: "write", key: 1, value: 1, msg_id: 7 });
  await node.host.advance(4450);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 7);
  assertEquals(reply?.body.code, 0);
});

Deno.test("a compare-and-set that failed everywhere ends with a definite error", async () => {
  // No quorum shows one ballot, so the state that the error depends on may not be chosen.
  const node = await start({
    answer: (request) => {
      const reply = generous(request);
      return reply && { ...reply, accepted: ballot(1, request.dest) as Json };
    },
  });
  node.receive({ type: "cas", key: 1, from: 1, to: 2, msg_id: 7 });
  await node.host.advance(4450);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 7);
  assertEquals(reply?.body.code, 11);
});

Deno.test("an acceptor replies when its promise is durable, not before", async () => {
  const node = await start({ nodes: ["n1", "n2", "n3"] });
  node.disk.latencyMs = 50;
  node.receive(prepare(3), "n2");
  await node.host.advance(40);
  assertEquals(node.host.takeSent(), []);
  await node.host.advance(100);
  assertEquals(node.host.takeSent().map(({ body }) => body.type), ["promise"]);
});

Deno.test("an acceptor shows a state when it is durable, not before", async () => {
  const node = await start();
  node.disk.latencyMs = 50;
  node.receive(accept(3, 5), "n2");
  await node.host.advance(10);
  node.receive({ ...prepare(0), id: 4 }, "n2");
  await node.host.advance(30);
  assertEquals(node.host.takeSent(), []);
  await node.host.advance(100);
  const sent = node.host.takeSent().map(({ body: { type, accepted } }) => [type, accepted]);
  assertEquals(sent, [["accepted", undefined], ["conflict", ballot(3)]]);
});

Deno.test("a restarted acceptor keeps its promise and its state", async () => {
  const node = await start();
  await askAcceptor(node, accept(3, 5));
  await askAcceptor(node, prepare(9));
  node.disk.crash();
  const restarted = await start({ disk: node.disk });
  const shown = { accepted: ballot(3), state: { value: [5], last: {} } };
  const conflict = { type: "conflict", ballot: ballot(9), ...shown };
  assertEquals(await askAcceptor(restarted, prepare(8)), conflict);
  assertEquals(await askAcceptor(restarted, prepare(9)), { type: "promise", ...shown });
});

Deno.test("a restarted acceptor recovers from a snapshot and the records after it", async () => {
  const node = await start();
  await askAcceptor(node, { ...accept(1, 1), key: "other" });
  for (let counter = 1; counter <= 250; counter++) {
    await askAcceptor(node, accept(counter, counter));
  }
  assert(node.host.reached.has("caspaxos: a snapshot replaced the records"));
  const restarted = await start({ disk: node.disk });
  const promise = await askAcceptor(restarted, prepare(1000));
  assertEquals(promise?.state, { value: [250], last: {} });
  const other = await askAcceptor(restarted, { ...prepare(1000), key: "other" });
  assertEquals(other?.state, { value: [1], last: {} });
});

Deno.test("lost requests and replies are sent again", async () => {
  const node = await start();
  node.receive({ type: "read", key: 1, msg_id: 7 });
  await node.host.advance(150);
  const sent = requests(node, "prepare").map(({ dest, body }) => `${dest} ${body.ballot}`);
  assertEquals(sent.length, 4);
  assertEquals(new Set(sent).size, 2);
});

Deno.test("a reply to a request that was sent again measures a round trip", async () => {
  const node = await start();
  const delayMs = 400;
  const stepMs = 10;
  const onTheWay: Message[][] = [];
  node.receive({ type: "write", key: 1, value: 1, msg_id: 7 });
  let resent = 0;
  const seen = new Set<string>();
  for (let elapsedMs = 0; elapsedMs < 3000; elapsedMs += stepMs) {
    await node.host.advance(stepMs);
    const sent = node.host.takeSent().filter(({ dest }) => dest !== "c1");
    for (const { dest, body: { type, ballot } } of sent) {
      const name = `${dest} ${type} ${ballot}`;
      if (seen.has(name)) resent++;
      seen.add(name);
    }
    onTheWay.push(sent);
    for (const request of onTheWay.at(-delayMs / stepMs) ?? []) {
      const reply = generous(request) ?? { type: "accepted", to: replyTo(request) };
      node.receive(reply, request.dest);
    }
  }
  assert(resent > 4, `${resent} requests were sent again`);
  node.receive({ type: "write", key: 2, value: 1, msg_id: 8 });
  await node.host.advance(4450);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 8);
  assertEquals(reply?.body.code, 11);
  const [, waitedMs] = /within (\d+) ms/.exec(String(reply?.body.text)) ?? [];
  // Clients wait for five round trips; one is a margin. A round trip takes up to a step less.
  assert(
    Number(waitedMs) >= 4 * (delayMs - stepMs) && Number(waitedMs) <= 4 * delayMs,
    `waited for ${waitedMs} ms`,
  );
});

Deno.test("a late reply to a request of the previous incarnation does not count", async () => {
  const late: Message[] = [];
  const node = await start();
  node.receive({ type: "write", key: 1, value: 1, msg_id: 7 });
  await node.host.advance(0);
  late.push(...requests(node, "prepare"));
  const restarted = await start({ disk: node.disk, seed: 2 });
  restarted.receive({ type: "write", key: 1, value: 2, msg_id: 7 });
  await restarted.host.advance(0);
  for (const message of late) restarted.receive(generous(message) as Body, message.dest);
  await restarted.host.advance(0);
  assertEquals(requests(restarted, "accept"), []);
});

Deno.test("a late promise does not count as an acceptance", async () => {
  const node = await start();
  node.receive({ type: "write", key: 1, value: 1, msg_id: 7 });
  await node.host.advance(0);
  const prepares = requests(node, "prepare");
  for (const message of prepares) {
    node.receive(generous(message) as Body, message.dest);
    await node.host.advance(0);
  }
  const sent = node.host.takeSent();
  assertEquals(sent.filter(({ body }) => body.type === "accept").length, 2);
  assertEquals(sent.filter(({ dest }) => dest === "c1"), []);
});

Deno.test("a malformed reply of an acceptor does not count", async () => {
  const node = await start({
    answer: (request) => ({ type: "promise", to: replyTo(request), accepted: 1 }),
  });
  node.receive({ type: "read", key: 1, msg_id: 7 });
  await node.host.advance(10);
  assertEquals(requests(node, "accept"), []);
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
