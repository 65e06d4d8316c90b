import { assert, assertEquals } from "std/testing";
import type { Entry } from "../../../lib/protocol/log/entry_log.ts";
import { PollTurns } from "../../../lib/protocol/log/poll_turns.ts";

/** Reads a key's log of so many entries. */
function readerOf(sizes: Readonly<Record<string, number>>) {
  return (key: string, offset: number, most: number): Entry[] => {
    const left = Math.max(0, (sizes[key] ?? 0) - offset);
    return Array.from({ length: Math.min(most, left) }, (_, place) => [offset + place, key]);
  };
}

Deno.test("a poll keeps within the limits of each key and of all, and leaves empty keys out", () => {
  const turns = new PollTurns({ perKey: 3, perPoll: 5 });
  const polled = turns.poll({ a: 0, b: 8, c: 0, d: 0 }, readerOf({ a: 9, b: 9, d: 9 }));
  assertEquals(Object.keys(polled), ["a", "b", "d"]);
  assertEquals(polled.a?.map(([offset]) => offset), [0, 1, 2]);
  assertEquals(polled.b?.map(([offset]) => offset), [8]);
  assertEquals(polled.d?.length, 1);
  assertEquals(turns.poll({}, readerOf({})), {});
});

Deno.test("a key with endless entries does not keep the others from being read", () => {
  const turns = new PollTurns({ perKey: 10, perPoll: 10 });
  const read = readerOf({ a: Infinity, b: 3, c: 3 });
  const offsets = { a: 0, b: 0, c: 0 };
  for (let poll = 0; poll < 3; poll++) {
    for (const [key, run] of Object.entries(turns.poll(offsets, read))) {
      offsets[key as keyof typeof offsets] += run.length;
    }
  }
  assert(offsets.b === 3 && offsets.c === 3, JSON.stringify(offsets));
});

Deno.test("keys that are names of an object's own parts are keys like others", () => {
  const turns = new PollTurns({ perKey: 10, perPoll: 10 });
  const offsets = JSON.parse('{"__proto__": 0, "constructor": 0}');
  const polled = turns.poll(offsets, (key) => [[0, key]]);
  const expected = '{"__proto__":[[0,"__proto__"]],"constructor":[[0,"constructor"]]}';
  assertEquals(JSON.stringify(polled), expected);
});
