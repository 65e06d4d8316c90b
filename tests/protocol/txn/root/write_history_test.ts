import { assertEquals } from "std/testing";
import type { MicroOperation } from "../../../../lib/protocol/txn/mod.ts";
import { type ApplyWrite, WriteHistory } from "../../../../lib/protocol/txn/root/write_history.ts";

const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];
const register: ApplyWrite = (_, value) => value;

Deno.test("transactions of a draft see each other's writes, and the history is none the wiser", () => {
  const history = new WriteHistory(list);
  history.append([["x", 1]]);
  const draft = history.draft();
  assertEquals(draft.run([["r", "x", null], ["append", "x", 2], ["r", "x", null]]), [
    ["r", "x", [1]],
    ["append", "x", 2],
    ["r", "x", [1, 2]],
  ]);
  assertEquals(draft.run([["r", "x", null], ["r", "y", null]]), [["r", "x", [1, 2]], [
    "r",
    "y",
    null,
  ]]);
  assertEquals(draft.writes, [["x", 2]]);
  assertEquals([history.length, history.read("x")], [1, [1]]);
});

Deno.test("an earlier state can be had again", () => {
  const history = new WriteHistory(list);
  for (let write = 0; write < 10; write++) history.append([[write % 2, write]]);
  const earlier = history.upTo(4);
  assertEquals([earlier.length, earlier.read(0), earlier.read(1)], [4, [0, 2], [1, 3]]);
  assertEquals(history.read(0), [0, 2, 4, 6, 8]);
  assertEquals(history.slice(3, 5), [[1, 3], [0, 4]]);
});

Deno.test("null is a value, and a list that was handed out does not change any more", () => {
  const registers = new WriteHistory(register);
  registers.append([["x", 1]]);
  const draft = registers.draft();
  const read: MicroOperation = ["r", "x", null];
  assertEquals(draft.run([["w", "x", null], read]), [["w", "x", null], ["r", "x", null]]);

  const lists = new WriteHistory(list);
  lists.append([["x", 1]]);
  const seen = lists.read("x");
  lists.append([["x", 2]]);
  assertEquals([seen, lists.read("x")], [[1], [1, 2]]);
});
