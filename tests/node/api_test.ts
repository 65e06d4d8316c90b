import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "std/testing";
import {
  contract,
  defineNode,
  ErrorCode,
  type IncomingRequest,
  type Node,
  REQUEST_DEADLINE_MS,
  RpcError,
  schema,
} from "../../lib/node/mod.ts";
import { settled } from "../../lib/testing/fake_host.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

function abortable(node: Node, onRequest: (request: IncomingRequest) => void = () => {}) {
  node.on("work", async (_body, request) => {
    onRequest(request);
    await node.rpc("lin-kv", { type: "read", key: 1 }, {
      timeoutMs: Infinity,
      signal: request.signal,
    });
    return { type: "work_ok" };
  });
}

Deno.test("a client's request expires at its deadline, and its calls abort", async () => {
  let request: IncomingRequest | undefined;
  const fake = new FakeNode((node) => abortable(node, (received) => request = received));
  await fake.host.advance(100);
  fake.receive({ type: "work", msg_id: 1 }, "c1");
  await fake.host.advance(REQUEST_DEADLINE_MS - 1);
  assertEquals(request?.deadline, 100 + REQUEST_DEADLINE_MS);
  assertEquals(request?.signal.aborted, false);
  await fake.host.advance(1);
  assertEquals(request?.signal.aborted, true);
  assertEquals(fake.host.sent.at(-1)?.body.code, ErrorCode.timeout);
  assertEquals(fake.host.pendingTimers, 0);
});

Deno.test("a handler may reply to its expired request with an error of its own", async () => {
  const fake = new FakeNode((node) => {
    node.on("work", (_body, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new RpcError(ErrorCode.abort, "not done")));
      }));
  });
  fake.receive({ type: "work", msg_id: 1 }, "c1");
  await fake.host.advance(5000);
  assertEquals(fake.host.sent.map(({ body }) => body.code), [ErrorCode.abort]);
});

Deno.test("a signal that is read after the deadline has aborted already", async () => {
  let aborted: boolean | undefined;
  const fake = new FakeNode((node) => {
    node.on("work", async (_body, request) => {
      await node.sleep(REQUEST_DEADLINE_MS + 50);
      aborted = request.signal.aborted;
    });
  });
  fake.receive({ type: "work", msg_id: 1 }, "c1");
  await fake.host.advance(5000);
  assertEquals(aborted, true);
});

Deno.test("a node's message does not expire", async () => {
  let request: IncomingRequest | undefined;
  const fake = new FakeNode((node) => abortable(node, (received) => request = received));
  fake.receive({ type: "work", msg_id: 1 }, "n2");
  await fake.host.advance(60_000);
  assertEquals([request?.deadline, request?.signal.aborted], [Infinity, false]);
});

Deno.test("the monotonic clock ignores jumps of the wall clock", async () => {
  const fake = new FakeNode(() => {});
  await fake.host.advance(70);
  fake.host.startsAtMs -= 3_600_000;
  assertEquals(fake.node.monotonic(), 70);
  assertEquals(fake.node.now(), fake.host.startsAtMs + 70);
});

Deno.test("each incarnation has its own name", () => {
  const fake = (seed: number) => new FakeNode(() => {}, { seed }).node.incarnation;
  assertMatch(fake(1), /^[0-9a-z]{6}$/);
  assertNotEquals(fake(1), fake(2));
  assertEquals(fake(1), fake(1));
});

Deno.test("sometimes marks a path as reached; always ends the node when its condition is false", async () => {
  const fake = new FakeNode((node) => {
    node.on("check", { value: schema.integer }, ({ value }) => {
      node.sometimes("checked");
      node.always(value >= 0, "values are from 0");
      return { type: "check_ok" };
    });
    node.after(50, () => node.always(false, "a timer's invariant"));
  });
  assertEquals(await fake.ask({ type: "check", value: 1 }), { type: "check_ok" });
  assertEquals([...fake.host.reached], ["checked"]);
  assertEquals(fake.host.failure, undefined);
  await fake.ask({ type: "check", value: -1 });
  assertEquals(String(fake.host.failure), "InvariantError: values are from 0");
  const timed = new FakeNode((node) => node.after(50, () => node.always(false, "in a timer")));
  await timed.host.advance(50);
  assertEquals(String(timed.host.failure), "InvariantError: in a timer");
});

