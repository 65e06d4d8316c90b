import { assertEquals } from "std/testing";
import { type AnomalyCase, checkKafka } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "../../../lib/testing/mod.ts";

const SENT = `
  0 send k:1@0
  0 send j:2@0
  1 assign k
  2 assign k j
  2 poll k:1@0 j:2@0`;

Deno.test("unrequested-poll: a poll returns messages of a key that was not assigned", () => {
  const verdict = checkKafka(parseLogHistory(`${SENT}\n1 poll k:1@0 j:2@0`));
  assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
  assertEquals(verdict["bad-error-types"], ["unrequested-poll"]);
  const { errs } = verdict["unrequested-poll"] as { errs: AnomalyCase[] };
  assertEquals(errs.map(({ key }) => key), ["j"]);
  assertEquals(
    errs[0]?.message.replace(/^operation \d+ /, ""),
    '(poll of process 1) got messages of key "j", but the client had requested ["k"] only',
  );
});

Deno.test("unrequested-poll: the latest assignment counts, and another process's does not", () => {
  for (const rest of ["1 poll k:1@0", "1 assign j\n1 poll j:2@0", "3 poll j:2@0"]) {
    const verdict = checkKafka(parseLogHistory(`${SENT}\n${rest}`));
    assertEquals([verdict["valid?"], verdict["bad-error-types"]], [true, []], rest);
  }
  const late = checkKafka(parseLogHistory(`${SENT}\n2 assign k\n2 poll j:2@0`));
  assertEquals(late["error-types"].includes("unrequested-poll"), true);
});
