import { assertEquals, assertMatch } from "std/testing";
import {
  checkListAppend,
  checkRwRegister,
  type CycleEvidence,
} from "../../../lib/check/txn/mod.ts";
import { parseTransactions, type WriteFunction } from "../../../lib/testing/mod.ts";

/** Returns the data of each case of an anomaly, without its message, and the first message. */
function casesOf(text: string, kind: WriteFunction, type: string, model = "strict-serializable") {
  const check = kind === "w" ? checkRwRegister : checkListAppend;
  const { anomalies } = check(parseTransactions(text, kind), { consistencyModels: [model] });
  const cases = anomalies?.[type] ?? [];
  const data = cases.map(({ message: _message, type: _type, ...rest }) => rest);
  return { data, message: String(cases[0]?.message ?? "") };
}

const lists: readonly (readonly [type: string, text: string, data: object, message: RegExp])[] = [
  ["duplicate-elements", "ax1 | ax2 ; rx12121", {
    operation: 5,
    key: "x",
    duplicates: [{ element: 1, count: 3 }, { element: 2, count: 2 }],
  }, /operation 5 read key "x" and observed 1 3 times, 2 2 times/],
  ["dirty-update", "ax4 | ax1! | ax2? | ax3 ; rx4123", {
    key: "x",
    values: [1, 2, 3],
    operations: [5, 7],
  }, /operation 5 appended 1 to key "x" and aborted, yet operation 7 appended after it/],
  ["dirty-update", "ax1! | ax3 ; rx193", {
    key: "x",
    values: [1, 3],
    operations: [2, 3],
  }, /operation 2 appended 1 to key "x" and aborted, yet operation 3 appended after it/],
  ["reordered-appends", "ax1 ax2 ; rx21", {
    key: "x",
    values: [2, 1],
    operation: 1,
  }, /key "x" was read as containing 2 before 1, which operation 1 .* appended first/],
  ["incompatible-order", "ax1 | ax2 | ax3 ; rx13 | rx2", {
    key: "x",
    values: [[2], [1, 3]],
  }, /key "x" was read as \[2\] and as \[1,3\]/],
  ["G1b", "ax1 ax2 | rx1 ; rx12", { operation: 3, key: "x", element: 1, writer: 2 }, /up to 1/],
  ["lost-update", "rx_ ax1 | rx_ ax2", {
    key: "x",
    value: null,
    operations: [2, 3],
  }, /operations \[2,3\] all read key "x" as null and then wrote it/],
  ["internal", "ax1 rx_ ; rx1", {
    operation: 1,
    key: "x",
    value: null,
    expected: ["...", 1],
  }, /operation 1 read key "x" as null; .* imply \["...",1\]/],
  ["internal", "ax1 ; rx1 ax2 rx2 ; rx12", {
    operation: 3,
    key: "x",
    value: [2],
    expected: [1, 2],
  }, /imply \[1,2\]/],
  ["future-read", "rx1 ax1 ; rx1", {
    operation: 1,
    key: "x",
    value: [1],
    element: 1,
  }, /appends 1 after this read/],
];
for (const [type, text, data, message] of lists) {
  Deno.test(`list-append: ${text} shows ${type}, and where`, () => {
    const found = casesOf(text, "append", type);
    assertEquals(found.data, [data]);
    assertMatch(found.message, message);
  });
}

const registers: typeof lists = [
  ["G1a", "wx1! ; rx1", { operation: 3, key: "x", value: 1, writer: 1 }, /the aborted operation 1/],
  ["G1b", "wx1 wx2 | rx1", { operation: 3, key: "x", value: 1, writer: 2 }, /an intermediate/],
  ["phantom-read", "wx1 ; rx2", { operation: 3, key: "x", value: 2 }, /no transaction wrote/],
  ["future-read", "rx1 wx1 ; rx1", { operation: 1, key: "x", value: 1 }, /wrote later/],
  ["internal", "wx1 rx2 | wx2", {
    operation: 2,
    key: "x",
    value: 2,
    expected: 1,
  }, /previous micro-operation on this key implies 1/],
  ["cyclic-versions", "rx1 wx2 | rx2 wx1", { key: "x", values: [1, 2] }, /has a cycle/],
];
for (const [type, text, data, message] of registers) {
  Deno.test(`rw-register: ${text} shows ${type}, and where`, () => {
    const found = casesOf(text, "w", type);
    assertEquals(found.data.map(sortedValues), [data]);
    assertMatch(found.message, message);
  });
}

