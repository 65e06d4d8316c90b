import { assertEquals } from "std/testing";
import { type AnomalyCase, checkKafka } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "../../../lib/testing/mod.ts";

/** Parses a history and sets the committed offsets of each ok assignment. */
function historyWith(committed: Readonly<Record<string, number>>, text: string) {
  return parseLogHistory(text).map((operation) =>
    operation.f === "assign" && operation.type === "ok"
      ? { ...operation, extra: { committed } }
      : operation
  );
}

const POLLED = `
  0 send k:1@0
  0 send k:2@5
  0 send j:3@0
  1 assign k
  1 poll k:1@0 k:2@5`;

Deno.test("nonmonotonic-commit: an assignment gets a lower committed offset, or none", () => {
  for (const committed of [{ k: 4 }, {}]) {
    const history = historyWith(committed, `${POLLED}\n1 assign k\n2 poll j:3@0`);
    const verdict = checkKafka(history);
    assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
    assertEquals(verdict["bad-error-types"], ["nonmonotonic-commit"]);
    const { errs } = verdict["nonmonotonic-commit"] as { errs: AnomalyCase[] };
    const found = "k" in committed ? "the committed offset 4" : "no committed offset";
    assertEquals(errs, [{
      key: "k",
      committed: 5,
      told: committed.k ?? null,
      ops: [history[9], history[11]],
      message: `operation 11 (assign of process 1) got ${found} of key "k", although operation 9 ` +
        "(poll of process 1) had committed 5",
    }]);
  }
});

Deno.test("no nonmonotonic-commit: an offset as high, another key, or another process", () => {
  for (
    const [committed, end] of [
      [{ k: 5 }, "1 assign k"],
      [{ k: 9 }, "1 assign k"],
      [{}, "1 assign j"],
      [{}, "2 assign k"],
    ] as const
  ) {
    const verdict = checkKafka(historyWith(committed, `${POLLED}\n${end}\n3 poll j:3@0`));
    assertEquals(verdict["error-types"], [], `${JSON.stringify(committed)} ${end}`);
  }
});
