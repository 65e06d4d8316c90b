import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  casRegister,
  checkLinearizable,
  type Model,
  register,
} from "../../../lib/check/linearizable/mod.ts";
import type { Operation } from "../../../lib/history/mod.ts";
import { isLinearizableNaively } from "./order_oracle.ts";
import { registerHistory } from "./register_model.ts";
import { parseHistory, parseRegisterHistory } from "../../../lib/testing/mod.ts";

Deno.test("values of different types or with different members are different", () => {
  const pairs = [[1, "1"], [{ a: 1 }, { a: 2 }], [[1], ["1"]], [[1, 2], "1,2"], [true, "true"]];
  for (const [one, other] of pairs) {
    const valid = (read: unknown) => {
      const calls = [["write", one], ["write", other], ["read", read]] as const;
      const history = calls.flatMap(([f, value], process) =>
        (["invoke", "ok"] as const).map((type) => ({ type, process, f, value }))
      ).map((operation, index): Operation => ({ ...operation, index, time: index }));
      return checkLinearizable(history, register)["valid?"];
    };
    assertEquals([valid(one), valid(structuredClone(other))], [false, true], JSON.stringify(other));
  }
});

const table: readonly [name: string, valid: boolean, drawing: string][] = [
  ["an empty history", true, ""],
  ["a read after a write returns its value", true, "[w1] [r1]"],
  ["a read after a write returns another value", false, "[w1] [r2]"],
  ["a read of the initial value returns nil", true, "[r-] [w1]"],
  ["a read that returns nil, in any state", true, "[w1] [r-]"],
  ["a read before any write returns a value", false, "[r1] [w1]"],
  [
    "reads concurrent with a write return the old value, then the new",
    true,
    `
    [w1] [w2          ]
           [r1] [r2]`,
  ],
  [
    "reads of one client return the new value, then the old",
    false,
    `
    [w1] [w2          ]
           [r2] [r1]`,
  ],
  [
    "reads of two clients return the new value, then the old, during the write",
    false,
    `
    [w1] [w2          ]
           [r2]
                [r1]`,
  ],
  [
    "concurrent reads return the old and the new value in either order",
    true,
    `
    [w1] [w2         ]
           [r2    ]
             [r1    ]`,
  ],
  ["a compare-and-set whose expected value matches", true, "[w1] [c12] [r2]"],
  ["a compare-and-set whose expected value cannot match", false, "[w1] [c22] [r2]"],
  ["a compare-and-set that expects the initial nil", true, "[c-1] [r1]"],
  [
    "two compare-and-sets that expect the same value",
    false,
    `
    [w1] [c12  ]
          [c13  ]`,
  ],
  [
    "two compare-and-sets, the second of which expects the result of the first",
    true,
    `
    [w1] [c12  ] [r3]
          [c23  ]`,
  ],
  ["a failed write is read", false, "[w1] [w2! [r2]"],
  ["a failed write is not read", true, "[w1] [w2! [r1]"],
  ["a crashed write is never read", true, "[w1] [w2? [r1] [r1]"],
  ["a crashed write is read later", true, "[w1] [w2? [r1] [r1] [r2] [r2]"],
  ["a crashed write is read, then the old value", false, "[w1] [w2? [r1] [r2] [r1]"],
  ["a crashed write is read before its invocation", false, "[w1] [r2] [w2?"],
  ["a crashed write is read before and after another write", false, "[w2? [w1] [r2] [w3] [r2]"],
  [
    "two crashed writes of the same value",
    true,
    `
    [w2? [w1] [r2] [w3] [r2]
    [w2?`,
  ],
  ["a crashed compare-and-set takes effect", true, "[w1] [c12? [r1] [r2]"],
  ["a crashed compare-and-set takes effect without a match", false, "[w1] [c32? [r2]"],
  [
    "a crashed compare-and-set after a crashed write",
    true,
    `
    [w1] [c32? [r1] [r2]
       [w3?`,
  ],
  ["a crashed read is ignored", true, "[w1] [r2? [r1]"],
];

for (const [name, valid, drawing] of table) {
  Deno.test(`${name}: ${valid ? "linearizable" : "not linearizable"}`, () => {
    const history = parseRegisterHistory(drawing);
    assertEquals(checkLinearizable(history, casRegister)["valid?"], valid);
    assertEquals(isLinearizableNaively(history), valid, "the oracle disagrees");
  });
}

Deno.test("an invalid verdict names the failing operation and the longest partial linearization", () => {
  const history = parseRegisterHistory(`
    [w1] [w2     ]      [w4]
            [r2]  [r1]  `);
  const verdict = checkLinearizable(history, casRegister);
  const found = (f: string, value: number) =>
    history.find((operation) =>
      operation.f === f && operation.value === value && operation.type === "ok"
    );
  assertEquals(verdict["op"], found("read", 1));
  assertEquals(verdict["last-op"], found("read", 2));
  assertEquals(verdict["previous-ok"], found("write", 2));
  const prefix = (verdict["linearization"] as number[]).map((index) => history[index]);
  assertEquals(prefix.map((operation) => [operation?.type, operation?.f, operation?.value]), [
    ["invoke", "write", 1],
    ["invoke", "write", 2],
    ["invoke", "read", null],
  ]);
  const [config] = verdict["configs"] as [Record<string, unknown>];
  assertEquals(config["model"], { value: 2 });
  assertEquals((config["pending"] as Operation[]).map(({ value }) => value), [1]);
  assertStringIncludes(
    verdict["message"] as string,
    "(read of process 1), value 1 cannot be linearized: after the longest partial linearization",
  );
  assertStringIncludes(verdict["message"] as string, "the register holds 2, not 1");
});

