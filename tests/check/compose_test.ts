import { assertEquals } from "std/testing";
import { checkAll, maelstromValid, mergeValid, mergeVerdicts } from "../../lib/check/mod.ts";

const valid = () => ({ "valid?": true }) as const;
const invalid = () => ({ "valid?": false }) as const;
const undecided = () => ({ "valid?": "unknown" }) as const;

Deno.test("mergeValid ranks false over unknown and unknown over true", () => {
  assertEquals(mergeValid([]), true);
  assertEquals(mergeValid([true, "unknown", true]), "unknown");
  assertEquals(mergeValid(["unknown", false, true]), false);
});

Deno.test("checkAll returns each checker's verdict under its name", () => {
  assertEquals(checkAll([], { stats: valid, workload: invalid }), {
    stats: { "valid?": true },
    workload: { "valid?": false },
    "valid?": false,
  });
});

Deno.test("a checker that throws gets the verdict unknown, with its error; others are kept", () => {
  const verdict = checkAll([], {
    stats: valid,
    workload: () => {
      throw new RangeError("too much");
    },
  });
  assertEquals(verdict["valid?"], "unknown");
  assertEquals(verdict["stats"], { "valid?": true });
  assertEquals(verdict["workload"], {
    "valid?": "unknown",
    error: { via: [{ type: "RangeError", message: "too much" }], cause: "too much" },
  });
});

Deno.test("Maelstrom's merged verdict is merged from its verdicts on the parts", () => {
  const stricter = { "valid?": false, "maelstrom-valid?": true } as const;
  assertEquals(mergeVerdicts({ a: valid(), b: stricter })["maelstrom-valid?"], true);
  assertEquals(mergeVerdicts({ a: undecided(), b: stricter })["maelstrom-valid?"], "unknown");
  assertEquals("maelstrom-valid?" in mergeVerdicts({ a: invalid(), b: stricter }), false);
  assertEquals("maelstrom-valid?" in mergeVerdicts({ a: invalid(), b: valid() }), false);
  assertEquals(maelstromValid({ "valid?": true }), true);
  for (const recorded of [true, false, "unknown"] as const) {
    for (const ours of [true, false, "unknown"] as const) {
      const verdict = { "valid?": ours, "maelstrom-valid?": recorded };
      assertEquals(maelstromValid(verdict), recorded);
    }
  }
});
