import { assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import {
  decodeHistoryEdn,
  decodeHistoryJsonl,
  encodeHistoryEdn,
  encodeHistoryJsonl,
  type History,
  MalformedHistoryError,
  NEMESIS,
  type Operation,
} from "../../lib/history/mod.ts";

const history: History = [
  { index: 0, time: 5, type: "info", process: NEMESIS, f: "start-partition", value: "one" },
  { index: 1, time: 6, type: "invoke", process: 0, f: "read", value: null, final: true },
  {
    index: 2,
    time: 7,
    type: "info",
    process: 0,
    f: "read",
    value: 2n ** 60n,
    error: ["crash", "disk full"],
    final: true,
    exception: { via: [{ type: "RpcError", message: "disk full" }], cause: "disk full" },
    extra: { "poll-ms": 1000 },
  },
];

Deno.test("a history is encoded as one JSON object a line", () => {
  assertEquals(
    encodeHistoryJsonl(history),
    `{"index":0,"time":5,"type":"info","process":"nemesis","f":"start-partition","value":"one"}
{"index":1,"time":6,"type":"invoke","process":0,"f":"read","value":null,"final?":true}
{"index":2,"time":7,"type":"info","process":0,"f":"read","value":1152921504606846976,` +
      `"poll-ms":1000,"final?":true,` +
      `"exception":{"via":[{"type":"RpcError","message":"disk full"}],"cause":"disk full"},` +
      `"error":["crash","disk full"]}\n`,
  );
});

Deno.test("decoding reverses encoding", () => {
  assertEquals(decodeHistoryJsonl(encodeHistoryJsonl(history), "history.jsonl"), history);
});

Deno.test("any JSON value is preserved by both formats", () => {
  // An EDN map with integer keys is decoded in another order; JSON values are unordered.
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, time) => {
      const operation: Operation = { index: 0, time, type: "invoke", process: 3, f: "add", value };
      const plain = decodeHistoryJsonl(encodeHistoryJsonl([operation]), "h");
      assertEquals(decodeHistoryEdn(encodeHistoryEdn(plain), "h"), plain);
    }),
    { seed: 20240607, numRuns: 200 },
  );
});

Deno.test("a line that is malformed JSON is rejected with its file and line", () => {
  const text = encodeHistoryJsonl(history.slice(0, 1)) + "{,}\n";
  const error = assertThrows(
    () => decodeHistoryJsonl(text, "run/history.jsonl"),
    MalformedHistoryError,
    "run/history.jsonl, line 2: malformed JSON",
  );
  assertEquals(error.line, 2);
});

Deno.test("a truncated file is reported as truncated", () => {
  const text = encodeHistoryJsonl(history);
  assertThrows(
    () => decodeHistoryJsonl(text.slice(0, -30), "run/history.jsonl"),
    MalformedHistoryError,
    "run/history.jsonl, line 3: the last line is incomplete, so the file is truncated",
  );
});

Deno.test("a missing line is detected, unless it is the last", () => {
  const invocations: Operation[] = Array.from({ length: 20 }, (_, index) => ({
    index,
    time: index,
    type: index % 2 === 0 ? "invoke" : "ok",
    process: 0,
    f: "read",
    value: null,
  }));
  const lines = encodeHistoryJsonl(invocations).trimEnd().split("\n");
  for (let removed = 0; removed < lines.length - 1; removed++) {
    const text = lines.filter((_, index) => index !== removed).join("\n");
    const error = assertThrows(() => decodeHistoryJsonl(text, "h"), MalformedHistoryError);
    assertEquals(error.line, removed + 1);
  }
});
