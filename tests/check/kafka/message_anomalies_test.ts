import { assertEquals } from "std/testing";
import type { History, OperationType } from "../../../lib/history/mod.ts";
import { type AnomalyCase, checkKafka } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "../../../lib/testing/mod.ts";

/** Makes the history of operations one after another, with values as they are. */
function historyOf(
  ...operations: readonly (readonly [OperationType, f: string, value: unknown])[]
): History {
  return operations.flatMap(([type, f, value], number) =>
    (["invoke", type] as const).map((type, part) => ({
      index: 2 * number + part,
      time: (2 * number + part) * 1e9,
      process: number,
      type,
      f,
      value,
    }))
  );
}

function casesOf(history: History, type: string): readonly AnomalyCase[] {
  const found = checkKafka(history, { allErrors: true })[type] as
    | { readonly errs: readonly AnomalyCase[] }
    | undefined;
  return found?.errs ?? [];
}

Deno.test("negative-offset: an acknowledged send or poll has an offset below 0", () => {
  for (const [sentAt, polledAt, index] of [[-1, 1, 3], [1, -2, 5]]) {
    const history = historyOf(
      ["ok", "send", [["send", "k", [0, 7]]]],
      ["ok", "send", [["send", "k", [sentAt, 8]]]],
      ["ok", "poll", [["poll", { k: [[0, 7], [polledAt, 8]] }]]],
    );
    const verdict = checkKafka(history);
    assertEquals(verdict["bad-error-types"], ["negative-offset"]);
    assertEquals([verdict["valid?"], verdict["maelstrom-valid?"]], [false, true]);
    const [found] = casesOf(history, "negative-offset");
    assertEquals([found?.key, found?.value, found?.op], ["k", 8, history[index as number]]);
    assertEquals(found?.offset, Math.min(sentAt as number, polledAt as number));
  }
});

Deno.test("a value that is not a micro-operation, or polls no logs, is ignored", () => {
  for (const stray of [null, 7, ["noop", { k: [[0, 7]] }], ["poll", [[0, 7]]], ["poll"]]) {
    for (const f of ["send", "poll", "txn"]) {
      const history = historyOf(
        ["ok", "send", [["send", "k", [0, 7]]]],
        ["ok", f, [stray]],
        ["ok", "txn", [stray, ["poll", { k: [[0, 7]] }], stray]],
      );
      assertEquals(checkKafka(history)["error-types"], [], JSON.stringify([f, stray]));
    }
  }
});

Deno.test("a polled entry that is not a pair is ignored; an offset that is not a number is unknown", () => {
  for (const stray of [null, 7, "7", { 0: 0, 1: 7 }]) {
    const history = historyOf(
      ["ok", "send", [["send", "k", [0, 7]]]],
      ["ok", "poll", [["poll", { k: [[0, 7], stray] }]]],
      ["ok", "poll", [["poll", { k: [stray] }]]],
    );
    assertEquals(checkKafka(history)["error-types"], [], JSON.stringify(stray));
  }
  const unknown = historyOf(
    ["ok", "send", [["send", "k", ["0", 7]]]],
    ["ok", "poll", [["poll", { k: [["1", 7]] }]]],
  );
  assertEquals(checkKafka(unknown)["error-types"], []);
});

Deno.test("offsets beyond 2^53 are offsets", () => {
  const at = 2n ** 60n;
  const history = historyOf(
    ["ok", "send", [["send", "k", [at, 7]]]],
    ["ok", "send", [["send", "k", [at + 1n, 8]]]],
    ["ok", "poll", [["poll", { k: [[at, 7], [at, 8]] }]]],
  );
  assertEquals(casesOf(history, "inconsistent-offsets")[0]?.offset, at);
  assertEquals(casesOf(history, "duplicate")[0]?.offsets, [at, at + 1n]);
});

Deno.test("an offset in the reply of a failed send is ignored", () => {
  const history = historyOf(
    ["ok", "send", [["send", "k", [0, 7]]]],
    ["fail", "send", [["send", "k", [0, 8]]]],
    ["ok", "poll", [["poll", { k: [[0, 7]] }]]],
  );
  assertEquals(checkKafka(history)["error-types"], []);
});

Deno.test("offsets in the replies of a failed transaction do not enter the log", () => {
  const history = historyOf(
    ["ok", "send", [["send", "k", [0, 7]]]],
    ["fail", "txn", [["send", "k", [0, 8]], ["send", "k", [3, 9]]]],
    ["ok", "poll", [["poll", { k: [[0, 7]] }]]],
  );
  assertEquals(checkKafka(history)["error-types"], []);
});

