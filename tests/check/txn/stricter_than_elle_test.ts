import { assert, assertEquals, assertMatch } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  checkListAppend,
  checkRwRegister,
  type TransactionalVerdict,
} from "../../../lib/check/txn/mod.ts";
import type { History, Operation } from "../../../lib/history/mod.ts";
import {
  generateHistory,
  parseTransactions,
  rwRegisterModel,
  type WriteFunction,
} from "../../../lib/testing/mod.ts";

function check(history: History, kind: WriteFunction, model: string): TransactionalVerdict {
  const options = { consistencyModels: [model] };
  return kind === "append" ? checkListAppend(history, options) : checkRwRegister(history, options);
}

const FLOW_PROCESS = "circular-information-flow-process";

/** Histories that Maelstrom calls valid: the kind, the weakest model that they violate, and why. */
const violations: readonly (readonly [WriteFunction, string, string, string])[] = [
  ["w", "wx1 | rx_ rx1", "read-atomic", "internal-after-null"],
  ["append", "ax1 | rx_ rx1", "read-atomic", "internal-after-null"],
  ["w", "rx1 wx1 | wy1 ; ry1", "read-committed", "future-read"],
  ["w", "wx1 wy1 | rx1 ry_", "monotonic-atomic-view", "observed-transaction-vanishes"],
  ["append", "ax1 ay1 | rx1 ry_", "monotonic-atomic-view", "observed-transaction-vanishes"],
  ["w", "wx1 wy1 | rx_ ry1", "read-atomic", "fractured-read"],
  ["append", "ax1 ay1 | rx_ ry1", "read-atomic", "fractured-read"],
  ["w", "wx1 wy1 | wx2 wy2 | rx1 ry2", "read-atomic", "fractured-read"],
  ["w", "rx_ wx1 ; rx1 wy1 ; ry1 rx_", "causal-cerone", "causality-violation"],
  ["append", "ax1 ; rx1 ax2 ; rx12 ay1 ; ry1 rx1", "causal-cerone", "causality-violation"],
  ["w", "0: wx1 ; 0: wy1 ; ry1 rx_", "causal-cerone", "causality-violation-process"],
  ["w", "wx1 | wy1 | rx1 ry_ | ry1 rx_", "prefix", "no-prefix-order"],
  ["w", "wx1 wy1 ; rx1 wy2 | ry1 wx2", "serializable", "no-serial-order"],
  ["w", "wx1 ; wx2 ; rx1", "strong-snapshot-isolation", "no-snapshot-order-realtime"],
  ["append", "ax1 ax2 ; rx21", "read-uncommitted", "reordered-appends"],
  ["w", "wx1 rx2 | ry1 wx2 | rx1 wy1", "read-committed", "circular-information-flow"],
  ["w", "0: rx1 rx2 | wx1 ; 0: wx2", "strong-session-read-committed", FLOW_PROCESS],
  ["w", "rx1 ; wx1? | wy1 ; ry1", "strong-read-committed", "circular-information-flow-realtime"],
  ["w", "wx1 rx_ ; rx1", "repeatable-read", "no-serial-order"],
  ["append", "ax1 rx_ ; rx1", "consistent-view", "no-parallel-snapshot-order"],
];

for (const [kind, text, model, type] of violations) {
  Deno.test(`${text} violates ${model}: ${type}`, () => {
    const verdict = check(parseTransactions(text, kind), kind, model);
    assertEquals(verdict["valid?"], false);
    assert(verdict["anomaly-types"]?.includes(type), `${verdict["anomaly-types"]}`);
    assertEquals(verdict["maelstrom-valid?"], true);
    assertEquals(verdict.maelstrom?.["valid?"], true);
    assertEquals(verdict.maelstrom?.["anomaly-types"] ?? [], []);
  });
}

const validHistories: Readonly<Record<string, string>> = {
  "monotonic-atomic-view": "wx1 wy1 | rx_ ry1",
  "read-atomic": "wx1 ; rx1 wy1 ; ry1 rx_",
  "strong-session-read-committed": "0: wx1 ; 0: wy1 ; ry1 rx_",
  "parallel-snapshot-isolation": "wx1 | wy1 | rx1 ry_ | ry1 rx_",
  "snapshot-isolation": "wx1 wy1 ; rx1 wy2 | ry1 wx2",
  "serializable": "wx1 ; wx2 ; rx1",
};

