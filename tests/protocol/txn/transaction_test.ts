import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { type Json, Random } from "../../../lib/base/mod.ts";
import { RpcError } from "../../../lib/node/mod.ts";
import {
  type ApplyWrite,
  checkDepth,
  type MicroOperation,
  overwrite,
  serveTransactions,
  State,
  type Transact,
  type Transaction,
} from "../../../lib/protocol/txn/transaction.ts";
import { createServices } from "../../../lib/service/mod.ts";
import txnListAppend from "../../../nodes/txn_list_append.ts";
import txnRwRegister from "../../../nodes/txn_rw_register.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";

/** Returns a value that nests the given number of levels deep. */
function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

Deno.test("checkDepth rejects keys and values that nest deeper than 500 levels", () => {
  const valid: Transaction = [["w", nested(500), 1], ["r", 1, nested(500)], ["w", 1, null]];
  checkDepth(valid);
  const tooDeep: Transaction = [
    ["w", nested(501), 1],
    ["w", 1, nested(501)],
    ["r", nested(9000), null],
  ];
  for (const operation of tooDeep) {
    const error = assertThrows(() => checkDepth([...valid, operation]), RpcError);
    assertEquals(error.code, 12);
    assertStringIncludes(error.message, "txn[3] has a key or a value that nests deeper than 500");
  }
});

const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];
const register: ApplyWrite = (_, value) => value;
const read = (key: Json): MicroOperation => ["r", key, null];

Deno.test("transactions in a fork see earlier writes, and the state does not change", () => {
  const state = new State(list);
  state.append([["x", 1]]);
  const fork = state.fork();
  assertEquals(fork.run([read("x"), ["append", "x", 2], read("x")]), [
    ["r", "x", [1]],
    ["append", "x", 2],
    ["r", "x", [1, 2]],
  ]);
  assertEquals(fork.run([read("x"), read("y")]), [["r", "x", [1, 2]], ["r", "y", null]]);
  assertEquals(fork.writes, [["x", 2]]);
  assertEquals([state.writes.length, state.run([read("x")])], [1, [["r", "x", [1]]]]);
});

Deno.test("null is a value, and later writes do not mutate a list that was read", () => {
  const registers = new State(register);
  registers.append([["x", 1]]);
  const fork = registers.fork();
  assertEquals(fork.run([["w", "x", null], read("x")]), [["w", "x", null], ["r", "x", null]]);

  const lists = new State(list);
  lists.append([["x", 1]]);
  const before = lists.run([read("x")]);
  lists.append([["x", 2]]);
  assertEquals([before, lists.run([read("x")])], [[["r", "x", [1]]], [["r", "x", [1, 2]]]]);
});

Deno.test("a list-append node replies with an error rather than a read of no list", async () => {
  const transact: Transact = (transaction) => new State(overwrite).run(transaction);
  const node = new FakeNode((node) => serveTransactions(node, "append", transact));
  const reply = await node.ask({ type: "txn", txn: [["append", "x", 5], ["r", "x", null]] });
  assertEquals(reply, { type: "error", code: 13, text: "a key must hold a list or null, got 5" });
});

const PROGRAMS = [
  { program: txnListAppend, write: "append", strategy: "root", value: [5] },
  { program: txnRwRegister, write: "w", strategy: "lin-kv", value: 5 },
  { program: txnRwRegister, write: "w", strategy: "causal", value: 5 },
  { program: txnRwRegister, write: "w", strategy: "read-committed", value: 5 },
];

for (const { program, write, strategy, value } of PROGRAMS) {
  Deno.test(`${strategy} of ${write}: a transaction that nests too deep fails no other transaction`, async () => {
    const services = createServices(new Random(1));
    const node = new FakeNode(program, {
      nodes: ["n1"],
      args: ["--strategy", strategy],
      answer: (message) => services.get(message.dest)?.handle(message),
    });
    const deep = nested(900);
    const transactions: Json[] = [
      [[write, 1, 5], ["r", 1, null]],
      [["r", 2, null], [write, deep, 1]],
      [[write, 2, 1], ["r", deep, null]],
      [[write, 2, deep]],
      [["r", 2, null]],
    ];
    transactions.forEach((txn, msg_id) => node.receive({ type: "txn", txn, msg_id }, `c${msg_id}`));
    await node.host.advance(100);
    const replies = node.host.takeSent().map(({ body }) => body).filter(({ type }) =>
      type === "txn_ok" || type === "error"
    ).sort((one, other) => Number(one.in_reply_to) - Number(other.in_reply_to));
    assertEquals(replies.map(({ code }) => code), [undefined, 12, 12, 12, undefined]);
    assertEquals(replies[0]?.txn, [[write, 1, 5], ["r", 1, value]]);
    assertEquals(replies[4]?.txn, [["r", 2, null]]);
    assertStringIncludes(String(replies[1]?.text), "txn[1]");
    assertStringIncludes(String(replies[3]?.text), "txn[0]");
  });
}
