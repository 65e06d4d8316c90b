import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "std/testing";
import { nestsDeeperThan } from "../../lib/base/mod.ts";
import { type Body, ErrorCode, type Node, RpcError, schema } from "../../lib/node/mod.ts";
import broadcast from "../../nodes/broadcast.ts";
import { settled } from "../../lib/testing/fake_host.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

function echo(node: Node) {
  node.on("echo", ({ echo }) => ({ type: "echo_ok", echo: echo ?? null }));
}

const echoRequest = { type: "echo", echo: "hello" };
const echoReply = { type: "echo_ok", echo: "hello" };

Deno.test("a handler's result is sent to the requester, with the request's id", () => {
  const node = new FakeNode(echo);
  node.receive({ ...echoRequest, msg_id: 7 }, "c3");
  assertEquals(node.host.sent, [
    { src: "n1", dest: "c3", body: { ...echoReply, in_reply_to: 7 } },
  ]);
});

Deno.test("a promise's result is sent when it resolves, in any order with other replies", async () => {
  const node = new FakeNode((node) => {
    echo(node);
    node.on("slow", async () => {
      await node.sleep(50);
      return { type: "slow_ok" };
    });
  });
  node.receive({ type: "slow", msg_id: 1 });
  node.receive({ ...echoRequest, msg_id: 2 });
  await node.host.advance(49);
  assertEquals(node.host.sent.map(({ body }) => body.in_reply_to), [2]);
  await node.host.advance(1);
  assertEquals(node.host.sent.map(({ body }) => body.in_reply_to), [2, 1]);
});

Deno.test("a message that expects no reply gets none, and a handler may return nothing", async () => {
  const node = new FakeNode((node) => {
    echo(node);
    node.on("gossip", () => {});
    node.on("later", () => Promise.resolve());
  });
  node.receive(echoRequest);
  assertEquals(await node.ask({ type: "gossip" }), undefined);
  assertEquals(await node.ask({ type: "later" }), undefined);
  assertEquals(node.host.sent, []);
  assertEquals(node.host.logged, []);
});

Deno.test("a handler may call reply itself, more than once and later", async () => {
  const node = new FakeNode((node) => {
    node.on("twice", (_body, message) => {
      node.reply(message, { type: "twice_ok", n: 1 });
      node.after(10, () => node.reply(message, { type: "twice_ok", n: 2 }));
    });
  });
  node.receive({ type: "twice", msg_id: 5 });
  await node.host.advance(10);
  assertEquals(node.host.sent.map(({ body }) => [body.n, body.in_reply_to]), [[1, 5], [2, 5]]);
});

Deno.test("a request of an unknown type is answered with error 10", async () => {
  const node = new FakeNode(echo);
  const reply = await node.ask({ type: "fly" });
  assertEquals([reply?.type, reply?.code], ["error", ErrorCode.notSupported]);
  assertStringIncludes(String(reply?.text), "'fly'");
});

Deno.test("a type named like a property of all objects is unknown, too", async () => {
  const node = new FakeNode(echo);
  for (const type of ["__proto__", "constructor", "toString", ""]) {
    assertEquals((await node.ask({ type }))?.code, ErrorCode.notSupported, type);
  }
});

Deno.test("an unknown type that expects no reply is logged", () => {
  const node = new FakeNode(echo);
  node.receive({ type: "fly" }, "n2");
  assertEquals(node.host.sent, []);
  assertMatch(node.host.logged.join("\n"), /'fly' from n2.*not-supported/);
});

Deno.test("a thrown error is answered with 13, and its stack logged", async () => {
  const node = new FakeNode((node) => {
    node.on("throws", () => {
      throw new TypeError("planted");
    });
    node.on("rejects", () => Promise.reject(new TypeError("planted")));
    node.on("rejects with a string", () => Promise.reject("planted"));
  });
  for (const type of ["throws", "rejects", "rejects with a string"]) {
    const reply = await node.ask({ type });
    assertEquals(reply, { type: "error", code: ErrorCode.crash, text: "planted" }, type);
    assertStringIncludes(
      node.host.logged.splice(0).join("\n"),
      `the handler of '${type}' from c1 threw`,
    );
  }
});

Deno.test("a thrown RpcError is answered with its code, and not logged", async () => {
  const node = new FakeNode((node) => {
    node.on("throws", () => {
      throw new RpcError(ErrorCode.txnConflict, "try again");
    });
    node.on("rejects", () => Promise.reject(new RpcError(1234, "my own")));
  });
  const conflict = { type: "error", code: 30, text: "try again" };
  assertEquals(await node.ask({ type: "throws" }), conflict);
  assertEquals(await node.ask({ type: "rejects" }), { type: "error", code: 1234, text: "my own" });
  assertEquals(node.host.logged, []);
});

