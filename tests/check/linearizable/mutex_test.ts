import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { checkLinearizable, mutex } from "../../../lib/check/linearizable/mod.ts";
import { parseHistory } from "../../../lib/testing/mod.ts";

const cases: readonly (readonly [history: string, message: string | undefined])[] = [
  ["0 acquire; 0 ok; 1 release; 1 ok; 1 acquire; 1 ok", undefined],
  ["0 acquire; 1 acquire; 0 ok; 0 release; 0 ok; 1 ok", undefined],
  ["0 acquire; 0 ok; 1 acquire; 1 ok", "acquire of a mutex that is locked"],
  ["0 release; 0 ok", "release of a mutex that is open"],
  ["0 acquire; 0 ok; 0 release; 0 ok; 1 release; 1 ok", "release of a mutex that is open"],
];

for (const [text, message] of cases) {
  Deno.test(`a mutex: ${text} is ${message ?? "valid"}`, () => {
    const verdict = checkLinearizable(parseHistory(text), mutex);
    assertEquals(verdict["valid?"], message === undefined);
    if (message !== undefined) assertStringIncludes(verdict["message"] as string, message);
  });
}

Deno.test("a mutex shows whether it is locked, and rejects other functions", () => {
  const verdict = checkLinearizable(parseHistory("0 acquire; 0 ok; 1 acquire; 1 ok"), mutex);
  const [config] = verdict["configs"] as { model: unknown }[];
  assertEquals(config?.model, { value: "locked" });
  assertThrows(() => checkLinearizable(parseHistory("0 seize; 0 ok"), mutex), TypeError, "seize");
});
