import { assertEquals, assertMatch } from "std/testing";
import { type Json, type Node, schema } from "../../lib/node/mod.ts";
import { settled } from "../../lib/testing/fake_host.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

/** A node that replies to `slow` when it receives `finish`. */
function slowNode(node: Node) {
  const pending: (() => void)[] = [];
  node.on("slow", async () => {
    await new Promise<void>((resolve) => pending.push(resolve));
    return { type: "slow_ok" };
  });
  node.on("finish", () => pending.splice(0).forEach((resolve) => resolve()));
}

async function repliesAfter(delayMs: number, src: string): Promise<readonly unknown[]> {
  const node = new FakeNode(slowNode);
  node.receive({ type: "slow", msg_id: 7 }, src);
  await node.host.advance(delayMs);
  node.receive({ type: "finish" }, "n2");
  await settled();
  return node.host.sent.map(({ dest, body }) => [dest, body.type, body.code, body.in_reply_to]);
}

/** Sends a client's request, and returns what the node logs within 5 s. */
async function logOf(program: (node: Node) => void, type: string): Promise<string[]> {
  const node = new FakeNode(program);
  node.receive({ type, msg_id: 7 }, "c1");
  await node.host.advance(5000);
  return node.host.logged;
}

Deno.test("a handler that misses its deadline is replaced by a timeout, and its reply is dropped", async () => {
  assertEquals(await repliesAfter(4600, "c1"), [["c1", "error", 0, 7]]);
});

Deno.test("a reply before the deadline is the only one", async () => {
  assertEquals(await repliesAfter(4400, "c1"), [["c1", "slow_ok", undefined, 7]]);
});

Deno.test("requests of nodes have no deadline", async () => {
  assertEquals(await repliesAfter(60_000, "n2"), [["n2", "slow_ok", undefined, 7]]);
});

Deno.test("the log names type and client of a request that missed its deadline", async () => {
  assertEquals(await logOf(slowNode, "slow"), [
    "the handler of 'slow' from c1 did not reply within 4500 ms; replied with error 0 (timeout)",
  ]);
});

Deno.test("the log names type and sender of a request whose handler threw", async () => {
  const [line] = await logOf((node) => {
    node.on("fail", () => {
      throw new Error("planted");
    });
  }, "fail");
  assertMatch(line ?? "", /^the handler of 'fail' from c1 threw: Error: planted\n +at /);
});

Deno.test("the log names type and client of a request whose handler forgot to reply", async () => {
  const expected = [
    "the handler of 'forget' from c1 returned nothing, and sent no reply within 4500 ms",
  ];
  assertEquals(await logOf((node) => node.on("forget", () => {}), "forget"), expected);
  const late = (node: Node) => node.on("forget", () => node.sleep(3000));
  assertEquals(await logOf(late, "forget"), expected);
});

Deno.test("a handler that returns nothing and replies itself is not logged", async () => {
  const inHandler = (node: Node) => {
    node.on("ping", (_body, request) => node.reply(request, { type: "ping_ok" }));
  };
  const later = (node: Node) => {
    node.on("ping", (_body, request) => {
      node.after(1000, () => node.reply(request, { type: "ping_ok" }));
    });
  };
  assertEquals(await logOf(inHandler, "ping"), []);
  assertEquals(await logOf(later, "ping"), []);
});

Deno.test("a message that expects no reply, or comes from a node, needs none", async () => {
  const node = new FakeNode((node) => node.on("note", () => {}));
  node.receive({ type: "note" }, "c1");
  node.receive({ type: "note", msg_id: 1 }, "n2");
  await node.host.advance(60_000);
  assertEquals([node.host.logged, node.host.sent], [[], []]);
});

Deno.test("a peer's message with a value 20,000 levels deep is answered with error 12", () => {
  let deep: Json = 1;
  for (let level = 0; level < 20_000; level++) deep = [deep];
  const forms = [schema.string, schema.json, schema.either(schema.string, schema.natural)];
  for (const form of forms) {
    const node = new FakeNode((node) =>
      node.on("put", { value: form }, () => ({ type: "put_ok" }))
    );
    node.receive({ type: "put", value: deep, msg_id: 1 }, "n2");
    node.receive({ type: "put", value: [{ value: deep }], msg_id: 2 }, "n2");
    node.runtime.receiveLine(
      `{"src":"n2","dest":"n1","body":{"type":"put","msg_id":3,"value":${"[".repeat(20_000)}${
        "]".repeat(20_000)
      }}}`,
    );
    node.receive({ type: "put" }, "n2");
    assertEquals(node.host.sent.map(({ body }) => body.code), [12, 12, 12]);
    assertMatch(
      String(node.host.sent[0]?.body.text),
      /^put\.value (must be .*, got a value that )?nests deeper than the maximum of 1000 levels$/,
    );
  }
});
