import { assertEquals } from "std/testing";
import { exceptionRecord } from "../../lib/history/mod.ts";

class ReplyError extends Error {
  override readonly name = "ReplyError";
  readonly data = { type: "malformed-rpc-response", body: { type: "read_ok" } };
}

Deno.test("an exception is recorded with its causes and their data, the outermost first", () => {
  const thrown = new TypeError("the client timed out", { cause: new ReplyError("no value") });
  const data = { type: "malformed-rpc-response", body: { type: "read_ok" } };
  assertEquals(exceptionRecord(thrown), {
    via: [
      { type: "TypeError", message: "the client timed out" },
      { type: "ReplyError", message: "no value", data },
    ],
    cause: "no value",
    data,
  });
});

Deno.test("a thrown value that is not an Error is recorded", () => {
  assertEquals(exceptionRecord("boom"), {
    via: [{ type: "string", message: "boom" }],
    cause: "boom",
  });
});
