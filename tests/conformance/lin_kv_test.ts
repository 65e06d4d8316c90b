import { assert, assertEquals } from "std/testing";
import { casRegister, checkLinearizable } from "../../lib/check/linearizable/mod.ts";
import { decodeHistoryEdn } from "../../lib/history/mod.ts";
import {
  assertSameBesideWorkload,
  judge,
  readVector,
  smallVectors,
  vectorNames,
} from "./simple_vectors.ts";

type Fields = Readonly<Record<string, unknown>>;

const names = vectorNames(/^lin-kv-/);

for (const name of names) {
  const vector = readVector(name);
  const { fault, results } = vector;
  Deno.test(`${name} (${fault}) gets Maelstrom's verdict`, () => {
    assert(results !== undefined);
    const ours = judge(vector);
    assertSameBesideWorkload(ours, results);
    assertEquals(ours["workload"]?.["failures"], results["workload"]?.["failures"]);
    const found = ours["workload"]?.["results"] as Record<string, Fields>;
    const expected = results["workload"]?.["results"] as Record<string, Fields>;
    assertEquals(Object.keys(found), Object.keys(expected));
    for (const [key, result] of Object.entries(expected)) {
      const valid = found[key]?.["maelstrom-valid?"] ?? found[key]?.["valid?"];
      assertEquals(valid, result["valid?"], `key ${key}`);
      assertSameFailure(found[key]?.["linearizable"] as Fields, result["linearizable"] as Fields);
    }
  });
}

/** Asserts that a key fails at the same operation, after the same operations, in the same states. */
function assertSameFailure(ours: Fields, theirs: Fields): void {
  assertEquals(ours["valid?"], theirs["valid?"]);
  if (theirs["valid?"] !== false) return;
  for (const key of ["op", "previous-ok", "last-op"]) {
    assertEquals((ours[key] as Fields)["index"], (theirs[key] as Fields)["index"], key);
    assertEquals((ours[key] as Fields)["value"], (theirs[key] as Fields)["value"], key);
  }
  const models = (result: Fields) => (result["configs"] as Fields[]).map(({ model }) => model);
  assertEquals(models(ours), models(theirs));
  assertEquals(
    (ours["final-paths"] as unknown[]).length,
    (theirs["final-paths"] as unknown[]).length,
  );
}

Deno.test("at least 7 recorded lin-kv runs exist", () => {
  assert(names.length >= 7, `${names.length} runs`);
});

Deno.test("small/lin-kv.jsonl: the verdict equals Knossos'", () => {
  const seen = new Set<unknown>();
  for (const { id, history, verdict } of smallVectors("lin-kv.jsonl")) {
    const { valid } = verdict as Fields;
    const ours = checkLinearizable(decodeHistoryEdn(history.join("\n"), id), casRegister);
    assertEquals(ours["valid?"], valid, id);
    seen.add(valid);
  }
  assertEquals(seen, new Set<unknown>([true, false]));
});