Deno.test("histories of a correct register are valid", () => {
  for (let seed = 0; seed < 40; seed++) {
    const options = { operations: 300, clients: 2 + seed % 20, values: 5, crashChance: 0.03 };
    const history = registerHistory(new Random(seed), options);
    assertEquals(checkLinearizable(history, casRegister)["valid?"], true, `seed ${seed}`);
  }
});

Deno.test("a read of a value that was never written is found among many crashed operations", () => {
  for (let seed = 0; seed < 25; seed++) {
    const random = new Random(seed);
    const options = { operations: 600, clients: 8, values: 5, crashChance: 0.02 + seed % 3 * 0.08 };
    const history = registerHistory(random, options);
    const reads = history.filter(({ f, type }) => f === "read" && type === "ok");
    const { index } = reads[Math.floor(reads.length * 0.8)] as Operation;
    history[index] = { ...(history[index] as Operation), value: 7 };
    const verdict = checkLinearizable(history, casRegister);
    assertEquals(verdict["valid?"], false, `seed ${seed}`);
    assertEquals((verdict["op"] as Operation).index, index, `seed ${seed}`);
  }
});

Deno.test("a value that no earlier operation yields is invalid without a search", () => {
  const writes = Array.from({ length: 40 }, (_, index) => `[w${index % 5}${" ".repeat(60)}]`);
  const history = parseRegisterHistory(`${writes.join("\n")}\n${" ".repeat(9)}[r3]`).map(
    (operation) =>
      operation.f === "read" && operation.type === "ok" ? { ...operation, value: "3" } : operation,
  );
  const verdict = checkLinearizable(history, casRegister, { maxConfigurations: 100 });
  assertEquals(verdict["valid?"], false);
  assertEquals((verdict["op"] as Operation).value, "3");
  assertStringIncludes(
    verdict["message"] as string,
    'no operation invoked before it yields "3" (string; 3 is a number)',
  );
});

Deno.test("a value is unreachable before the first invocation that yields it", () => {
  for (const [drawing, index] of [["[r1] [w1]", 1], ["[c12] [w1]", 1], ["[w1] [c32] [r1]", 3]]) {
    const verdict = checkLinearizable(parseRegisterHistory(drawing as string), casRegister);
    assertEquals(verdict["valid?"], false);
    assertEquals((verdict["op"] as Operation).index, index);
    assertStringIncludes(verdict["message"] as string, "no operation invoked before it yields");
  }
});

Deno.test("an unreachable compare-and-set is explained by the value that it expects", () => {
  const verdict = checkLinearizable(parseRegisterHistory("[w1] [c34]"), casRegister);
  assertStringIncludes(verdict["message"] as string, "no operation invoked before it yields 3");
});

Deno.test("an earlier violation is reported before a value that no operation yields", () => {
  const verdict = checkLinearizable(parseRegisterHistory("[w1] [w2] [r1] [r7]"), casRegister);
  assertEquals((verdict["op"] as Operation).value, 1);
});

Deno.test("a register accepts a read of nil in its initial state only; casRegister in each", () => {
  const stale = parseRegisterHistory("[w1] [r-]");
  assertEquals(checkLinearizable(stale, register)["valid?"], false);
  assertEquals(checkLinearizable(stale, casRegister)["valid?"], true);
  assertEquals(checkLinearizable(parseRegisterHistory("[r-] [w1]"), register)["valid?"], true);
  assertEquals(checkLinearizable(parseRegisterHistory("[w-] [r-]"), register)["valid?"], true);
});

Deno.test("crashed compare-and-sets, of which any subset may have taken effect, hide no violation", () => {
  const crashed = Array.from({ length: 8 }, (_, value) => [[0, value + 1], [value + 1, 0]]).flat()
    .map((pair, process) => `${process} cas ${JSON.stringify(pair)}; ${process} info; `);
  const serial = ["write 50", "write 51", "read 50"].map((step) => {
    const [f, value] = step.split(" ");
    return `90 ${f}${f === "read" ? "" : ` ${value}`}; 90 ok ${value}`;
  });
  const history = parseHistory(`90 write 0; 90 ok 0; ${crashed.join("")}${serial.join("; ")}`);
  const verdict = checkLinearizable(history, register, { maxConfigurations: 20_000 });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["op"], history.at(-1));
});

