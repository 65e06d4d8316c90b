import { assertEquals } from "std/testing";
import { checkAvailability } from "../../lib/check/mod.ts";
import { parseHistory } from "../../lib/testing/mod.ts";

const threeOfFour = "0 read; 0 ok; 0 read; 0 ok; 0 read; 0 fail; 0 read; 0 ok";

const goals: readonly [goal: "total" | number | undefined, history: string, valid: boolean][] = [
  [undefined, threeOfFour, true],
  [0, threeOfFour, true],
  [0.75, threeOfFour, true],
  [0.76, threeOfFour, false],
  ["total", threeOfFour, false],
  ["total", "0 read; 0 ok; 1 read; 1 ok", true],
  ["total", "0 read; 0 ok; 1 read", false],
  ["total", "", true],
];

for (const [goal, text, valid] of goals) {
  Deno.test(`availability ${goal} is ${valid ? "met" : "missed"} by: ${text}`, () => {
    const verdict = checkAvailability(parseHistory(text), goal);
    assertEquals(verdict["valid?"], valid);
    assertEquals("explanations" in verdict, !valid);
  });
}

Deno.test("ok-fraction is ok operations ÷ invocations, as a 32-bit float", () => {
  const fraction = (text: string) => checkAvailability(parseHistory(text))["ok-fraction"];
  assertEquals(fraction(threeOfFour), 0.75);
  assertEquals(fraction("0 read; 0 ok; 0 read; 0 fail; 1 read"), 0.33333334);
  assertEquals(fraction(""), 1);
});

Deno.test("availability does not count nemesis operations", () => {
  const history = parseHistory("0 read; 0 ok");
  const partition = { index: 2, time: 3, f: "start-partition", value: null } as const;
  const nemesis = { ...partition, type: "info", process: "nemesis" } as const;
  assertEquals(checkAvailability([...history, nemesis], "total")["valid?"], true);
});

Deno.test("9 of 10 misses a goal of 0.9, as in Maelstrom", () => {
  const text = "0 read; 0 ok;".repeat(9) + "0 read; 0 fail";
  const verdict = checkAvailability(parseHistory(text), 0.9);
  assertEquals([verdict["ok-fraction"], verdict["valid?"]], [0.9, false]);
});