/** The values of a cycle are in no particular order. */
function sortedValues(data: object): object {
  return "values" in data ? { ...data, values: [...data.values as number[]].sort() } : data;
}

const internalReads: Readonly<Record<WriteFunction, readonly (readonly [string, string[]])[]>> = {
  append: [
    ["rx_ rx_", []],
    ["rx_ rx1 | ax1", ["internal-after-null"]],
    ["rx_ ax1 rx1", []],
    ["rx_ ax1 rx_ ; rx1", ["internal"]],
    ["rx1 rx12 | ax1 | ax2", ["internal"]],
    ["rx12 rx1 | ax1 | ax2", ["internal"]],
    ["rx12 rx_ | ax1 | ax2", ["internal"]],
    ["ax2 rx12 | ax1", []],
    ["ax2 ax3 rx13 | ax1", ["internal"]],
    ["ax2 ax3 rx123 | ax1", []],
    ["ax1 ry1 | ay1", []],
  ],
  w: [
    ["rx_ rx_ | wx1 ; rx1", []],
    ["rx_ rx1 | wx1", ["internal-after-null"]],
    ["rx_ wx1 rx1 ; rx1", []],
    ["wx1 rx_ ; rx1", ["internal"]],
    ["wx1 wx2 rx1 ; rx2", ["internal"]],
    ["wx1 wx2 rx2 ; rx2", []],
    ["rx1 rx2 | wx1 | wx2", ["internal"]],
    ["wx1 ry2 ; wy2", []],
  ],
};
for (const kind of ["append", "w"] as const) {
  for (const [text, expected] of internalReads[kind]) {
    Deno.test(`${text} has ${expected.join() || "no contradiction"} within a transaction`, () => {
      const found = ["internal", "internal-after-null"]
        .filter((type) => casesOf(text, kind, type, "read-atomic").data.length > 0);
      assertEquals(found, expected);
    });
  }
}

Deno.test("list-append: Elle throws for the only append of a key if it never completed", () => {
  const maelstrom = (text: string) => {
    const history = parseTransactions(text, "append").filter(({ type, value }) =>
      type !== "ok" || !JSON.stringify(value).includes('"y"')
    );
    return checkListAppend(history, { consistencyModels: ["serializable"] })["maelstrom-valid?"];
  };
  assertEquals(maelstrom("ax1 ; rx1 | ay1"), "unknown");
  assertEquals(maelstrom("ax1 ; rx1 | ay1 | ay2!"), "unknown");
  assertEquals(maelstrom("ax1 ; rx1 | ay1 | ay2"), undefined);
  assertEquals(maelstrom("ax1 ; rx1 | az1"), undefined);
});

Deno.test("the value of a transaction that did not commit is not compared with its request", () => {
  for (const mark of ["!", "?"]) {
    const history = parseTransactions(`wx1 ; wy1${mark} ; rx1`, "w").map((operation) =>
      operation.index === 3 ? { ...operation, value: [["w", "z", 1]] } : operation
    );
    const { "anomaly-types": types } = checkRwRegister(history, {
      consistencyModels: ["strict-serializable"],
    });
    assertEquals(types, undefined);
  }
});

/** Returns the steps of the first cycle of a type: relation, key, value and next value. */
function stepsOf(text: string, kind: "append" | "w", type: string): Set<string> {
  const { data } = casesOf(text, kind, type);
  const steps = (data[0] as unknown as CycleEvidence | undefined)?.steps
    .map(({ type, key, value, "next-value": next }) => [type, key, value, next]);
  return new Set(steps?.map(String));
}

Deno.test("a dependency is explained by the key that shows it", () => {
  assertEquals(
    stepsOf("ax1 ; ay1 rz1 | az1 ax2 ay2 ; rx12 ry12", "append", "G1c"),
    new Set(["ww,y,1,2", "wr,z,1,"]),
  );
  assertEquals(
    stepsOf("ry_ rz1 | ax1 ay1 az1 ; rx1 ry1 rz1", "append", "G-single-item"),
    new Set(["rw,y,,1", "wr,z,1,"]),
  );
  assertEquals(stepsOf("rx_ wy1 rz1 | ry1 wx1 wz1", "w", "G1c"), new Set(["wr,y,1,", "wr,z,1,"]));
});
