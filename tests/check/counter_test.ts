import { assert, assertEquals } from "std/testing";
import fc from "fast-check";
import { Random } from "../../lib/base/mod.ts";
import { counterModel, generateHistory, parseHistory } from "../../lib/testing/mod.ts";
import { checkCounter } from "../../lib/check/mod.ts";
import type { History, Operation } from "../../lib/history/mod.ts";
import { oracleHistories } from "../support/oracle_histories.ts";

const cases: Readonly<Record<string, [history: string, expected: Record<string, unknown>]>> = {
  "final reads that return the sum are valid": [
    "0 add 2; 0 ok; 1 add -5; 1 ok; 0 read!; 0 ok -3; 1 read!; 1 ok -3",
    { "valid?": true, errors: null, "final-reads": [-3, -3], acceptable: [[-3, -3]] },
  ],
  "a final read of any other value is invalid": [
    "0 add 2; 0 ok; 0 read!; 0 ok 1; 1 read!; 1 ok 2",
    { "valid?": false, "final-reads": [1, 2] },
  ],
  "a read that is not final may return the sum of a part of the additions": [
    "0 add 2; 0 ok; 1 add 5; 1 ok; 0 read; 0 ok 5; 0 read; 0 ok 0; 0 read; 0 ok 2",
    { "valid?": true },
  ],
  "a read that is not final returns no part of an addition": [
    "0 add 2; 0 ok; 1 add 5; 1 ok; 0 read; 0 ok 4",
    { "valid?": false, "maelstrom-valid?": true },
  ],
  "an indeterminate addition may count or not": [
    "0 add 2; 0 ok; 1 add 3; 1 info; 0 read!; 0 ok 2; 2 read!; 2 ok 5",
    { "valid?": true, acceptable: [[2, 2], [5, 5]] },
  ],
  "an addition without a completion may count or not": [
    "1 add 3; 0 read!; 0 ok 3; 2 read!; 2 ok 0",
    { "valid?": true },
  ],
  "an indeterminate addition counts wholly or not at all": [
    "0 add 10; 0 info; 1 read!; 1 ok 5",
    { "valid?": false, acceptable: [[0, 0], [10, 10]] },
  ],
  "a failed addition does not count": [
    "0 add 3; 0 fail; 1 read!; 1 ok 3",
    { "valid?": false, acceptable: [[0, 0]] },
  ],
  "adjacent ranges are merged": [
    "0 add 1; 0 info; 1 add 1; 1 info; 2 add -2; 2 info",
    { "valid?": true, acceptable: [[-2, 2]] },
  ],
  "an indeterminate final read is ignored": [
    "0 add 1; 0 ok; 0 read!; 0 info; 1 read!; 1 ok 1",
    { "valid?": true, "final-reads": [1] },
  ],
  "a final read of a non-integer is invalid; Maelstrom's checker throws": [
    "0 add 1; 0 ok; 0 read!; 0 ok 1.5",
    { "valid?": false, "maelstrom-valid?": "unknown" },
  ],
  "operations with other functions are neither additions nor reads": [
    "0 add 2; 0 ok; 1 other 7; 1 ok 7; 0 read!; 0 ok 2",
    { "valid?": true, acceptable: [[2, 2]], "impossible-reads": undefined },
  ],
  "an indeterminate read returns nothing": [
    "0 add 2; 0 ok; 1 read; 1 info 7",
    { "valid?": true, "impossible-reads": undefined },
  ],
  "the sum of no and of all additions are possible reads": [
    "0 add 2; 0 ok; 1 add 5; 1 ok; 0 read; 0 ok 0; 0 read; 0 ok 7",
    { "valid?": true },
  ],
  "a history without final reads is valid": [
    "0 add 1; 0 ok",
    { "valid?": true, "final-reads": [], errors: null },
  ],
};

for (const [behaviour, [text, expected]] of Object.entries(cases)) {
  Deno.test(`counter: ${behaviour}`, () => {
    const verdict = checkCounter(parseHistory(text));
    for (const [key, value] of Object.entries(expected)) assertEquals(verdict[key], value, key);
  });
}

Deno.test("counter: a non-integer reply is shown with its read", () => {
  const history = parseHistory("0 read!; 0 ok 1.5; 1 read!; 1 ok 0");
  assertEquals(checkCounter(history)["non-integer-reads"], [
    { reply: 1.5, operation: history[1] },
  ]);
});

Deno.test("counter: up to 8 ranges of acceptable sums are listed", () => {
  for (const [count, isCut] of [[3, false], [4, true]] as const) {
    // Each of the additions 10, 20, 40 and 80 may count: 2ⁿ sums.
    const additions = [10, 20, 40, 80].slice(0, count)
      .map((delta, process) => `${process} add ${delta}; ${process} info`);
    const verdict = checkCounter(parseHistory(`${additions.join("; ")}; 9 read!; 9 ok 1`));
    const [{ message }] = verdict["explanations"] as [{ message: string }];
    assertEquals(
      message,
      "The final operation " + `${2 * count + 1} (read of process 9) returned 1; acceptable sums ` +
        `of the additions are 0 or 10 or 20 or 30 or 40 or 50 or 60 or 70${isCut ? " or …" : ""}.`,
    );
  }
});

