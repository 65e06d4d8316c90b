import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { casRegister, checkLinearizable, register } from "../../../lib/check/linearizable/mod.ts";
import { buildProblem } from "../../../lib/check/linearizable/problem.ts";
import type { Operation } from "../../../lib/history/mod.ts";
import { parseHistory, parseRegisterHistory } from "../../../lib/testing/mod.ts";
import { registerHistory } from "./register_model.ts";

Deno.test("crashed writes that are all read later take one configuration each", () => {
  for (const count of [20, 100]) {
    const { history, values } = crashedWrites(count);
    const verdict = checkLinearizable(history, casRegister);
    assertEquals(verdict["valid?"], true);
    assert((verdict["visited"] as number) <= count + 1, `${verdict["visited"]} configurations`);
    if (count > 20) continue;
    const again = [...history, ...readOf(values[0], history.length)];
    const invalid = checkLinearizable(again, casRegister);
    assertEquals(invalid["valid?"], false);
    assertEquals((invalid["op"] as Operation).index, again.length - 1);
  }
});

/** Returns crashed writes of distinct values, and reads of all these values in another order. */
function crashedWrites(count: number): { history: Operation[]; values: readonly number[] } {
  const values = new Random("crashed writes").shuffle(Array.from({ length: count }, (_, n) => n));
  const history = (["invoke", "info"] as const).flatMap((type) =>
    Array.from({ length: count }, (_, process) => ({ type, process, f: "write", value: process }))
  ).map((operation, index): Operation => ({ ...operation, index, time: index }));
  for (const value of values) history.push(...readOf(value, history.length));
  return { history, values };
}

function readOf(value: unknown, index: number): Operation[] {
  const read = { process: 1000, f: "read", time: index };
  return [
    { ...read, index, type: "invoke", value: null },
    { ...read, index: index + 1, type: "ok", value },
  ];
}

Deno.test("histories of 40 concurrent clients are decided with few configurations", () => {
  for (let seed = 0; seed < 6; seed++) {
    const options = { operations: 600, clients: 40, values: 5, crashChance: seed % 2 * 0.05 };
    const history = registerHistory(new Random(seed), options);
    const verdict = checkLinearizable(history, casRegister, { maxConfigurations: 60_000 });
    assertEquals(verdict["valid?"], true, `seed ${seed}`);
  }
});

Deno.test("10,000 concurrent operations take memory linear in their number", () => {
  const count = 10_000;
  const operations = (["invoke", "ok"] as const).flatMap((type) =>
    Array.from({ length: count }, (_, process) => ({ type, process, f: "write", value: process }))
  ).map((operation, index): Operation => ({ ...operation, index, time: index }));
  const problem = buildProblem(operations, casRegister);
  assertEquals([problem.operations.length, problem.responses.length], [count, count]);
  assert(!Object.values(problem.responses[0] as object).some(Array.isArray));
});

Deno.test("a search that reaches the configuration limit returns unknown", () => {
  const options = { operations: 300, clients: 12, values: 5, crashChance: 0 };
  const history = registerHistory(new Random("limit"), options);
  const verdict = checkLinearizable(history, casRegister, { maxConfigurations: 20 });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["cause"], "configuration-limit");
  assertEquals((verdict["op"] as Operation).type, "ok");
  assertEquals(checkLinearizable(history, casRegister)["valid?"], true);
});

Deno.test("a search that reaches the time limit returns unknown", () => {
  const options = { operations: 3_000, clients: 20, values: 5, crashChance: 0 };
  const history = registerHistory(new Random("time"), options);
  let reading = 0;
  const now = () => reading += 500;
  const verdict = checkLinearizable(history, casRegister, { now, timeLimitMs: 1 });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["cause"], "time-limit");
  assertEquals(checkLinearizable(history, casRegister, { now })["valid?"], true);
});

/** Histories of 300 operations, and the most configurations that 12 of them may take in all. */
const COSTS: readonly (readonly [clients: number, values: number, crashes: number, max: number])[] =
  [[4, 5, 0, 1750], [12, 5, 0, 3400], [4, 5, 0.1, 1650], [16, 3, 0.05, 1750]];

for (const [clients, values, crashChance, max] of COSTS) {
  Deno.test(`${clients} clients, ${values} values, ${crashChance} crashed: few configurations`, () => {
    let visited = 0;
    for (let seed = 0; seed < 12; seed++) {
      const options = { operations: 300, clients, values, crashChance };
      const verdict = checkLinearizable(
        registerHistory(new Random(`v${seed}`), options),
        casRegister,
      );
      assertEquals(verdict["valid?"], true, `seed ${seed}`);
      visited += verdict["visited"] as number;
    }
    assert(visited <= max, `${visited} configurations`);
  });
}

Deno.test("operations one after another need one slot, concurrent ones a slot each", () => {
  const slots = (text: string) =>
    new Set(buildProblem(parseHistory(text), register).operations.map(({ slot }) => slot)).size;
  const write = (process: number) => `${process} write 1; ${process} ok`;
  assertEquals(slots([0, 1, 2, 0].map(write).join("; ")), 1);
  assertEquals(slots("0 write 1; 1 write 2; 0 ok; 2 write 3; 1 ok; 2 ok"), 2);
});

Deno.test("a search may visit as many configurations as its limit", () => {
  const options = { operations: 100, clients: 6, values: 5, crashChance: 0 };
  const history = registerHistory(new Random("limit"), options);
  const visited = checkLinearizable(history, casRegister)["visited"] as number;
  const validity = (maxConfigurations: number) =>
    checkLinearizable(history, casRegister, { maxConfigurations })["valid?"];
  assertEquals([validity(visited), validity(visited - 1)], [true, "unknown"]);
});

Deno.test("a search without any time left returns unknown", () => {
  const options = { operations: 3_000, clients: 20, values: 5, crashChance: 0 };
  const history = registerHistory(new Random("time"), options);
  const verdict = checkLinearizable(history, casRegister, { now: () => 0, timeLimitMs: 0 });
  assertEquals([verdict["valid?"], verdict["cause"]], ["unknown", "time-limit"]);
});

Deno.test("crashed operations do not multiply the configurations of a valid history", () => {
  const options = { operations: 1_000, clients: 10, values: 5, crashChance: 0.05 };
  const history = registerHistory(new Random("crashes"), options);
  const crashes = history.filter(({ f, type }) => type === "info" && f !== "read").length;
  assert(crashes >= 30, `${crashes} crashes`);
  const verdict = checkLinearizable(history, casRegister);
  assertEquals(verdict["valid?"], true);
  assert((verdict["visited"] as number) < 20_000, `${verdict["visited"]} configurations`);
});

Deno.test("more than 31 concurrent operations take several words of slots", () => {
  const writes = Array.from({ length: 70 }, (_, index) => `${" ".repeat(index)}[w${index % 5}`);
  const drawing = writes.map((line) => line.padEnd(200) + "]").join("\n");
  const history = parseRegisterHistory(`${drawing}\n${" ".repeat(210)}[r4]`);
  assertEquals(checkLinearizable(history, casRegister)["valid?"], true);
  const impossible = parseRegisterHistory(`${drawing}\n${" ".repeat(210)}[r4]  [r3]`);
  assertEquals(checkLinearizable(impossible, casRegister)["valid?"], false);
});
