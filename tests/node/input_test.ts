import { assertEquals, assertMatch } from "std/testing";
import fc from "fast-check";
import { ErrorCode, type Node, schema } from "../../lib/node/mod.ts";
import { settled } from "../../lib/testing/fake_host.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

/** Counts the words that it receives. */
function counter(node: Node) {
  let count = 0;
  node.on("say", { word: schema.json }, () => {
    return { type: "say_ok", count: ++count };
  });
}

function line(body: unknown, src: unknown = "c1", dest: unknown = "n1"): string {
  return JSON.stringify({ src, dest, body });
}

Deno.test("blank lines are skipped and not logged", () => {
  const node = new FakeNode(counter);
  for (const blank of ["", " ", "\t", "\r", "\u2003"]) node.runtime.receiveLine(blank);
  assertEquals([node.host.logged, node.host.sent], [[], []]);
});

Deno.test("a line that is not JSON is logged and skipped", () => {
  const node = new FakeNode(counter);
  for (const bad of ["hello", "{", '{"src":', "{'a':1}", "\u0000", "nul", '{"a":1}}', "\ufffd"]) {
    node.runtime.receiveLine(bad);
    assertMatch(node.host.logged.splice(0).join(), /^skipped a line of input: ./, bad);
  }
  node.runtime.receiveLine(line({ type: "say", word: 1, msg_id: 1 }));
  assertEquals(node.host.sent.length, 1);
});

Deno.test("JSON that is not a message is logged with its problem, and skipped", () => {
  const node = new FakeNode(counter);
  const cases: [string, RegExp][] = [
    ["1", /must be a JSON object/],
    ["null", /must be a JSON object/],
    ["[]", /must be a JSON object/],
    ['"text"', /must be a JSON object/],
    ["{}", /'src'/],
    [line({ type: "say" }, 1), /'src' must be a string/],
    [line({ type: "say" }, "c1", null), /'dest' must be a string/],
    [line(undefined), /'body'/],
    [line(null), /'body'/],
    [line([]), /'body'/],
    [line({}), /'body.type'/],
    [line({ type: 1 }), /'body.type'/],
    [line({ type: "say", msg_id: "1" }), /'body.msg_id' must be an integer/],
    [line({ type: "say", msg_id: 1.5 }), /'body.msg_id' must be an integer/],
    [line({ type: "say_ok", in_reply_to: {} }), /'body.in_reply_to' must be an integer/],
  ];
  for (const [text, problem] of cases) {
    node.runtime.receiveLine(text);
    assertMatch(node.host.logged.splice(0).join(), problem, text);
  }
  assertEquals(node.host.sent, []);
});

Deno.test("no input makes the runtime throw", () => {
  const node = new FakeNode(counter);
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.record({
      src: fc.oneof(fc.constant("c1"), fc.jsonValue()),
      dest: fc.oneof(fc.constant("n1"), fc.jsonValue()),
      body: fc.oneof(
        fc.jsonValue(),
        fc.record({
          type: fc.oneof(fc.constantFrom("say", "init", "error", "toString"), fc.jsonValue()),
          msg_id: fc.oneof(fc.integer(), fc.jsonValue()),
          in_reply_to: fc.oneof(fc.integer(), fc.jsonValue()),
          word: fc.jsonValue(),
        }, { requiredKeys: [] }),
      ),
    }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      node.runtime.receiveLine(text);
    }),
    { seed: 5, numRuns: 1000 },
  );
  node.receive({ type: "say", word: "still there", msg_id: 1 });
  assertEquals(node.host.sent.at(-1)?.body.type, "say_ok");
});

Deno.test("messages that arrive before init are handled after it, in arrival order", () => {
  const node = new FakeNode(counter, { init: false });
  for (const word of ["a", "b", "c"]) node.receive({ type: "say", word, msg_id: 1 }, "n2");
  assertEquals(node.host.sent, []);
  node.receive({ type: "init", node_id: "n1", node_ids: ["n1"], msg_id: 9 }, "c0");
  assertEquals(
    node.host.sent.map(({ body }) => [body.type, body.count]),
    [["init_ok", undefined], ["say_ok", 1], ["say_ok", 2], ["say_ok", 3]],
  );
});

Deno.test("at most 10,000 messages wait for init, and the others are logged and dropped", () => {
  const node = new FakeNode(counter, { init: false });
  for (let count = 0; count < 10_003; count++) {
    node.receive({ type: "say", word: 0, msg_id: 1 }, "n2");
  }
  assertEquals(node.host.logged, Array(3).fill("dropped a 'say' from n2: 10000 wait for init"));
  node.init();
  node.receive({ type: "say", word: 0, msg_id: 2 });
  assertEquals(node.host.sent.at(-1)?.body.count, 10_001);
});

Deno.test("a program starts at init, with its id and peers", () => {
  const started: unknown[] = [];
  const program = ({ id, nodes, peers }: Node) => started.push([id, nodes, peers]);
  const node = new FakeNode(program, { init: false, id: "n2" });
  assertEquals(started, []);
  node.init();
  assertEquals(started, [["n2", ["n1", "n2", "n3"], ["n1", "n3"]]]);
});

Deno.test("init_ok is sent when the program's promise resolves; a program that throws ends the node", async () => {
  const init = { type: "init", node_id: "n1", node_ids: ["n1"] };
  const slow = new FakeNode((node) => node.sleep(20), { init: false });
  slow.receive({ ...init, msg_id: 4 });
  await slow.host.advance(19);
  assertEquals(slow.host.sent, []);
  await slow.host.advance(1);
  assertEquals(slow.host.sent.map(({ body }) => body), [{ type: "init_ok", in_reply_to: 4 }]);

  const failing = new FakeNode((node) => {
    throw new Error(`no disk at ${node.id}`);
  }, { init: false });
  assertEquals(await failing.ask(init), undefined);
  assertEquals((failing.host.failure as Error).message, "no disk at n1");
});

Deno.test("a second init is acknowledged and changes nothing", async () => {
  let inits = 0;
  const node = new FakeNode((node) => {
    inits++;
    node.on("id", () => ({ type: "id_ok", id: node.id }));
  });
  const again = await node.ask({ type: "init", node_id: "n9", node_ids: [] });
  assertEquals(again, { type: "init_ok" });
  assertEquals(await node.ask({ type: "id" }), { type: "id_ok", id: "n1" });
  assertEquals(inits, 1);
});

Deno.test("a malformed init is refused with 12, and a valid one after it accepted", async () => {
  const node = new FakeNode(counter, { init: false });
  const reply = await node.ask({ type: "init", node_id: 5, node_ids: ["n1"] });
  assertEquals([reply?.type, reply?.code], ["error", ErrorCode.malformedRequest]);
  node.receive({ type: "init", node_id: "n1" });
  await settled();
  assertEquals(node.host.sent.length, 1);
  assertEquals(await node.ask({ type: "init", node_id: "n1", node_ids: [] }), { type: "init_ok" });
});

Deno.test("replies that match no call are dropped and not logged", () => {
  const node = new FakeNode(counter);
  node.receive({ type: "read_ok", value: 1, in_reply_to: 99 }, "lin-kv");
  node.receive({ type: "error", code: 20, text: "", in_reply_to: -1 }, "n2");
  assertEquals([node.host.sent, node.host.logged], [[], []]);
});
