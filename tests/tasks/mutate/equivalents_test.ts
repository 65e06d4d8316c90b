import { assert, assertEquals } from "std/testing";
import {
  readEquivalents,
  staleEquivalents,
  withoutEquivalents,
} from "../../../tasks/mutate/equivalents.ts";
import { mutantsOf } from "../../../tasks/mutate/mutants.ts";

const equivalents = readEquivalents("tests/mutants.json");
const files = new Set(equivalents.map(({ file }) => file));
const mutants = [...files].flatMap((file) => mutantsOf(file, Deno.readTextFileSync(file)));

Deno.test("each equivalent mutant of this project still exists, and has a reason", () => {
  assertEquals(staleEquivalents(mutants, equivalents), []);
  for (const { reason } of equivalents) assert(/^[A-Z].{20,}\.$/.test(reason), reason);
});

Deno.test("an equivalent mutant is left out, others of its file are not", () => {
  const [first] = mutants;
  assert(first !== undefined);
  const { file, original, mutated } = first;
  assertEquals(withoutEquivalents(mutants, []).length, mutants.length);
  assert(!withoutEquivalents(mutants, [{ file, original, mutated, reason: "" }]).includes(first));
  const other = { file, original, mutated: `${mutated};`, reason: "" };
  assertEquals(withoutEquivalents(mutants, [other]).length, mutants.length);
  assertEquals(staleEquivalents(mutants, [other]), [other]);
});

Deno.test("without a file, no mutant is equivalent", () => {
  assertEquals(readEquivalents("tests/no_such_file.json"), []);
});