Deno.test("counter: a read out of bounds, and one between the sums, are explained", () => {
  const explain = (value: number) => {
    const history = parseHistory(`0 add 2; 0 ok; 1 add 5; 1 ok; 0 read; 0 ok ${value}`);
    const [{ message }] = checkCounter(history)["explanations"] as [{ message: string }];
    return message;
  };
  const bounds = "the additions invoked before sum up to at least 0 and at most 7.";
  assertEquals([-1, 3, 8].map(explain), [
    `Operation 5 (read of process 0) returned -1, but ${bounds}`,
    "Operation 5 (read of process 0) returned 3, but no set of the additions invoked before sums " +
    "up to that.",
    `Operation 5 (read of process 0) returned 8, but ${bounds}`,
  ]);
});

Deno.test("counter: other malformed replies do not read a non-integer", () => {
  for (const body of [{ type: "other_ok", value: 2.5 }, { type: "read_ok", value: 2 }]) {
    const [invoke, info] = parseHistory("0 read!; 0 info") as [Operation, Operation];
    const message = "Malformed RPC response.";
    const exception = {
      via: [{ type: "clojure.lang.ExceptionInfo", message }],
      cause: message,
      data: { type: "malformed-rpc-response", body },
    };
    assertEquals(checkCounter([invoke, { ...info, exception }])["valid?"], true);
  }
});

Deno.test("counter: a 64-bit final value is compared exactly", () => {
  const [invoke, ok] = parseHistory("0 read!; 0 ok 0") as [Operation, Operation];
  const verdict = checkCounter([invoke, { ...ok, value: 2n ** 60n }]);
  assertEquals([verdict["valid?"], verdict["non-integer-reads"]], [false, undefined]);
});

Deno.test("counter: a non-integer reply is invalid although the read completed as info", () => {
  const [invoke, info] = parseHistory("0 read!; 0 info") as [Operation, Operation];
  const body = { type: "read_ok", value: 2.5, in_reply_to: 25 };
  const exception = {
    via: [{ type: "clojure.lang.ExceptionInfo", message: "Malformed RPC response." }],
    cause: "Malformed RPC response.",
    data: { type: "malformed-rpc-response", body },
  };
  const operation = { ...info, exception };
  const verdict = checkCounter([invoke, operation]);
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["maelstrom-valid?"], true);
  assertEquals(verdict["non-integer-reads"], [{ reply: 2.5, operation }]);
  const [explanation] = verdict["explanations"] as { message: string }[];
  assertEquals(
    explanation?.message,
    "Operation 1 (read of process 0) received 2.5; expected an integer.",
  );
});

Deno.test("counter: a malformed reply to an addition is ignored", () => {
  const [invoke, info] = parseHistory("0 add 1; 0 info") as [Operation, Operation];
  const exception = { data: { type: "malformed-rpc-response", body: { type: "add_okay" } } };
  assertEquals(checkCounter([invoke, { ...info, exception }])["valid?"], true);
});

Deno.test("counter: the explanation of an unacceptable read lists the acceptable sums", () => {
  const history = parseHistory("0 add 2; 0 ok; 1 add 3; 1 info; 0 read!; 0 ok 4");
  const verdict = checkCounter(history);
  assertEquals(verdict.errors, history.slice(5));
  assertEquals(verdict["explanations"], [{
    type: "unacceptable-read",
    message: "The final operation 5 (read of process 0) returned 4; " +
      "acceptable sums of the additions are 2 or 5.",
    read: history[5],
  }]);
});

/** Enumerates the sums of the ok additions and each subset of the indeterminate ones. */
function enumerateSums(history: History): Set<number> {
  const additions = history.filter(({ f }) => f === "add");
  const certain = additions.filter(({ type }) => type === "ok")
    .reduce((sum, { value }) => sum + (value as number), 0);
  let sums = new Set([certain]);
  for (const { type, value } of additions) {
    if (type !== "info") continue;
    sums = new Set([...sums].flatMap((sum) => [sum, sum + (value as number)]));
  }
  return sums;
}

