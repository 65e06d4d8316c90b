import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { checkKafka, realtimeLag } from "../../../lib/check/kafka/mod.ts";
import { logHistory, type LogModelOptions } from "./log_model.ts";
import { type Evidence, findErrorsNaively, lagsNaively } from "./log_oracle.ts";
import { corrupt, faults } from "./planted_faults.ts";
import { oracleHistories } from "../../support/oracle_histories.ts";

const small: LogModelOptions = { operations: 14, clients: 3, keys: 2, maxGap: 2 };
const middle: LogModelOptions = { operations: 150, clients: 4, keys: 3, maxGap: 4 };

Deno.test("histories of correct logs are valid", () => {
  for (let seed = 0; seed < 150; seed++) {
    const verdict = checkKafka(logHistory(new Random(seed), middle));
    assertEquals(verdict["error-types"], [], `seed ${seed}`);
    assertEquals(verdict["valid?"], true);
  }
});

for (const [type, plant] of Object.entries(faults)) {
  Deno.test(`a planted ${type} is found`, () => {
    let planted = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const history = structuredClone(logHistory(random, middle));
      if (!plant(history, random)) continue;
      planted++;
      const found = checkKafka(history)["bad-error-types"] as string[];
      assert(found.includes(type), `seed ${seed}: ${found.join(", ")}`);
    }
    assert(planted >= 50, `planted ${planted} times`);
  });
}

Deno.test("on small histories, correct or corrupted, the checker agrees with the oracle", () => {
  const orderTypes = /poll-skip|nonmonotonic|lost-write/;
  const seen = new Set<string>();
  for (let seed = 0; seed < oracleHistories(400); seed++) {
    const random = new Random(`oracle ${seed}`);
    const history = structuredClone(logHistory(random, small));
    corrupt(history, random, seed % 4);
    const { errorTypes, cases, orderKnown } = findErrorsNaively(history);
    const isComparable = (type: string) =>
      !type.endsWith("-cycle-exists") && (orderKnown || !orderTypes.test(type));
    const verdict = checkKafka(history, { allErrors: true });
    const found = (verdict["error-types"] as string[]).filter(isComparable);
    assertEquals(found, [...errorTypes].filter(isComparable).sort(), `seed ${seed}`);
    for (const type of found) seen.add(type);
    for (const [type, expected] of cases) {
      if (!isComparable(type)) continue;
      const { errs } = verdict[type] as { errs: readonly Evidence[] };
      assertEquals(evidenceOf(errs, expected), evidenceOf(expected), `seed ${seed}: ${type}`);
    }
  }
  assertEquals(seen.size >= 11, true, [...seen].join(", "));
});

Deno.test("lags agree with the oracle, which stores a time for every offset", () => {
  for (let seed = 0; seed < oracleHistories(200); seed++) {
    const random = new Random(`lag ${seed}`);
    const history = structuredClone(logHistory(random, small));
    corrupt(history, random, seed % 3);
    assertEquals(realtimeLag(history).map(({ lag }) => lag), lagsNaively(history), `seed ${seed}`);
  }
});

Deno.test("histories with offsets near 2⁵³ are checked", () => {
  const options = { operations: 2_000, clients: 4, keys: 3, maxGap: 2 ** 43 };
  const history = logHistory(new Random("sparse"), options);
  const highest = Math.max(
    ...history.filter(({ f, type }) => f === "send" && type === "ok")
      .map(({ value }) => (value as [[string, string, [number, number]]])[0][2][0]),
  );
  assert(highest > 2 ** 50 && highest < 2 ** 53);
  assertEquals(checkKafka(history)["valid?"], true);
});

/** The fields that the first case of the oracle has, with operations as their indexes, sorted. */
function evidenceOf(cases: readonly Evidence[], [first]: readonly Evidence[] = cases): string[] {
  const fields = Object.keys(first ?? {}).sort();
  const plain = (value: unknown) =>
    typeof value === "object" && value !== null && "index" in value ? value.index : value;
  return cases.map((found) => JSON.stringify(fields.map((field) => [field, plain(found[field])])))
    .sort();
}