Deno.test("the checker accepts any model, such as a queue", () => {
  const queue: Model<readonly unknown[]> = {
    name: "queue",
    init: () => [],
    step: (items, { f, value }) => {
      if (f === "enqueue") return [...items, value];
      return items[0] === value ? items.slice(1) : undefined;
    },
    hash: (items) => JSON.stringify(items),
    isReadOnly: () => false,
    describeState: (items) => ({ items }),
    inconsistency: (items) => `the first of ${items.length} items is ${items[0]}`,
  };
  const run = (...steps: [type: "invoke" | "ok", process: number, f: string, value: unknown][]) =>
    steps.map(([type, process, f, value], index) => ({
      index,
      time: index,
      type,
      process,
      f,
      value,
    }));
  const history = (first: number, second: number) =>
    run(
      ["invoke", 0, "enqueue", 1],
      ["invoke", 1, "enqueue", 2],
      ["ok", 1, "enqueue", 2],
      ["ok", 0, "enqueue", 1],
      ["invoke", 0, "dequeue", null],
      ["ok", 0, "dequeue", first],
      ["invoke", 1, "dequeue", null],
      ["ok", 1, "dequeue", second],
    );
  assertEquals(checkLinearizable(history(1, 2), queue)["valid?"], true);
  assertEquals(checkLinearizable(history(2, 1), queue)["valid?"], true);
  assertEquals(checkLinearizable(history(1, 1), queue)["valid?"], false);
});

Deno.test("a register throws for an unknown function", () => {
  const history = parseRegisterHistory("[w1]").map((operation) => ({ ...operation, f: "append" }));
  assertThrows(() => checkLinearizable(history, casRegister), TypeError, "append");
});

Deno.test("a compare-and-set without a pair of values is rejected", () => {
  for (const value of [1, null, [1], [1, 2, 3], "ab"]) {
    const history = parseRegisterHistory("[c12]").map((operation) => ({ ...operation, value }));
    assertThrows(
      () => checkLinearizable(history, casRegister),
      TypeError,
      `the value of a cas must be a pair [from, to], got ${JSON.stringify(value)}`,
    );
  }
});

Deno.test("a register compares objects and lists by their content", () => {
  const values: readonly (readonly [written: unknown, read: unknown, isValid: boolean])[] = [
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [[1, 2], [1, 2], true],
    [[1, 2], [2, 1], false],
    [{ a: 1 }, 1, false],
    ["[1]", [1], false],
    [{}, null, false],
  ];
  for (const [written, read, isValid] of values) {
    const history = parseRegisterHistory("[w1] [r1]").map((operation) => ({
      ...operation,
      value: operation.f === "write" ? written : operation.type === "ok" ? read : null,
    }));
    assertEquals(checkLinearizable(history, register)["valid?"], isValid, JSON.stringify(read));
  }
});

Deno.test("an invalid verdict shows at most 10 configurations, each with its pending operations", () => {
  // The last read comes after any subset and order of the other writes, but 1 is written once.
  const writes = Array.from({ length: 5 }, (_, process) => `${process} write ${process}`);
  const text = `${writes.join("; ")}; 9 read; 9 ok 1; 9 read; 9 ok 0; 9 read; 9 ok 1; ` +
    writes.map((_, process) => `${process} ok`).join("; ");
  const verdict = checkLinearizable(parseHistory(text), casRegister);
  assertEquals(verdict["valid?"], false);
  const configs = verdict["configs"] as { model: { value: number }; pending: Operation[] }[];
  assertEquals(configs.length, 10);
  for (const { model, pending } of configs) {
    const values = pending.map(({ value }) => value);
    assertEquals(values.at(-1), 1);
    assert(!values.slice(0, -1).includes(model.value), `${values} pend after ${model.value}`);
  }
});

Deno.test("final-paths end with the operation that contradicts the state before", () => {
  const history = parseRegisterHistory("[w1] [w2] [r1]");
  const verdict = checkLinearizable(history, casRegister);
  assertEquals(verdict["final-paths"], [[
    { op: history[3], model: { value: 2 } },
    { op: history[5], model: { msg: "the register holds 2, not 1" } },
  ]]);
  const first = checkLinearizable(parseRegisterHistory("[r1]"), register);
  const [[step]] = first["final-paths"] as [[{ model: unknown }]];
  assertEquals(step.model, { msg: "the register holds null, not 1" });
});

Deno.test("an invalid verdict shows the configurations after the longest partial linearizations only", () => {
  const verdict = checkLinearizable(parseRegisterHistory("[w1] [w2] [w3] [r1]"), casRegister);
  assertEquals(verdict["valid?"], false);
  const configs = verdict["configs"] as { model: unknown }[];
  assertEquals(configs.map(({ model }) => model), [{ value: 3 }]);
});

Deno.test("a register explains each result that contradicts its value", () => {
  const explain = (f: string, value: unknown) => register.inconsistency(1, { f, value });
  assertEquals(explain("read", 2), "the register holds 1, not 2");
  assertEquals(explain("cas", [2, 3]), "the register holds 1, but the compare-and-set expected 2");
  assertEquals(
    explain("failed-cas", [1, 3]),
    "the register holds 1, so the compare-and-set succeeds",
  );
});
