import { assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import {
  DamagedHistoryError,
  decodeHistoryEdn,
  decodeHistoryJsonl,
  encodeHistoryEdn,
  encodeHistoryJsonl,
  type History,
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
    error: ["crash", "so what"],
    final: true,
    exception: { via: [{ type: "RpcError", message: "so what" }], cause: "so what" },
    extra: { "poll-ms": 1000 },
  },
];

Deno.test("a history is one JSON object a line", () => {
  assertEquals(
    encodeHistoryJsonl(history),
    `{"index":0,"time":5,"type":"info","process":"nemesis","f":"start-partition","value":"one"}
{"index":1,"time":6,"type":"invoke","process":0,"f":"read","value":null,"final?":true}
{"index":2,"time":7,"type":"info","process":0,"f":"read","value":1152921504606846976,` +
      `"poll-ms":1000,"final?":true,` +
      `"exception":{"via":[{"type":"RpcError","message":"so what"}],"cause":"so what"},` +
      `"error":["crash","so what"]}\n`,
  );
});

Deno.test("a history read from JSON Lines is the history written", () => {
  assertEquals(decodeHistoryJsonl(encodeHistoryJsonl(history), "history.jsonl"), history);
});

Deno.test("any value of a client survives both notations", () => {
  // EDN maps with whole numbers as keys come back in another order, which JSON values do not have.
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, time) => {
      const operation: Operation = { index: 0, time, type: "invoke", process: 3, f: "add", value };
      const plain = decodeHistoryJsonl(encodeHistoryJsonl([operation]), "h");
      assertEquals(decodeHistoryEdn(encodeHistoryEdn(plain), "h"), plain);
    }),
    { seed: 20240607, numRuns: 200 },
  );
});

Deno.test("a line that is not JSON is refused with its file and line", () => {
  const text = encodeHistoryJsonl(history.slice(0, 1)) + "{,}\n";
  const error = assertThrows(
    () => decodeHistoryJsonl(text, "run/history.jsonl"),
    DamagedHistoryError,
    "run/history.jsonl, line 2: this is not JSON",
  );
  assertEquals(error.line, 2);
});

Deno.test("a truncated file is called truncated", () => {
  const text = encodeHistoryJsonl(history);
  assertThrows(
    () => decodeHistoryJsonl(text.slice(0, -30), "run/history.jsonl"),
    DamagedHistoryError,
    "run/history.jsonl, line 3: the last line breaks off, the file is truncated",
  );
});

Deno.test("any single line taken out of a history is noticed, unless it is the last", () => {
  const invocations: Operation[] = Array.from({ length: 20 }, (_, index) => ({
    index,
    time: index,
    type: index % 2 === 0 ? "invoke" : "ok",
    process: 0,
    f: "read",
    value: null,
  }));
  const lines = encodeHistoryJsonl(invocations).trimEnd().split("\n");
  for (let left = 0; left < lines.length - 1; left++) {
    const text = lines.filter((_, index) => index !== left).join("\n");
    const error = assertThrows(() => decodeHistoryJsonl(text, "h"), DamagedHistoryError);
    assertEquals(error.line, left + 1);
  }
});
