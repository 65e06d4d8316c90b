import { assertEquals } from "std/testing";
import fc from "fast-check";
import { Random } from "../../lib/base/mod.ts";
import { generateHistory, uniqueIdsModel } from "../../lib/check/generate/mod.ts";
import { checkUniqueIds } from "../../lib/check/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";
import { parseHistory } from "./notation.ts";

const cases: Readonly<Record<string, [history: string, expected: Record<string, unknown>]>> = {
  "different ids are fine": [
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
  "an id handed out twice is not": [
    "0 generate; 0 ok 7; 1 generate; 1 ok 8; 0 generate; 0 ok 7",
    { "valid?": false, "duplicated-count": 1, duplicated: new Map([[7, 2]]), range: [7, 8] },
  ],
  "what was not acknowledged does not count": [
    "0 generate; 0 ok 7; 1 generate; 1 info 7; 2 generate; 2 fail 7; 3 generate",
    { "valid?": true, "attempted-count": 4, "acknowledged-count": 1 },
  ],
  '1 and "1" are different, though Maelstrom cannot tell': [
    `0 generate; 0 ok 1; 0 generate; 0 ok "1"`,
    { "valid?": true, "maelstrom-valid?": "unknown", range: [1, "1"] },
  ],
  "duplicates among ids of many kinds are found, though Maelstrom gives up": [
    `0 generate; 0 ok {"a": 1, "b": 2}; 0 generate; 0 ok null; 0 generate; 0 ok [1]
     0 generate; 0 ok {"b": 2, "a": 1}; 0 generate; 0 ok true`,
    { "valid?": false, "maelstrom-valid?": "unknown", "duplicated-count": 1 },
  ],
  "null is an id like any other": [
    "0 generate; 0 ok null; 0 generate; 0 ok null",
    { "valid?": false, duplicated: new Map([[null, 2]]), "maelstrom-valid?": undefined },
  ],
  "without ids there is no duplicate": ["0 generate; 0 info", {
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

Deno.test("unique-ids: the 48 most frequent duplicates are listed, in order", () => {
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

Deno.test("unique-ids: a duplicate is explained by those who got it", () => {
  const history = parseHistory("0 generate; 0 ok 7; 1 generate; 1 ok 7");
  assertEquals(checkUniqueIds(history)["explanations"], [{
    type: "duplicated-id",
    message: "The id 7 was handed out 2 times, first by operation 1 (generate of process 0) " +
      "and again by operation 3 (generate of process 1).",
    element: 7,
    operations: [history[1], history[3]],
  }]);
});

Deno.test("unique-ids: a correct source is never blamed, a single repetition always found", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const history = generateHistory(random, uniqueIdsModel(), {
        operations: 30,
        processes: 4,
        infoChance: 0.05,
      });
      assertEquals(checkUniqueIds(history)["valid?"], true);
      const [victim, thief] = random.shuffle(history.filter(({ type }) => type === "ok"));
      const { value } = victim as Operation;
      const broken = history.map((operation) =>
        operation.index === thief?.index ? { ...operation, value } : operation
      );
      assertEquals(checkUniqueIds(broken)["duplicated"], new Map([[value, 2]]));
    }),
    { seed: 91, numRuns: 300 },
  );
});

Deno.test("unique-ids: finds what comparing every pair finds", () => {
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
    { seed: 92, numRuns: 300 },
  );
});
