import { assert, assertEquals, assertNotEquals } from "std/testing";
import { sample } from "../../../tasks/mutate/sample.ts";

const items = Array.from({ length: 100 }, (_, index) => index);

Deno.test("a sample without a seed is evenly spread and in order", () => {
  assertEquals(sample(items, 4), [12, 37, 62, 87]);
  assertEquals(sample(items, 1000), items);
});

Deno.test("a seed draws its own sample, always the same one, in order", () => {
  const drawn = sample(items, 10, 1);
  assertEquals(drawn, sample(items, 10, 1));
  assertNotEquals(drawn, sample(items, 10, 2));
  assertEquals(drawn, [...new Set(drawn)].sort((a, b) => a - b));
  assertEquals(drawn.length, 10);
});

Deno.test("each item is drawn about equally often", () => {
  const counts = items.map(() => 0);
  for (let seed = 0; seed < 1000; seed++) {
    for (const item of sample(items, 20, seed)) counts[item] = (counts[item] ?? 0) + 1;
  }
  assert(counts.every((count) => count > 140 && count < 260), String(counts));
});