Deno.test("a negative offset of an indeterminate poll is ignored", () => {
  const history = historyOf(
    ["ok", "send", [["send", "k", [0, 7]]]],
    ["ok", "poll", [["poll", { k: [[0, 7]] }]]],
    ["info", "poll", [["poll", { k: [[-2, 7]] }]]],
  );
  assertEquals(casesOf(history, "negative-offset"), []);
});

Deno.test("lost-write names the sender, and a poll of a later message", () => {
  const history = parseLogHistory(`
    0 send k:1@0
    0 send k:2@1
    0 send k:3@2
    1 poll k:1@0
    1 poll k:3@2
    2 poll k:3@2`);
  const [found, ...others] = casesOf(history, "lost-write");
  assertEquals(others, []);
  assertEquals([found?.value, found?.index, found?.["max-read-index"]], [2, 1, 2]);
  assertEquals([found?.writer, found?.["max-read"]], [history[3], history[9]]);
});

Deno.test("an indeterminate operation committed if one of its messages was polled; a failed one did not", () => {
  const both = [["send", "k", [0, 1]], ["send", "k", [1, 2]]];
  const after = [["ok", "send", [["send", "k", [2, 3]]]], [
    "ok",
    "poll",
    [["poll", { k: [[1, 2], [2, 3]] }]],
  ]] as const;
  for (const [type, lost] of [["info", [1]], ["fail", []]] as const) {
    const history = historyOf([type, "txn", both], ...after);
    assertEquals(casesOf(history, "lost-write").map(({ value }) => value), [...lost], type);
  }
  const unpolled = [["send", "k", [0, 1]], ["send", "j", [1, 2]]];
  assertEquals(casesOf(historyOf(["info", "txn", unpolled], ...after), "lost-write"), []);
});

Deno.test("messages that only an indeterminate poll returned are unseen", () => {
  const history = historyOf(
    ["ok", "send", [["send", "k", [0, 1]]]],
    ["ok", "send", [["send", "k", [1, 2]]]],
    ["info", "poll", [["poll", { k: [[0, 1]] }]]],
    ["ok", "poll", [["poll", { k: [[1, 2]] }]]],
  );
  assertEquals(checkKafka(history).unseen?.messages, new Map([["k", [1]]]));
  assertEquals(casesOf(history, "lost-write").map(({ value }) => value), [1]);
});

Deno.test("a log is in the order of its offsets, in whatever order they became known", () => {
  const sends = [3, 1, 4, 0, 2].map((offset) => `0 send k:${offset + 10}@${2 * offset}`);
  const inOrder = [0, 1, 2, 3, 4].map((offset) => `k:${offset + 10}@${2 * offset}`);
  const history = parseLogHistory([...sends, `1 poll ${inOrder.join(" ")}`].join("\n"));
  const found = checkKafka(history)["error-types"];
  assertEquals(found, ["nonmonotonic-send"], "the sends of one process were in another order");
});

Deno.test("the polls of one transaction are one poll", () => {
  const send = ([10, 11] as const).map((message, offset) =>
    ["ok", "send", [["send", "k", [offset, message]]]] as const
  );
  const polls = (...offsets: readonly number[]) =>
    offsets.map((offset) => ["poll", { k: [[offset, offset + 10]] }]);
  const found = (...offsets: number[]) =>
    checkKafka(historyOf(...send, ["ok", "txn", polls(...offsets)]))["bad-error-types"];
  assertEquals(found(0, 1), []);
  assertEquals(found(1, 0), ["int-nonmonotonic-poll"]);
});

Deno.test("equal messages are one message, also when they are objects", () => {
  const history = historyOf(
    ["ok", "send", [["send", "k", [0, { a: [1], b: 2 }]]]],
    ["ok", "poll", [["poll", { k: [[0, { b: 2, a: [1] }]] }]]],
  );
  assertEquals(checkKafka(history)["error-types"], []);
});

Deno.test("unseen keys and messages are sorted: numbers first, then other values", () => {
  const history = historyOf(
    ...(["b", 10, "a", 9] as const).map((message, offset) =>
      ["ok", "send", [["send", "z", [offset, message]]]] as const
    ),
    ["ok", "send", [["send", "c", [0, 1]]]],
  );
  const messages = checkKafka(history).unseen?.messages ?? new Map();
  assertEquals([...messages], [["c", [1]], ["z", [9, 10, "a", "b"]]]);
});