Deno.test("a reply that is not JSON is replaced by error 13", async () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const node = new FakeNode((node) => {
    node.on("circular", () => ({ type: "circular_ok", circular } as Body));
  });
  assertEquals((await node.ask({ type: "circular" }))?.code, ErrorCode.crash);
});

Deno.test("a request without a required field is answered with 12", async () => {
  const node = new FakeNode((node) => {
    node.on("add", { delta: schema.integer }, ({ delta }) => ({ type: "add_ok", sum: delta + 1 }));
  });
  assertEquals(await node.ask({ type: "add", delta: 2 }), { type: "add_ok", sum: 3 });
  for (const body of [{ type: "add" }, { type: "add", delta: "2" }, { type: "add", delta: null }]) {
    const reply = await node.ask(body);
    assertEquals([reply?.type, reply?.code], ["error", ErrorCode.malformedRequest]);
    assertStringIncludes(String(reply?.text), "add.delta must be an integer");
  }
});

/** Sends a broadcast of a value, given as JSON text; returns the reply's code or type. */
function replyTo(node: FakeNode, value: string, src = "c1"): unknown {
  const fields = `"type":"broadcast","msg_id":7,"message":${value}`;
  node.runtime.receiveLine(`{"src":"${src}","dest":"n1","body":{${fields}}}`);
  const reply = node.host.takeSent().find(({ dest }) => dest === src)?.body;
  return reply?.code ?? reply?.type;
}

Deno.test("a client's nested value is either accepted everywhere or refused with 12", async () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const node = new FakeNode(broadcast);
  // The message and its body add two levels.
  assertEquals(replyTo(node, nested(498)), "broadcast_ok");
  for (const depth of [499, 2500, 4000, 100_000]) {
    assertEquals(replyTo(node, nested(depth)), 12, `${depth}`);
  }
  assertEquals(replyTo(node, nested(4000), "n2"), 12, "from a peer");
  const read = JSON.stringify(await node.ask({ type: "read" }));
  assert(!nestsDeeperThan(read, 501) && nestsDeeperThan(read, 499));
  const early = new FakeNode(broadcast, { init: false });
  assertEquals(replyTo(early, nested(600)), undefined);
  assert(early.host.logged.join().includes("may nest at most 500 levels deep"));
});

Deno.test("a number that JSON cannot forward is refused with 12, and changes nothing", async () => {
  const node = new FakeNode(broadcast);
  for (const value of ["1e400", "-1e400", '[{"a":1e999}]']) assertEquals(replyTo(node, value), 12);
  assertEquals(replyTo(node, "1e300"), "broadcast_ok");
  assertEquals(await node.ask({ type: "read" }), { type: "read_ok", messages: [1e300] });
});

Deno.test("a second handler of a type throws", () => {
  const twice = (node: Node) => {
    echo(node);
    echo(node);
  };
  assertThrows(() => new FakeNode(twice), Error, "'echo' has a handler already");
});

Deno.test("concurrent handlers do not delay each other, and their replies match their requests", async () => {
  const node = new FakeNode((node) => {
    node.on("wait", { ms: schema.number }, async ({ ms }) => {
      await node.sleep(ms);
      return { type: "wait_ok", ms };
    });
  });
  for (const [index, ms] of [30, 10, 20].entries()) {
    node.receive({ type: "wait", ms, msg_id: index });
  }
  await node.host.advance(30);
  assertEquals(node.host.sent.map(({ body }) => [body.in_reply_to, body.ms]), [
    [1, 10],
    [2, 20],
    [0, 30],
  ]);
});

Deno.test("finish waits for running handlers", async () => {
  const node = new FakeNode((node) => {
    node.on("wait", async () => {
      await node.sleep(100);
      return { type: "wait_ok" };
    });
  });
  await node.runtime.finish();
  node.receive({ type: "wait", msg_id: 1 });
  let finished = false;
  const finish = node.runtime.finish().then(() => finished = true);
  await node.host.advance(99);
  assertEquals(finished, false);
  await node.host.advance(1);
  await finish;
  assertEquals(node.host.sent.length, 1);
});

Deno.test("the end of input ends outstanding calls, and so their handlers", async () => {
  const node = new FakeNode((node) => {
    node.on("call", async () => ({ ...await node.rpc("n2", { type: "never" }), type: "call_ok" }));
  });
  node.receive({ type: "call", msg_id: 1 });
  await settled();
  await node.runtime.finish();
  const reply = node.host.sent.at(-1)?.body;
  assertEquals([reply?.code, reply?.in_reply_to], [ErrorCode.timeout, 1]);
});