Deno.test("messages wait until a program's promise resolves and its handlers are registered", async () => {
  const program = defineNode({ serves: contract.gSet }, async (node) => {
    await node.sleep(20);
    return { add: () => ({}), read: () => ({ value: [] }) };
  });
  const fake = new FakeNode(program, { init: false });
  fake.receive({ type: "read", msg_id: 1 }, "n2");
  fake.receive({ type: "init", node_id: "n1", node_ids: ["n1", "n2"], msg_id: 2 }, "c0");
  fake.receive({ type: "read", msg_id: 3 }, "n2");
  await fake.host.advance(19);
  assertEquals(fake.host.sent, []);
  await fake.host.advance(1);
  assertEquals(fake.host.sent.map(({ body }) => [body.type, body.in_reply_to]), [
    ["init_ok", 2],
    ["read_ok", 1],
    ["read_ok", 3],
  ]);
});

Deno.test("handlers of a contract omit the reply type, and receive no malformed requests", async () => {
  const added: unknown[] = [];
  const program = defineNode({ serves: contract.gSet }, () => ({
    add: ({ element }) => {
      added.push(element);
      return {};
    },
    read: async () => {
      await settled();
      return { type: "read_ok", value: [1] };
    },
  }));
  const fake = new FakeNode(program);
  assertEquals(await fake.ask({ type: "add", element: 3 }), { type: "add_ok" });
  assertEquals((await fake.ask({ type: "add" }))?.code, ErrorCode.malformedRequest);
  fake.receive({ type: "read", msg_id: 9 });
  await fake.host.advance(0);
  await settled();
  assertEquals(fake.host.sent.at(-1)?.body, { type: "read_ok", value: [1], in_reply_to: 9 });
  assertEquals(added, [3]);
});

Deno.test("a handler for init throws, because the program itself runs at init", () => {
  const start = () => new FakeNode((node) => node.on("init", () => {}));
  assertThrows(start, Error, "a program runs when init arrives");
});

// Nothing below runs: `deno check` fails unless each marked line fails to compile.
function doesNotCompile(node: Node) {
  node.on(contract.broadcast.read, () => ({ messages: [1] }));
  node.on(contract.broadcast.read, () => ({ type: "read_ok", messages: [1] }));
  // @ts-expect-error a misspelt reply type
  node.on(contract.broadcast.read, () => ({ type: "read_okk", messages: [1] }));
  // @ts-expect-error a misspelt reply field
  node.on(contract.broadcast.read, () => ({ message: [1] }));
  // @ts-expect-error a reply field of another type
  node.on(contract.gCounter.read, () => ({ value: "1" }));
  // @ts-expect-error a reply without a field it needs
  node.on(contract.gCounter.read, () => ({}));
  // @ts-expect-error a field that the reply does not have
  node.on(contract.gCounter.add, () => ({ added: 1 }));
  // @ts-expect-error no reply
  node.on(contract.gCounter.add, () => {});
  // @ts-expect-error a promise of a misspelt reply type
  node.on(contract.gCounter.add, () => Promise.resolve({ type: "add_okk" }));
  // @ts-expect-error a misspelt request field
  node.on(contract.gSet.add, ({ elements }) => ({ elements }));
  // @ts-expect-error a request type that the contract does not have
  node.on(contract.gSet.remove, () => ({}));
  // @ts-expect-error a contract's handler is missing
  defineNode({ serves: contract.gSet }, () => ({ read: () => ({ value: [] }) }));
  defineNode({ serves: contract.gSet }, () => ({
    add: () => ({}),
    // @ts-expect-error a misspelt reply field
    read: () => ({ values: [] }),
  }));
  defineNode({ serves: contract.kafka }, () => ({
    // @ts-expect-error an offset that is text
    send: () => ({ offset: "1" }),
    poll: () => ({ msgs: {} }),
    commit_offsets: () => ({}),
    list_committed_offsets: () => ({ offsets: {} }),
  }));
}
assert(typeof doesNotCompile === "function");

Deno.test("defineNode without a contract says what it needs", () => {
  // As a program calls it that runs without a check of its types.
  const untyped = defineNode as unknown as (definition: object, start: () => object) => void;
  for (const serves of [undefined, null]) {
    assertThrows(
      () => untyped({ serves }, () => ({})),
      TypeError,
      "defineNode needs serves, the contract whose requests the node handles, got " + serves,
    );
  }
});