for (const [model, text] of Object.entries(validHistories)) {
  Deno.test(`${text} satisfies ${model}`, () => {
    assertEquals(check(parseTransactions(text, "w"), "w", model), { "valid?": true });
  });
}

Deno.test("a violation names the transactions that it needs, and no others", () => {
  const text = "wz1 ; rz1 wz2 | wx1 wy1 ; rz2 | rx_ ry1 ; rx1 ry1 rz2";
  const verdict = check(parseTransactions(text, "w"), "w", "read-atomic");
  const [found] = verdict.anomalies?.["fractured-read"] ?? [];
  assertEquals(found?.["operations"], [5, 9]);
  assertEquals(
    found?.message,
    'T1 is operation 5 (txn of process 102): ["w","x",1] ["w","y",1].\n' +
      'T2 is operation 9 (txn of process 104): ["r","x",null] ["r","y",1].\n' +
      "No order of T1 to T2 lets each transaction read all writes or none of each transaction " +
      "that it reads from.",
  );
});

const answers: Readonly<Record<string, readonly [reply: unknown[], expected: RegExp]>> = {
  "an empty reply": [[], /has 0 micro-operations, expected 2/],
  "an additional read": [
    [["r", "x", null], ["w", "y", 1], ["r", "z", null]],
    /has 3 micro-operations, expected 2/,
  ],
  "a write in place of a read": [
    [["w", "x", 1], ["w", "y", 1]],
    /micro-operation 1 is \["w","x",1\], expected \["r", "x", …\]/,
  ],
  "a read of another key": [[["r", "y", null], ["w", "y", 1]], /micro-operation 1/],
  "another order": [[["w", "y", 1], ["r", "x", null]], /micro-operation 1/],
  "another value": [[["r", "x", null], ["w", "y", 2]], /micro-operation 2.*expected \["w","y",1\]/],
  "a key of another type": [[["r", "x", null], ["w", ["y"], 1]], /micro-operation 2/],
};

for (const [name, [reply, expected]] of Object.entries(answers)) {
  for (const kind of ["w", "append"] as const) {
    Deno.test(`a reply with ${name} does not match the request in a history of ${kind}`, () => {
      const rename = (micros: unknown) =>
        (micros as unknown[][]).map(([f, ...rest]) => [f === "w" ? kind : f, ...rest]);
      const history = parseTransactions("rx_ wy1 ; wz1 ; rz1", "w").map((operation): Operation => ({
        ...operation,
        value: rename(operation.index === 1 ? reply : operation.value),
      })).map((operation): Operation =>
        kind === "append" && operation.index === 5
          ? { ...operation, value: [["r", "z", [1]]] }
          : operation
      );
      const verdict = check(history, kind, "read-uncommitted");
      assertEquals(verdict["valid?"], false);
      const [found] = verdict.anomalies?.["reply-mismatch"] ?? [];
      assertMatch(found?.message.replaceAll("append", "w") ?? "", expected);
      assertEquals(found?.["operation"], 1);
      assertEquals(verdict["anomaly-counts"]?.["reply-mismatch"], 1);
      assertEquals(verdict["maelstrom-valid?"], true);
    });
  }
}

for (const kind of ["w", "append"] as const) {
  const write = kind === "w" ? "w" : "a";
  Deno.test(`${kind}: a value written twice leaves the anomalies of other keys in the verdict`, () => {
    const text = `${write}x1 ; ${write}x1 ; rx1 | ${write}y1! ; ry1 ; ${write}z1 ; rz1`;
    const verdict = check(parseTransactions(text, kind), kind, "read-committed");
    assertEquals(verdict["valid?"], false);
    assertEquals(verdict["anomaly-types"], ["G1a"]);
    assertMatch(verdict.error ?? "", /1 was written to key "x" more than once/);
    assertEquals(verdict["maelstrom-valid?"], "unknown");
    assertMatch(verdict.maelstrom?.error ?? "", /more than once/);
  });

  Deno.test(`${kind}: a value written twice makes a verdict that is not false unknown`, () => {
    const text = `${write}x1 ${write}v1 ; ${write}x1 ${write}v1 ; rx1 rv1 ; ${write}z1 ; rz1`;
    const verdict = check(parseTransactions(text, kind), kind, "strict-serializable");
    assertEquals(verdict["valid?"], "unknown");
    assertMatch(verdict.error ?? "", /the same holds of 1 other keys/);
    assertEquals(verdict["maelstrom-valid?"], undefined);
  });
}

