import { assert, assertEquals } from "std/testing";
import { type AnomalyCase, checkKafka, type KafkaOptions } from "../../../lib/check/kafka/mod.ts";
import { anomalyTable } from "./anomaly_table.ts";
import { parseLogHistory } from "./log_notation.ts";

for (const { name, history, errors, valid, options } of anomalyTable) {
  Deno.test(`${name}: ${Object.keys(errors).length === 0 ? "nothing is wrong" : "found"}`, () => {
    const verdict = checkKafka(parseLogHistory(history), options);
    assertEquals(verdict["error-types"], Object.keys(errors).sort());
    assertEquals(verdict["valid?"], valid ?? Object.keys(errors).length === 0);
    for (const [type, count] of Object.entries(errors)) {
      if (type === "unseen") continue;
      const found = verdict[type] as { count: number; errs: AnomalyCase[] };
      assertEquals(found.count, count, type);
      for (const { message } of found.errs) assert(message.length > 20, message);
    }
  });
}

Deno.test("the operations that prove an anomaly come with it, as data and in a sentence", () => {
  const history = parseLogHistory(`
    0 send k:1@0
    0 send k:2@1
    0 send k:3@2
    1 poll k:1@0
    1 poll k:3@2
    2 poll k:2@1`);
  const { errs } = checkKafka(history)["poll-skip"] as { errs: AnomalyCase[] };
  const [{ message, ...data }] = errs as [AnomalyCase];
  assertEquals(data, { key: "k", delta: 2, skipped: [2], ops: [history[7], history[9]] });
  assertEquals(
    message,
    'process 1 polled 1 of key "k" last (operation 7) and then 3 (operation 9); 2 stand in between',
  );
});

Deno.test("a cycle is told step by step, its realtime edges joined", () => {
  const history = parseLogHistory(`
    1 poll k:1@0
    2 poll
    0 send k:1@0`);
  const { errs } = checkKafka(history)["G1c-realtime"] as { errs: AnomalyCase[] };
  assertEquals(
    errs[0]?.message,
    'a cycle: operation 5 (send of process 0) sent 1 to "k", which operation 1 (poll of process 1) ' +
      "polled; operation 1 (poll of process 1) ended before operation 5 (send of process 0) began",
  );
});

Deno.test("only the most telling cases are shown, all are counted", () => {
  const messages = Array.from({ length: 60 }, (_, place) => place);
  const sends = messages.map((place) => `0 send k:${place}@${place}`);
  const polls = messages.slice(0, 40).map((place) => `${place + 1} poll k:${place}@0`);
  const history = parseLogHistory([...sends, ...polls].join("\n"));
  const count = (options: KafkaOptions) => {
    const found = checkKafka(history, options)["duplicate"] as { count: number; errs: unknown[] };
    return [found.count, found.errs.length];
  };
  assertEquals(count({}), [39, 32]);
  assertEquals(count({ allErrors: true }), [39, 39]);
});

Deno.test("the different causes of unknown outcomes are listed once", () => {
  const history = parseLogHistory(`
      0 send k:1 ?
      1 send k:2 ?
      2 poll ?
      3 poll k:1@0
      4 crash`)
    .map((operation) =>
      operation.f === "send" && operation.type === "info"
        ? { ...operation, error: ["timeout", "too late"] }
        : operation
    );
  assertEquals(checkKafka(history)["info-txn-causes"], [["timeout", "too late"], null]);
});

Deno.test("a key that was polled without any entry makes Maelstrom's checker fail, not ours", () => {
  const verdict = checkKafka(parseLogHistory(`
    0 send k:1@0
    1 poll k:`));
  assertEquals(verdict["maelstrom-valid?"], "unknown");
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["bad-error-types"], ["unseen"]);
});
