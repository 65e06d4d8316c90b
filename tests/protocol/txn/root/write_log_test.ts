import { assertEquals } from "std/testing";
import type { MicroOperation } from "../../../../lib/protocol/txn/mod.ts";
import { type ApplyWrite, WriteLog } from "../../../../lib/protocol/txn/root/write_log.ts";

const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];
const register: ApplyWrite = (_, value) => value;

Deno.test("transactions in a workspace see earlier writes, and the log does not change", () => {
  const log = new WriteLog(list);
  log.append([["x", 1]]);
  const workspace = log.workspace();
  assertEquals(workspace.run([["r", "x", null], ["append", "x", 2], ["r", "x", null]]), [
    ["r", "x", [1]],
    ["append", "x", 2],
    ["r", "x", [1, 2]],
  ]);
  assertEquals(workspace.run([["r", "x", null], ["r", "y", null]]), [
    ["r", "x", [1, 2]],
    ["r", "y", null],
  ]);
  assertEquals(workspace.writes, [["x", 2]]);
  assertEquals([log.length, log.read("x")], [1, [1]]);
});

Deno.test("prefix returns the log at an earlier length", () => {
  const log = new WriteLog(list);
  for (let write = 0; write < 10; write++) log.append([[write % 2, write]]);
  const earlier = log.prefix(4);
  assertEquals([earlier.length, earlier.read(0), earlier.read(1)], [4, [0, 2], [1, 3]]);
  assertEquals(log.read(0), [0, 2, 4, 6, 8]);
  assertEquals(log.slice(3, 5), [[1, 3], [0, 4]]);
});

Deno.test("null is a value, and later writes do not mutate a list that was read", () => {
  const registers = new WriteLog(register);
  registers.append([["x", 1]]);
  const workspace = registers.workspace();
  const read: MicroOperation = ["r", "x", null];
  assertEquals(workspace.run([["w", "x", null], read]), [["w", "x", null], ["r", "x", null]]);

  const lists = new WriteLog(list);
  lists.append([["x", 1]]);
  const before = lists.read("x");
  lists.append([["x", 2]]);
  assertEquals([before, lists.read("x")], [[1], [1, 2]]);
});
