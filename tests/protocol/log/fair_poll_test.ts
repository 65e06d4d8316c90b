import { assert, assertEquals } from "std/testing";
import type { Entry } from "../../../lib/protocol/log/key_log.ts";
import { FairPoll } from "../../../lib/protocol/log/log.ts";

/** Reads logs with the given numbers of entries. */
function readerOf(sizes: Readonly<Record<string, number>>) {
  return (key: string, offset: number, maxEntries: number): Entry[] => {
    const left = Math.max(0, (sizes[key] ?? 0) - offset);
    const length = Math.min(maxEntries, left);
    return Array.from({ length }, (_, index) => [offset + index, key]);
  };
}

Deno.test("FairPoll keeps the limits per key and per poll, and leaves empty keys out", () => {
  const fairPoll = new FairPoll({ perKey: 3, perPoll: 5 });
  const polled = fairPoll.poll({ a: 0, b: 8, c: 0, d: 0 }, readerOf({ a: 9, b: 9, d: 9 }));
  assertEquals(Object.keys(polled), ["a", "b", "d"]);
  assertEquals(polled.a?.map(([offset]) => offset), [0, 1, 2]);
  assertEquals(polled.b?.map(([offset]) => offset), [8]);
  assertEquals(polled.d?.length, 1);
  assertEquals(fairPoll.poll({}, readerOf({})), {});
});

Deno.test("a key with endless entries does not starve other keys", () => {
  const fairPoll = new FairPoll({ perKey: 10, perPoll: 10 });
  const read = readerOf({ a: Infinity, b: 3, c: 3 });
  const offsets = { a: 0, b: 0, c: 0 };
  for (let poll = 0; poll < 3; poll++) {
    for (const [key, entries] of Object.entries(fairPoll.poll(offsets, read))) {
      offsets[key as keyof typeof offsets] += entries.length;
    }
  }
  assert(offsets.b === 3 && offsets.c === 3, JSON.stringify(offsets));
});

Deno.test("FairPoll accepts keys that are names of built-in properties", () => {
  const fairPoll = new FairPoll({ perKey: 10, perPoll: 10 });
  const offsets = JSON.parse('{"__proto__": 0, "constructor": 0}');
  const polled = fairPoll.poll(offsets, (key) => [[0, key]]);
  const expected = '{"__proto__":[[0,"__proto__"]],"constructor":[[0,"constructor"]]}';
  assertEquals(JSON.stringify(polled), expected);
});