Deno.test("counter: accepts exactly the sums of the subsets of indeterminate additions", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const history = randomHistory(new Random(seed));
      const acceptable = checkCounter(history)["acceptable"] as [number, number][];
      const sums = acceptable.flatMap(([lower, upper]) =>
        Array.from({ length: upper - lower + 1 }, (_, index) => lower + index)
      );
      assertEquals(sums, [...enumerateSums(history)].sort((a, b) => a - b));
      for (let index = 1; index < acceptable.length; index++) {
        const gap = (acceptable[index]?.[0] ?? 0) - (acceptable[index - 1]?.[1] ?? 0);
        assertEquals(gap > 1, true, "adjacent ranges are merged");
      }
    }),
    { seed: 81, numRuns: oracleHistories(500) },
  );
});

Deno.test("counter: histories of a correct counter are valid", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      assertEquals(checkCounter(randomHistory(new Random(seed)))["valid?"], true);
    }),
    { seed: 82, numRuns: 500 },
  );
});

Deno.test("counter: a single incorrect final read is found", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: -9, max: 9 }), (seed, offset) => {
      const history = randomHistory(new Random(seed));
      const sums = enumerateSums(history);
      const last = history[history.length - 1] as Operation;
      const value = (last.value as number) + offset;
      const verdict = checkCounter([...history.slice(0, -1), { ...last, value }]);
      assertEquals(verdict["valid?"], sums.has(value));
    }),
    { seed: 83, numRuns: oracleHistories(500) },
  );
});

function randomHistory(random: Random): History {
  return generateHistory(random, counterModel(), {
    operations: 25,
    processes: 3,
    infoChance: 0.15,
    failChance: 0.1,
  });
}

Deno.test("counter: impossible reads are exactly those that no subset of the additions so far yields", () => {
  const counts = { possible: 0, impossible: 0 };
  for (let seed = 0; seed < oracleHistories(500); seed++) {
    const random = new Random(`impossible ${seed}`);
    const largest = random.pick([3, 10, 100]);
    let sums = [0];
    const history: Operation[] = [];
    const expected: number[] = [];
    for (let at = 0; at < 10; at++) {
      const index = history.length;
      const base = { index, time: index, process: at };
      if (random.chance(0.6)) {
        const value = random.integer(2 * largest) - largest;
        sums = sums.flatMap((sum) => [sum, sum + value]);
        history.push({ ...base, type: "invoke", f: "add", value });
        continue;
      }
      const value = random.chance(0.3)
        ? random.pick(sums)
        : random.integer(4 * largest) - 2 * largest;
      const isPossible = sums.includes(value);
      counts[isPossible ? "possible" : "impossible"]++;
      if (!isPossible) expected.push(index + 1);
      history.push({ ...base, type: "invoke", f: "read", value: null });
      history.push({ ...base, index: index + 1, type: "ok", f: "read", value });
    }
    const found = (checkCounter(history)["impossible-reads"] ?? []) as Operation[];
    assertEquals(found.map(({ index }) => index), expected, `seed ${seed}`);
  }
  assert(counts.possible > 500 && counts.impossible > 500, JSON.stringify(counts));
});

Deno.test("counter: sums of many different additions are bounded by the lowest and the highest", () => {
  const additions = Array.from({ length: 30 }, (_, bit) => `${bit} add ${3 ** bit}`).join(";");
  for (const read of ["read", "read!"]) {
    const valid = (value: number) =>
      checkCounter(parseHistory(`${additions}; 99 ${read}; 99 ok ${value}`))["valid?"];
    assertEquals([valid(-1), valid(2), valid(3 ** 30)], [false, true, false], read);
  }
});

Deno.test("counter: a read that no set of the additions so far sums up to is impossible, unless it is final", () => {
  const text = (value: number) =>
    `0 add 3; 1 add -2; 2 read; 2 ok ${value}; 0 ok 3; 3 add 9; 1 ok -2; 3 ok 9`;
  for (const value of [-2, 0, 1, 3]) {
    assertEquals(checkCounter(parseHistory(text(value)))["valid?"], true, `${value}`);
  }
  for (const value of [-3, 4, 10]) {
    const verdict = checkCounter(parseHistory(text(value)));
    assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true], `${value}`);
    const [{ index }] = verdict["impossible-reads"] as [Operation];
    const [{ type, message }] = verdict["explanations"] as [{ type: string; message: string }];
    assertEquals([index, type], [3, "impossible-read"]);
    assertEquals(
      message,
      `Operation 3 (read of process 2) returned ${value}, but the additions invoked before sum up ` +
        "to at least -2 and at most 3.",
    );
  }
  const inside = checkCounter(parseHistory(text(-1)))["explanations"] as { message: string }[];
  assertEquals(
    inside[0]?.message,
    "Operation 3 (read of process 2) returned -1, but no set of the additions invoked before sums " +
      "up to that.",
  );
  const final = parseHistory(text(11)).map((operation): Operation =>
    operation.f === "read" ? { ...operation, final: true } : operation
  );
  const verdict = checkCounter(final);
  assertEquals([verdict["valid?"], verdict["impossible-reads"]], [false, undefined]);
  assertEquals(verdict.errors?.length, 1);
});
