import { assert, assertEquals } from "std/testing";
import { checkKafka } from "../../lib/check/kafka/mod.ts";
import { maelstromValid, plainResults } from "../../lib/check/mod.ts";
import { decodeHistoryEdn } from "../../lib/history/mod.ts";
import {
  assertSameBesideWorkload,
  judge,
  readVector,
  type Results,
  smallVectors,
  vectorNames,
} from "./simple_vectors.ts";

type Fields = Readonly<Record<string, unknown>>;

const names = vectorNames(/^kafka-/);

for (const name of names) {
  const vector = readVector(name);
  const { fault, history, results } = vector;
  Deno.test(`${name} (${fault}) gets Maelstrom's verdict`, () => {
    assert(results !== undefined);
    const ours = judge(vector);
    assertSameBesideWorkload(ours, results);
    assertSameWorkload(ours["workload"] ?? {}, results["workload"] ?? {});
    assertShownCases(plainResults(checkKafka(history, { allErrors: true })) as Fields, results);
  });
}

/** Compares the verdict, the error types, their counts, the unseen messages and the lag. */
function assertSameWorkload(ours: Fields, theirs: Fields): void {
  for (const key of ["valid?", "error-types", "bad-error-types", "info-txn-causes"]) {
    assertEquals(ours[key], theirs[key], key);
  }
  assertEquals(maelstromValid({ ...ours, "valid?": ours["valid?"] as boolean }), theirs["valid?"]);
  for (const type of theirs["error-types"] as string[]) {
    const [found, expected] = [ours[type] as Fields, theirs[type] as Fields];
    assertEquals(found["count"], expected["count"], type);
    if (type !== "unseen") continue;
    const { message, ...figures } = found;
    assertEquals(figures, expected);
    assertEquals(typeof message, "string");
  }
  // Of several keys with the same lag, the order of a hash map decides which one is reported.
  const { key: _, ...lag } = ours["worst-realtime-lag"] as Fields;
  const { key: __, ...expectedLag } = theirs["worst-realtime-lag"] as Fields;
  assertEquals(lag, expectedLag);
}

/** Asserts that our cases include every case that Maelstrom shows. It shows only a few. */
function assertShownCases(ours: Fields, results: Results): void {
  const workload = results["workload"] as Fields;
  for (const type of workload["error-types"] as string[]) {
    if (type === "unseen") continue;
    const found = (ours[type] as { errs: Fields[] }).errs.map(comparable);
    for (const expected of (workload[type] as { errs: Fields[] }).errs) {
      assert(found.includes(comparable(expected)), `${type}: ${JSON.stringify(expected)}`);
    }
  }
}

/** Returns a case as text, with operations as their indices. */
function comparable(anomaly: Fields): string {
  const indexOf = (operation: unknown) => (operation as Fields)["index"];
  const fields = Object.entries(anomaly).filter(([name]) => name !== "message").map((
    [name, value],
  ) => {
    if (name === "op") return [name, indexOf(value)];
    return [name, name === "ops" ? (value as unknown[]).map(indexOf) : value];
  });
  return JSON.stringify(fields.sort(([a], [b]) => (a as string) < (b as string) ? -1 : 1));
}

Deno.test("at least 11 recorded kafka runs exist", () => {
  assert(names.length >= 11, `${names.length} runs`);
});

Deno.test("small/kafka.jsonl: the verdict and the error types equal Jepsen's", () => {
  let phantoms = 0;
  for (const { id, history, verdict } of smallVectors("kafka.jsonl")) {
    const ours = checkKafka(decodeHistoryEdn(history.join("\n"), id));
    const { valid, errors, bad, threw } = verdict as Fields;
    if (threw === undefined) {
      assertEquals(ours["valid?"], valid, id);
      assertEquals(ours["error-types"], errors, id);
      assertEquals(ours["bad-error-types"], bad, id);
      assertEquals(ours["maelstrom-valid?"], undefined, id);
    } else {
      // Jepsen's checker throws for a polled message without a send. Ours reports phantom-poll.
      phantoms++;
      assertEquals(ours["valid?"], false, id);
      assertEquals(ours["maelstrom-valid?"], "unknown", id);
      assert((ours["bad-error-types"] as string[]).includes("phantom-poll"), id);
    }
  }
  assertEquals(phantoms, 13);
});
