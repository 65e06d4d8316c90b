import { assertEquals } from "std/testing";
import fc from "fast-check";
import { Random } from "../../lib/base/mod.ts";
import { generateHistory, parseHistory, uniqueIdsModel } from "../../lib/testing/mod.ts";
import { checkUniqueIds } from "../../lib/check/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";
import { oracleHistories } from "../support/oracle_histories.ts";

const cases: Readonly<Record<string, [history: string, expected: Record<string, unknown>]>> = {
  "distinct ids are valid": [
    `0 generate; 0 ok "n0-2"; 1 generate; 1 ok "n0-10"; 0 generate; 0 ok "n1-1"`,
    {
      "valid?": true,
      "attempted-count": 3,
      "acknowledged-count": 3,
      "duplicated-count": 0,
      duplicated: new Map(),
      range: ["n0-10", "n1-1"],
    },
  ],
  "an id generated twice is invalid": [
    "0 generate; 0 ok 7; 1 generate; 1 ok 8; 0 generate; 0 ok 7",
    { "valid?": false, "duplicated-count": 1, duplicated: new Map([[7, 2]]), range: [7, 8] },
  ],
  "only ok operations count": [
    "0 generate; 0 ok 7; 1 generate; 1 info 7; 2 generate; 2 fail 7; 3 generate",
    { "valid?": true, "attempted-count": 4, "acknowledged-count": 1 },
  ],
  '1 and "1" are distinct; Maelstrom cannot compare them': [
    `0 generate; 0 ok 1; 0 generate; 0 ok "1"`,
    { "valid?": true, "maelstrom-valid?": "unknown", range: [1, "1"] },
  ],
  "duplicates among ids of several kinds are found; Maelstrom's checker throws": [
    `0 generate; 0 ok {"a": 1, "b": 2}; 0 generate; 0 ok null; 0 generate; 0 ok [1]
     0 generate; 0 ok {"b": 2, "a": 1}; 0 generate; 0 ok true`,
    { "valid?": false, "maelstrom-valid?": "unknown", "duplicated-count": 1 },
  ],
  "null is an id": [
    "0 generate; 0 ok null; 0 generate; 0 ok null",
    { "valid?": false, duplicated: new Map([[null, 2]]), "maelstrom-valid?": undefined },
  ],
  "a history without ok operations is valid": ["0 generate; 0 info", {
    "valid?": true,
    range: [null, null],
  }],
};

for (const [behaviour, [text, expected]] of Object.entries(cases)) {
  Deno.test(`unique-ids: ${behaviour}`, () => {
    const verdict = checkUniqueIds(parseHistory(text));
    for (const [key, value] of Object.entries(expected)) assertEquals(verdict[key], value, key);
  });
}

Deno.test("unique-ids: only clients' operations that generate ids count", () => {
  const history = parseHistory("0 generate; 0 ok 1; 1 other; 1 ok 1; 2 generate; 2 ok 1")
    .map((operation): Operation =>
      operation.process === 2 ? { ...operation, process: "nemesis" } : operation
    );
  const verdict = checkUniqueIds(history);
  assertEquals([verdict["valid?"], verdict["attempted-count"]], [true, 1]);
});

Deno.test("unique-ids: lists the 48 most frequent duplicates, sorted by id", () => {
  const lines = Array.from({ length: 60 }, (_, id) => `0 generate; 0 ok ${id};`.repeat(2 + id % 3));
  const verdict = checkUniqueIds(parseHistory(lines.join("")));
  assertEquals(verdict["duplicated-count"], 60);
  const listed = verdict["duplicated"] as Map<number, number>;
  assertEquals(listed.size, 48);
  const ids = [...listed.keys()];
  assertEquals(ids, ids.toSorted((a, b) => a - b));
  assertEquals([...listed.values()].filter((count) => count === 4).length, 20);
  assertEquals([...listed.values()].filter((count) => count === 3).length, 20);
});

Deno.test("unique-ids: the explanation of a duplicate names the operations that received it", () => {
  const history = parseHistory("0 generate; 0 ok 7; 1 generate; 1 ok 7");
  assertEquals(checkUniqueIds(history)["explanations"], [{
    type: "duplicated-id",
    message: "The id 7 was generated 2 times, first by operation 1 (generate of process 0), " +
      "then by operation 3 (generate of process 1).",
    element: 7,
    operations: [history[1], history[3]],
  }]);
});

Deno.test("unique-ids: a correct history is valid; a single repetition is found", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const history = generateHistory(random, uniqueIdsModel(), {
        operations: 30,
        processes: 4,
        infoChance: 0.05,
      });
      assertEquals(checkUniqueIds(history)["valid?"], true);
      const [first, second] = random.shuffle(history.filter(({ type }) => type === "ok"));
      const { value } = first as Operation;
      const broken = history.map((operation) =>
        operation.index === second?.index ? { ...operation, value } : operation
      );
      assertEquals(checkUniqueIds(broken)["duplicated"], new Map([[value, 2]]));
    }),
    { seed: 91, numRuns: 300 },
  );
});

Deno.test("unique-ids: agrees with a comparison of every pair", () => {
  const id = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom("0", "1", null, true, 0.5));
  const ids = fc.array(fc.oneof(id, fc.array(id, { maxLength: 2 }), fc.record({ a: id })));
  fc.assert(
    fc.property(ids, (values) => {
      const text = values.map((value) => `0 generate; 0 ok ${JSON.stringify(value)}`).join(";");
      const texts = values.map((value) => JSON.stringify(value));
      const repeated = new Set(texts.filter((text, index) => texts.indexOf(text) !== index));
      const verdict = checkUniqueIds(parseHistory(text));
      assertEquals(verdict["duplicated-count"], repeated.size);
      assertEquals(verdict["valid?"], repeated.size === 0);
    }),
    { seed: 92, numRuns: oracleHistories(300) },
  );
});
