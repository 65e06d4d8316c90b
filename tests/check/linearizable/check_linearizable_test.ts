import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { casRegister, checkLinearizable, type Model } from "../../../lib/check/linearizable/mod.ts";
import type { History, Operation } from "../../../lib/history/mod.ts";
import { isLinearizableNaively } from "./permutation_oracle.ts";
import { registerHistory } from "./register_model.ts";
import { parseRegisterHistory } from "./register_notation.ts";

const table: readonly [name: string, valid: boolean, drawing: string][] = [
  ["nothing at all", true, ""],
  ["a read after a write sees it", true, "[w1] [r1]"],
  ["a read after a write sees another value", false, "[w1] [r2]"],
  ["a register that holds nothing is read", true, "[r-] [w1]"],
  ["a read that sees nothing is accepted, whatever is held", true, "[w1] [r-]"],
  ["a read before any write sees a value", false, "[r1] [w1]"],
  [
    "a read that overlaps a write sees the old value or the new",
    true,
    `
    [w1] [w2          ]
           [r1] [r2]`,
  ],
  [
    "the old value after the new",
    false,
    `
    [w1] [w2          ]
           [r2] [r1]`,
  ],
  [
    "the old value after the new, by another client, while the write goes on",
    false,
    `
    [w1] [w2          ]
           [r2]
                [r1]`,
  ],
  [
    "overlapping reads see old and new in either order",
    true,
    `
    [w1] [w2         ]
           [r2    ]
             [r1    ]`,
  ],
  ["a compare-and-set that finds its value", true, "[w1] [c12] [r2]"],
  ["a compare-and-set that could not have found its value", false, "[w1] [c22] [r2]"],
  ["a compare-and-set of nothing, at first", true, "[c-1] [r1]"],
  [
    "two compare-and-sets of one value",
    false,
    `
    [w1] [c12  ]
          [c13  ]`,
  ],
  [
    "two compare-and-sets, one after the other",
    true,
    `
    [w1] [c12  ] [r3]
          [c23  ]`,
  ],
  ["a failed write is seen", false, "[w1] [w2! [r2]"],
  ["a failed write is not seen", true, "[w1] [w2! [r1]"],
  ["a crashed write is never seen", true, "[w1] [w2? [r1] [r1]"],
  ["a crashed write is seen later", true, "[w1] [w2? [r1] [r1] [r2] [r2]"],
  ["a crashed write is seen and then not", false, "[w1] [w2? [r1] [r2] [r1]"],
  ["a crashed write is seen before it was invoked", false, "[w1] [r2] [w2?"],
  ["one crashed write is seen twice, with another between", false, "[w2? [w1] [r2] [w3] [r2]"],
  [
    "two crashed writes of the same value",
    true,
    `
    [w2? [w1] [r2] [w3] [r2]
    [w2?`,
  ],
  ["a crashed compare-and-set takes effect", true, "[w1] [c12? [r1] [r2]"],
  ["a crashed compare-and-set takes effect without its value", false, "[w1] [c32? [r2]"],
  [
    "a crashed compare-and-set after a crashed write",
    true,
    `
    [w1] [c32? [r1] [r2]
       [w3?`,
  ],
  ["a crashed read says nothing", true, "[w1] [r2? [r1]"],
];

for (const [name, valid, drawing] of table) {
  Deno.test(`${name}: ${valid ? "linearizable" : "not linearizable"}`, () => {
    const history = parseRegisterHistory(drawing);
    assertEquals(checkLinearizable(history, casRegister)["valid?"], valid);
    assertEquals(isLinearizableNaively(history), valid, "the oracle disagrees");
  });
}

Deno.test("a failure names the operation that cannot be placed and the longest way to it", () => {
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
  const placed = (verdict["linearization"] as number[]).map((index) => history[index]);
  assertEquals(placed.map((operation) => [operation?.type, operation?.f, operation?.value]), [
    ["invoke", "write", 1],
    ["invoke", "write", 2],
    ["invoke", "read", null],
  ]);
  const [config] = verdict["configs"] as [Record<string, unknown>];
  assertEquals(config["model"], { value: 2 });
  assertEquals((config["pending"] as Operation[]).map(({ value }) => value), [1]);
  assertStringIncludes(
    verdict["message"] as string,
    "(read of process 1), value 1 cannot be placed: after the longest partial linearization",
  );
  assertStringIncludes(verdict["message"] as string, "the register holds 2, not 1");
});

