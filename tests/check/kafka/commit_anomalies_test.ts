import { assertEquals } from "std/testing";
import { type AnomalyCase, checkKafka } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "./log_notation.ts";

/** A history in which each assignment that succeeded says that so much was committed. */
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

Deno.test("nonmonotonic-commit: a process is told of less than it has committed, or of nothing", () => {
  for (const told of [{ k: 4 }, {}]) {
    const history = historyWith(told, `${POLLED}\n1 assign k\n2 poll j:3@0`);
    const verdict = checkKafka(history);
    assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
    assertEquals(verdict["bad-error-types"], ["nonmonotonic-commit"]);
    const { errs } = verdict["nonmonotonic-commit"] as { errs: AnomalyCase[] };
    const what = "k" in told ? "4 is committed" : "nothing is committed";
    assertEquals(errs, [{
      key: "k",
      committed: 5,
      told: told.k ?? null,
      ops: [history[9], history[11]],
      message:
        `operation 11 (assign of process 1) was told that ${what} of key "k", though 5 was ` +
        "after operation 9 (poll of process 1)",
    }]);
  }
});

Deno.test("no nonmonotonic-commit: enough is committed, of another key, or by somebody else", () => {
  for (
    const [told, end] of [
      [{ k: 5 }, "1 assign k"],
      [{ k: 9 }, "1 assign k"],
      [{}, "1 assign j"],
      [{}, "2 assign k"],
    ] as const
  ) {
    const verdict = checkKafka(historyWith(told, `${POLLED}\n${end}\n3 poll j:3@0`));
    assertEquals(verdict["error-types"], [], `${JSON.stringify(told)} ${end}`);
  }
});
