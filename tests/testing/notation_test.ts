import { assertEquals, assertThrows } from "std/testing";
import {
  parseHistory,
  parseLogHistory,
  parseRegisterHistory,
  parseTransactions,
} from "../../lib/testing/mod.ts";

Deno.test("parseHistory: values, final operations and times", () => {
  const history = parseHistory("0 add 1; 1 read!; 0 ok; 1 ok [1] @90; 2 read; 2 info");
  assertEquals(
    history.map(({ time, type, process, f, value, final }) => [
      time / 1e6,
      type,
      process,
      f,
      value,
      final ?? false,
    ]),
    [
      [1, "invoke", 0, "add", 1, false],
      [2, "invoke", 1, "read", null, true],
      [3, "ok", 0, "add", 1, false],
      [90, "ok", 1, "read", [1], true],
      [91, "invoke", 2, "read", null, false],
      [92, "info", 2, "read", null, false],
    ],
  );
});

Deno.test("parseTransactions: concurrent and sequential transactions and their completions", () => {
  const history = parseTransactions("ax1 ry_ | ax2!; 0: rx1?", "append");
  assertEquals(history.map(({ type, process, value }) => [type, process, value]), [
    ["invoke", 100, [["append", "x", 1], ["r", "y", null]]],
    ["invoke", 101, [["append", "x", 2]]],
    ["ok", 100, [["append", "x", 1], ["r", "y", null]]],
    ["fail", 101, [["append", "x", 2]]],
    ["invoke", 0, [["r", "x", null]]],
    ["info", 0, [["r", "x", null]]],
  ]);
  const registers = parseTransactions("wx12 rx12", "w");
  assertEquals(registers[1]?.value, [["w", "x", 12], ["r", "x", 12]]);
});

const malformed: readonly (readonly [name: string, parse: () => unknown, message: string])[] = [
  ["parseHistory", () => parseHistory("0 add 1; zero read"), 'malformed event "zero read"'],
  ["parseTransactions", () => parseTransactions("ax", "append"), 'malformed micro-operation "ax"'],
  ["parseTransactions", () => parseTransactions("wx1", "append"), "malformed micro-operation"],
  ["parseTransactions", () => parseTransactions("ax1", "w"), "malformed micro-operation"],
  ["parseTransactions", () => parseTransactions("rx[]", "w"), "malformed micro-operation"],
  ["parseTransactions", () => parseTransactions("rx1 ? !", "w"), "malformed transaction"],
  ["parseLogHistory", () => parseLogHistory("0 send k1"), 'malformed entry "k1"'],
  ["parseRegisterHistory", () => parseRegisterHistory("[w1] [x2]"), 'malformed operation "[x2]"'],
];
for (const [name, parse, message] of malformed) {
  Deno.test(`${name} rejects malformed text: ${message}`, () => {
    assertThrows(parse, SyntaxError, message);
  });
}