Deno.test("small histories are judged as by trying all orders", () => {
  const seen = { true: 0, false: 0 };
  for (let seed = 0; seed < 600; seed++) {
    const random = new Random(seed);
    const options = { operations: 6, clients: 3, values: 2, crashChance: 0.15 };
    const history = corrupted(registerHistory(random, options), random, seed % 3);
    const valid = isLinearizableNaively(history);
    assertEquals(checkLinearizable(history, casRegister)["valid?"], valid, `seed ${seed}`);
    seen[`${valid}`]++;
  }
  assert(seen.true > 100 && seen.false > 100, JSON.stringify(seen));
});

/** Some values that reads saw replaced. */
function corrupted(history: History, random: Random, times: number): Operation[] {
  const copy = [...history];
  const reads = copy.filter(({ f, type }) => f === "read" && type === "ok");
  for (let time = 0; time < times && reads.length > 0; time++) {
    const { index } = random.pick(reads);
    copy[index] = { ...(copy[index] as Operation), value: random.integer(3) };
  }
  return copy;
}

Deno.test("the history of a correct register is always accepted", () => {
  for (let seed = 0; seed < 40; seed++) {
    const options = { operations: 300, clients: 2 + seed % 20, values: 5, crashChance: 0.03 };
    const history = registerHistory(new Random(seed), options);
    assertEquals(checkLinearizable(history, casRegister)["valid?"], true, `seed ${seed}`);
  }
});

Deno.test("a value that nobody wrote is always found, however many operations crashed", () => {
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

Deno.test("a search that may remember too little answers unknown, and how far it got", () => {
  const options = { operations: 300, clients: 12, values: 5, crashChance: 0 };
  const history = registerHistory(new Random("limit"), options);
  const verdict = checkLinearizable(history, casRegister, { maxConfigurations: 20 });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["cause"], "configuration-limit");
  assertEquals((verdict["op"] as Operation).type, "ok");
  assertEquals(checkLinearizable(history, casRegister)["valid?"], true);
});

Deno.test("a search that runs out of time answers unknown", () => {
  const options = { operations: 3_000, clients: 20, values: 5, crashChance: 0 };
  const history = registerHistory(new Random("time"), options);
  let reading = 0;
  const now = () => reading += 500;
  const verdict = checkLinearizable(history, casRegister, { now, timeLimitMs: 1 });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["cause"], "time-limit");
  assertEquals(checkLinearizable(history, casRegister, { now })["valid?"], true);
});

Deno.test("a hundred crashed operations do not multiply the configurations", () => {
  const options = { operations: 1_000, clients: 10, values: 5, crashChance: 0.05 };
  const history = registerHistory(new Random("crashes"), options);
  const crashes = history.filter(({ f, type }) => type === "info" && f !== "read").length;
  assert(crashes >= 30, `${crashes} crashes`);
  const verdict = checkLinearizable(history, casRegister);
  assertEquals(verdict["valid?"], true);
  assert((verdict["visited"] as number) < 20_000, `${verdict["visited"]} configurations`);
});

Deno.test("more than 31 clients at once are told apart", () => {
  const writes = Array.from({ length: 70 }, (_, place) => `${" ".repeat(place)}[w${place % 5}`);
  const drawing = writes.map((line) => line.padEnd(200) + "]").join("\n");
  const history = parseRegisterHistory(`${drawing}\n${" ".repeat(210)}[r4]`);
  assertEquals(checkLinearizable(history, casRegister)["valid?"], true);
  const impossible = parseRegisterHistory(
    `${drawing.replaceAll("w4", "w3")}\n${" ".repeat(210)}[r4]`,
  );
  assertEquals(
    checkLinearizable(impossible, casRegister, { maxConfigurations: 2_000 })["valid?"],
    "unknown",
  );
});

Deno.test("any model will do: a queue", () => {
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

Deno.test("a register refuses functions that it does not have", () => {
  const history = parseRegisterHistory("[w1]").map((operation) => ({ ...operation, f: "append" }));
  assertThrows(() => checkLinearizable(history, casRegister), TypeError, "append");
});
