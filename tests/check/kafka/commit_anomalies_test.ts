import { assertEquals } from "std/testing";
import { type AnomalyCase, checkKafka } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "../../../lib/testing/mod.ts";

/** Parses a history and sets the committed offsets of its last ok assignment. */
function historyWith(committed: Readonly<Record<string, number>>, text: string) {
  const history = parseLogHistory(text);
  const last = history.findLastIndex(({ f, type }) => f === "assign" && type === "ok");
  return history.map((operation, index) =>
    index === last ? { ...operation, extra: { committed } } : operation
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

Deno.test("an assignment whose value is not a list of keys is ignored", () => {
  const history = historyWith({ k: 0 }, `${POLLED}\n1 assign k\n2 poll j:3@0`)
    .map((operation) => operation.f === "assign" ? { ...operation, value: null } : operation);
  assertEquals(checkKafka(history)["error-types"], []);
});

Deno.test("nonmonotonic-commit names the first poll that committed the offset", () => {
  const history = historyWith({ k: 4 }, `${POLLED}\n1 poll k:2@5\n1 assign k\n2 poll j:3@0`);
  const { errs } = checkKafka(history)["nonmonotonic-commit"] as { errs: AnomalyCase[] };
  assertEquals(errs[0]?.ops, [history[9], history[13]]);
});

Deno.test("no nonmonotonic-commit: an offset as high, another key, or another process", () => {
  for (
    const [committed, end] of [
      [{ k: 5 }, "1 assign k"],
      [{ k: 6 }, "1 assign k"],
      [{}, "1 assign j"],
      [{}, "2 assign k"],
    ] as const
  ) {
    const verdict = checkKafka(historyWith(committed, `${POLLED}\n${end}\n3 poll j:3@0`));
    assertEquals(verdict["error-types"], [], `${JSON.stringify(committed)} ${end}`);
  }
});

Deno.test("phantom-commit: a listed offset is higher than all that were committed", () => {
  for (
    const [committed, highest] of [
      [{ k: 7 }, "the highest was 5"],
      [{ k: 5, j: 0 }, "none was"],
    ] as const
  ) {
    const verdict = checkKafka(historyWith(committed, `${POLLED}\n2 assign k j\n3 poll j:3@0`));
    assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
    assertEquals(verdict["bad-error-types"], ["phantom-commit"]);
    const { errs: [first] } = verdict["phantom-commit"] as { errs: AnomalyCase[] };
    const [key, offset] = "j" in committed ? ["j", 0] : ["k", 7];
    assertEquals(
      first?.message,
      `operation 11 (assign of process 2) got the committed offset ${offset} of key "${key}", ` +
        `but no client had committed it: ${highest}`,
    );
  }
});

Deno.test("no phantom-commit: a poll that had begun may have committed the offset", () => {
  const end = "3 poll j:3@0";
  for (const poll of ["2 begin poll\n3 assign k j\n2 end poll j:3@9 ?", "2 poll ?\n3 assign k j"]) {
    const history = historyWith({ k: 5, j: 9 }, `${POLLED}\n${poll}\n${end}`);
    assertEquals(checkKafka(history)["error-types"], [], poll);
  }
  const pending = "0 send j:4@9\n2 begin poll\n3 assign j\n2 end poll j:3@0 j:4@9";
  const history = historyWith({ j: 9 }, `${POLLED}\n${pending}`);
  assertEquals(checkKafka(history)["error-types"], []);
  for (const listed of [{ j: -1 }, {}]) {
    const history = historyWith(listed, `${POLLED}\n3 assign j\n${end}`);
    assertEquals(checkKafka(history)["error-types"], []);
  }
});

Deno.test("unrequested-commit: an assignment gets the offset of a key that it did not request", () => {
  const verdict = checkKafka(historyWith({ k: 5 }, `${POLLED}\n2 assign j\n3 poll j:3@0`));
  assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
  assertEquals(verdict["bad-error-types"], ["unrequested-commit"]);
  const { errs } = verdict["unrequested-commit"] as { errs: AnomalyCase[] };
  assertEquals(
    errs.map(({ message }) => message),
    [
      'operation 11 (assign of process 2) got the committed offset 5 of key "k", but the client had ' +
      'requested ["j"] only',
    ],
  );
});