Deno.test("rw-register: types, counts and cases omit the timeout of a search", () => {
  const history = parseTransactions("rx_ ry1 | wx1 wy1", "w");
  const options = { maxCycleSearchSteps: 1 };
  const invalid = checkRwRegister(history, { consistencyModels: ["serializable"], ...options });
  assertEquals(Object.keys(invalid["anomaly-counts"] ?? {}), invalid["anomaly-types"]);
  assertEquals(Object.keys(invalid.anomalies ?? {}), invalid["anomaly-types"]);

  const valid = checkRwRegister(history, { consistencyModels: ["read-committed"], ...options });
  assertEquals(valid, {
    "valid?": true,
    "anomaly-types": [],
    "anomaly-counts": {},
    anomalies: {},
    not: ["consistent-view", "repeatable-read"],
    "also-not": valid["also-not"] ?? [],
  });
  assert(valid["also-not"]?.includes("serializable"));
});

for (const kind of ["w", "append"] as const) {
  Deno.test(`${kind}: a valid history names the models of which it shows only a part`, () => {
    const history = parseTransactions(kind === "w" ? "wx1 ; rx1" : "ax1 ; rx1", kind);
    const verdictOn = (model: string) => check(history, kind, model);
    assertEquals(verdictOn("cursor-stability")["not-decided"], ["cursor-stability"]);
    assertEquals(verdictOn("PL-3U")["not-decided"], ["update-serializable"]);
    for (const model of ["PL-1", "causal-cerone", "PL-SI", "serializable", "PL-SS"]) {
      assertEquals(verdictOn(model), { "valid?": true }, model);
    }
  });
}

/** A history of a serial database, with a planted history on keys of its own in the middle. */
function longHistory(operations: number, planted: string): History {
  const serial = generateHistory(new Random(`long ${operations}`), rwRegisterModel(), {
    operations,
    processes: 10,
    infoChance: 0.01,
  });
  const extra = parseTransactions(planted, "w").map((operation): Operation => ({
    ...operation,
    process: 1_000_000 + (operation.process as number),
  }));
  const middle = Math.floor(serial.length / 2);
  return [...serial.slice(0, middle), ...extra, ...serial.slice(middle)]
    .map((operation, index) => ({ ...operation, index, time: index * 1e6 }));
}

for (const [kind, text, model, type] of violations.filter(([kind]) => kind === "w")) {
  if (/null|future/.test(type)) continue;
  Deno.test(`a long history with ${text} violates ${model}`, () => {
    const verdict = check(longHistory(3000, text), kind, model);
    assertEquals(verdict["anomaly-types"], [type]);
    const [found] = verdict.anomalies?.[type] ?? [];
    assert((found?.["operations"] as unknown[]).length <= 4, found?.message);
  });
}

for (const [model, text] of Object.entries(validHistories)) {
  if (model === "parallel-snapshot-isolation") continue;
  Deno.test(`a long history with ${text} satisfies ${model}`, () => {
    assertEquals(check(longHistory(3000, text), "w", model), { "valid?": true });
  });
}

Deno.test("a long history that no search decides is unknown, and valid in Maelstrom", () => {
  const history = longHistory(1200, "wx1 | wy1 | rx1 ry_ | ry1 rx_");
  const verdict = check(history, "w", "parallel-snapshot-isolation");
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["anomaly-types"], ["undecided"]);
  assertMatch(
    verdict.anomalies?.["undecided"]?.[0]?.message ?? "",
    /consistent-view is not decided/,
  );
  assertEquals(verdict["maelstrom-valid?"], true);
});
