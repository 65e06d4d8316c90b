import { assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { type Entry, EntryLog } from "../../../lib/protocol/log/entry_log.ts";

function filled(offsets: readonly number[], most?: number): EntryLog {
  const log = new EntryLog(most);
  for (const offset of offsets) log.append(offset, `m${offset}`);
  return log;
}

const increasing = fc.uniqueArray(fc.nat(200), { maxLength: 40 })
  .map((offsets) => offsets.sort((a, b) => a - b));

Deno.test("a run begins with the first entry that is not before the offset", () => {
  const log = filled([0, 3, 4, 9]);
  assertEquals(log.from(0, 2), [[0, "m0"], [3, "m3"]]);
  assertEquals(log.from(1, 1), [[3, "m3"]]);
  assertEquals(log.from(4, 10), [[4, "m4"], [9, "m9"]]);
  assertEquals(log.from(10, 10), []);
  assertEquals(new EntryLog().from(0, 10), []);
});

Deno.test("entries are only ever added behind all others", () => {
  const log = filled([5]);
  assertEquals(log.end, 6);
  assertThrows(() => log.append(5, null), RangeError);
  assertThrows(() => log.append(2, null), RangeError);
  log.append(6, { any: ["json", null] });
  assertEquals(log.from(6, 1), [[6, { any: ["json", null] }]]);
});

Deno.test("with a limit the last entries are kept, and a run below them begins with the first", () => {
  const log = filled([0, 1, 2, 3, 4, 5, 6, 7, 8], 3);
  assertEquals(log.size, 3);
  assertEquals(log.from(0, 10), [[6, "m6"], [7, "m7"], [8, "m8"]]);
  assertEquals(log.end, 9);
});

Deno.test("a run is what a scan of all entries finds", () => {
  fc.assert(
    fc.property(
      increasing,
      fc.nat(210),
      fc.nat(50),
      fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
      (offsets, from, most, kept) => {
        const scanned = offsets.slice(kept === undefined ? 0 : -kept)
          .filter((offset) => offset >= from)
          .slice(0, most)
          .map((offset): Entry => [offset, `m${offset}`]);
        assertEquals(filled(offsets, kept).from(from, most), scanned);
      },
    ),
    { seed: 1 },
  );
});
