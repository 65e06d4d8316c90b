import { assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { checkLinearizableRegisters } from "../../../lib/check/linearizable/mod.ts";
import type { History, Operation } from "../../../lib/history/mod.ts";
import type { Verdict } from "../../../lib/check/mod.ts";
import { registerHistory } from "./register_model.ts";
import { parseRegisterHistory } from "../../../lib/testing/mod.ts";

/** Interleaves the histories of several registers; `broken` keys read a value never written. */
function registers(
  keys: readonly unknown[],
  broken: readonly unknown[],
  operations = 40,
): Operation[] {
  const parts = keys.map((key, index) => {
    const options = { operations, clients: 4, values: 5, crashChance: 0.02 };
    return registerHistory(new Random(index), options).map((operation) => ({
      ...operation,
      process: operation.process as number * keys.length + index,
      value: [
        key,
        broken.includes(key) && operation.f === "read" && operation.type === "ok"
          ? 9
          : operation.value,
      ],
    }));
  });
  const history: Operation[] = [];
  for (let row = 0; parts.some((part) => row < part.length); row++) {
    for (const part of parts) {
      const operation = part[row];
      if (operation !== undefined) history.push({ ...operation, index: history.length });
    }
  }
  return history;
}

Deno.test("each key has its own verdict; failures lists the invalid keys", () => {
  const verdict = checkLinearizableRegisters(registers([10, 9, 2, "a"], [10, "a"]));
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["failures"], [10, "a"]);
  const results = verdict["results"] as Map<unknown, Verdict>;
  assertEquals([...results].map(([key, result]) => [key, result["valid?"]]), [
    [2, true],
    [9, true],
    [10, false],
    ["a", false],
  ]);
  const { op } = results.get(10)?.["linearizable"] as { op: Operation };
  assertEquals([op.f, op.value], ["read", 9]);
});

Deno.test("a history is valid if all its registers are, or if it has none", () => {
  assertEquals(checkLinearizableRegisters(registers([0, 1, 2], []))["valid?"], true);
  assertEquals(checkLinearizableRegisters([]), {
    "valid?": true,
    results: new Map(),
    failures: [],
  });
});

Deno.test("keys share the time limit: a slow key leaves time for the others", () => {
  const writes = Array.from({ length: 30 }, (_, index) => `[w${index % 5}${" ".repeat(40)}]`);
  const hard = parseRegisterHistory(`${writes.join("\n")}\n${" ".repeat(50)}[r7]`);
  const easy = parseRegisterHistory("[w1] [r1]");
  const history = [...keyed(0, hard), ...keyed(1, easy)].map((operation, index) => ({
    ...operation,
    index,
  }));
  let reading = 0;
  const verdict = checkLinearizableRegisters(history, {
    now: () => reading += 1,
    timeLimitMs: 20,
  });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["failures"], []);
  const results = [...(verdict["results"] as Map<unknown, Verdict>).values()];
  assertEquals(results.map((result) => result["valid?"]), ["unknown", true]);
  assertEquals(reading > 5 && reading < 20, true, `the clock was read ${reading} times`);
});

function keyed(key: number, history: History): Operation[] {
  return history.map((operation) => ({
    ...operation,
    process: 100 * key + (operation.process as number),
    value: [key, operation.value],
  }));
}

Deno.test("nemesis operations are ignored", () => {
  const nemesis: Operation = {
    index: 0,
    time: 0,
    type: "info",
    process: "nemesis",
    f: "start-partition",
    value: ["n1", "n2"],
  };
  assertEquals(checkLinearizableRegisters([nemesis])["results"], new Map());
});
