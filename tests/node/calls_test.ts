import { assert, assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { ErrorCode, type Node, RpcError, type RpcOptions, schema } from "../../lib/node/mod.ts";
import { settled } from "../../lib/testing/fake_host.ts";
import { FakeNode, type FakeNodeOptions } from "../../lib/testing/fake_node.ts";

const read = { type: "read", key: "x" };

/** Starts a node without handlers or timers; returns it, and the Node that its program received. */
function idleNode(options: FakeNodeOptions = {}): { fake: FakeNode; node: Node } {
  let view: Node | undefined;
  const fake = new FakeNode((node) => view = node, options);
  assert(view !== undefined);
  return { fake, node: view };
}

/** The state of a call. */
interface Outcome {
  state: "pending" | "resolved" | "rejected";
  value: unknown;
}

function watch(promise: Promise<unknown>): Outcome {
  const outcome: Outcome = { state: "pending", value: undefined };
  promise.then(
    (value) => Object.assign(outcome, { state: "resolved", value }),
    (value) => Object.assign(outcome, { state: "rejected", value }),
  );
  return outcome;
}

function call(options: RpcOptions = {}): { fake: FakeNode; outcome: Outcome } {
  const { fake, node } = idleNode();
  return { fake, outcome: watch(node.rpc("n2", read, options)) };
}

async function reply(fake: FakeNode, body: { type: string; code?: number }, src = "n2") {
  const id = fake.host.sent.at(-1)?.body.msg_id;
  assert(id !== undefined);
  fake.receive({ ...body, in_reply_to: id }, src);
  await settled();
}

function assertTimeout(outcome: Outcome, text: string) {
  assert(outcome.value instanceof RpcError, String(outcome.value));
  assertEquals([outcome.value.code, outcome.value.definite], [ErrorCode.timeout, false]);
  assertStringIncludes(outcome.value.message, text);
}

Deno.test("a call resolves with the reply's body and leaves no timer behind", async () => {
  const { fake, outcome } = call({ retry: { minMs: 10 } });
  await reply(fake, { type: "read_ok" });
  const in_reply_to = fake.host.sent[0]?.body.msg_id;
  assertEquals(outcome, { state: "resolved", value: { type: "read_ok", in_reply_to } });
  assertEquals(fake.host.pendingTimers, 0);
});

Deno.test("an error reply is thrown with its code, name and whether it is definite", async () => {
  const { fake, outcome } = call();
  await reply(fake, { type: "error", code: 20 });
  assert(outcome.value instanceof RpcError);
  const { code, errorName, definite } = outcome.value;
  assertEquals([code, errorName, definite], [20, "key-does-not-exist", true]);
  assertEquals(fake.host.pendingTimers, 0);
});

Deno.test("a reply to a previous incarnation settles no call", async () => {
  const [previous, current] = ["first incarnation", "second incarnation"].map((seed) => {
    const { fake, node } = idleNode({ seed });
    return { fake, outcome: watch(node.rpc("n2", read)) };
  });
  const in_reply_to = previous?.fake.host.sent[0]?.body.msg_id as number;
  current?.fake.receive({ type: "read_ok", in_reply_to }, "n2");
  await settled();
  assertEquals(current?.outcome.state, "pending");
});

Deno.test("the first reply settles a call; duplicate and late replies are dropped", async () => {
  const { fake, outcome } = call({ timeoutMs: 100 });
  await reply(fake, { type: "first_ok" });
  await reply(fake, { type: "second_ok" });
  const in_reply_to = fake.host.sent[0]?.body.msg_id;
  assertEquals(outcome.value, { type: "first_ok", in_reply_to });

  const late = call({ timeoutMs: 100 });
  await late.fake.host.advance(100);
  await reply(late.fake, { type: "read_ok" });
  assertTimeout(late.outcome, "no reply within 100 ms");
  assertEquals([fake.host.logged, late.fake.host.logged], [[], []]);
});

Deno.test("a reply from a node other than the receiver of the request is dropped", async () => {
  const { fake, outcome } = call();
  await reply(fake, { type: "read_ok" }, "n3");
  assertEquals(outcome.state, "pending");
  await reply(fake, { type: "read_ok" });
  assertEquals(outcome.state, "resolved");
});

Deno.test("concurrent calls get their own replies, in any order", async () => {
  const { fake, node } = idleNode();
  const calls = [0, 1, 2].map((key) => node.rpc("lin-kv", { type: "read", key }));
  const requests = fake.host.takeSent();
  assertEquals(new Set(requests.map(({ body }) => body.msg_id)).size, 3);
  for (const { body } of requests.reverse()) {
    fake.receive({ type: "read_ok", value: body.key, in_reply_to: body.msg_id } as never, "lin-kv");
  }
  assertEquals((await Promise.all(calls)).map(({ value }) => value), [0, 1, 2]);
});

Deno.test("a call without a reply times out, after one second by default", async () => {
  const byDefault = call();
  await byDefault.fake.host.advance(999);
  assertEquals(byDefault.outcome.state, "pending");
  await byDefault.fake.host.advance(1);
  assertTimeout(byDefault.outcome, "'read' to n2: no reply within 1000 ms");
  const short = call({ timeoutMs: 5 });
  await short.fake.host.advance(5);
  assertTimeout(short.outcome, "5 ms");
});

Deno.test("a call without a timeout waits for its reply indefinitely", async () => {
  const { fake, outcome } = call({ timeoutMs: Infinity });
  assertEquals(fake.host.pendingTimers, 0);
  await fake.host.advance(1e9);
  await reply(fake, { type: "read_ok" });
  assertEquals(outcome.state, "resolved");
});

Deno.test("retransmissions keep the msg_id, back off with jitter, and share one timeout", async () => {
  const { fake, outcome } = call({ timeoutMs: 1000, retry: { minMs: 10, factor: 2, maxMs: 60 } });
  const sentAt: number[] = [];
  let seen = 0;
  for (let now = 0; now <= 1500; now++) {
    while (seen < fake.host.sent.length) {
      sentAt.push(now);
      seen++;
    }
    await fake.host.advance(1);
  }
  assertTimeout(outcome, "1000 ms");
  assertEquals(new Set(fake.host.sent.map(({ body }) => JSON.stringify(body))).size, 1);
  assert(sentAt.at(-1) as number <= 1001, "nothing is sent after the timeout");
  const gaps = sentAt.slice(1).map((at, index) => at - (sentAt[index] as number));
  for (const [index, gap] of gaps.entries()) {
    const wait = Math.min(60, 10 * 2 ** index);
    assert(gap >= wait / 2 - 1 && gap <= wait + 1, `gap ${index} of ${gap} ms`);
  }
  assert(gaps.length >= 1000 / 60 && gaps.length <= 40, `${gaps.length} retries`);
  assertEquals(fake.host.pendingTimers, 0);
});

Deno.test("by default the retransmission delay doubles up to ten times the first", async () => {
  const { fake } = call({ timeoutMs: Infinity, retry: { minMs: 100 } });
  await fake.host.advance(10_000);
  const before = fake.host.sent.length;
  await fake.host.advance(10_000);
  const retries = fake.host.sent.length - before;
  assert(retries >= 10 && retries <= 20, `${retries} retries in 10 s`);
});

Deno.test("an error with a retried code does not settle the call; the timeout quotes it", async () => {
  const options = { timeoutMs: 100, retry: { minMs: 10, codes: [11] } };
  const { fake, outcome } = call(options);
  await reply(fake, { type: "error", code: 11 });
  await fake.host.advance(50);
  assert(fake.host.sent.length > 1);
  await reply(fake, { type: "read_ok" });
  assertEquals(outcome.state, "resolved");

  const refused = call(options);
  await reply(refused.fake, { type: "error", code: 11 });
  await refused.fake.host.advance(100);
  assertTimeout(refused.outcome, "temporarily-unavailable");

  const other = call(options);
  await reply(other.fake, { type: "error", code: 22 });
  assertEquals((other.outcome.value as RpcError).code, 22);
});

Deno.test("an invalid back-off throws a RangeError, and nothing is sent", async () => {
  const invalid = [
    { minMs: 0 },
    { minMs: -1 },
    { minMs: NaN },
    { minMs: 10, factor: 0.5 },
    { minMs: 10, maxMs: 0 },
  ];
  for (const retry of invalid) {
    const { fake, node } = idleNode();
    await assertRejects(() => node.rpc("n2", read, { retry }), RangeError, "back-off");
    assertEquals([fake.host.sent.length, fake.host.pendingTimers], [0, 0]);
  }
});

Deno.test("an abort rejects the call with the signal's reason and stops retransmissions", async () => {
  const abort = new AbortController();
  const { fake, outcome } = call({ signal: abort.signal, retry: { minMs: 10 } });
  await fake.host.advance(30);
  const reason = { any: "value" };
  abort.abort(reason);
  await settled();
  assertEquals(outcome, { state: "rejected", value: reason });
  assertEquals(fake.host.pendingTimers, 0);
  await reply(fake, { type: "read_ok" });
  assertEquals(outcome.state, "rejected");
});

Deno.test("a call whose signal is aborted already rejects and sends nothing", async () => {
  const { fake, node } = idleNode();
  const outcome = watch(node.rpc("n2", read, { signal: AbortSignal.abort("too late") }));
  await settled();
  assertEquals(outcome, { state: "rejected", value: "too late" });
  assertEquals([fake.host.sent.length, fake.host.pendingTimers], [0, 0]);
});

Deno.test("an abort after the reply changes nothing", async () => {
  const abort = new AbortController();
  const { fake, outcome } = call({ signal: abort.signal });
  await reply(fake, { type: "read_ok" });
  abort.abort();
  await settled();
  assertEquals(outcome.state, "resolved");
});

Deno.test("when input ends, outstanding calls and later ones time out immediately", async () => {
  const { fake, node } = idleNode();
  const outcome = watch(node.rpc("n2", read));
  await fake.runtime.finish();
  assertTimeout(outcome, "input ended");
  assertEquals(fake.host.pendingTimers, 0);
  await assertRejects(() => node.rpc("n2", read), RpcError, "input has ended");
});

Deno.test("rpcFor rejects with 13 when the reply does not match the schema", async () => {
  const { node } = idleNode({ answer: () => ({ type: "read_ok", value: "seven" }) });
  const sevens = schema.object({ value: schema.string });
  assertEquals((await node.rpcFor("lin-kv", read, sevens)).value, "seven");
  const numbers = schema.object({ value: schema.integer });
  await assertRejects(
    () => node.rpcFor("lin-kv", read, numbers),
    RpcError,
    "value must be an integer",
  );
});
