import { assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { InvariantError } from "../../../lib/node/mod.ts";
import { type Entry, KeyLog } from "../../../lib/protocol/log/key_log.ts";

function filled(offsets: readonly number[], maxEntries?: number): KeyLog {
  const log = new KeyLog(maxEntries);
  for (const offset of offsets) log.append(offset, `m${offset}`);
  return log;
}

const increasingOffsets = fc.uniqueArray(fc.nat(200), { maxLength: 40 })
  .map((offsets) => offsets.sort((a, b) => a - b));

Deno.test("KeyLog reads from the first entry at or after the offset", () => {
  const log = filled([0, 3, 4, 9]);
  assertEquals(log.read(0, 2), [[0, "m0"], [3, "m3"]]);
  assertEquals(log.read(1, 1), [[3, "m3"]]);
  assertEquals(log.read(4, 10), [[4, "m4"], [9, "m9"]]);
  assertEquals(log.read(10, 10), []);
  assertEquals(new KeyLog().read(0, 10), []);
});

Deno.test("KeyLog asserts that offsets strictly increase", () => {
  const log = filled([5]);
  assertEquals(log.endOffset, 6);
  assertThrows(() => log.append(5, null), InvariantError, "strictly increase");
  assertThrows(() => log.append(2, null), InvariantError, "strictly increase");
  log.append(6, { any: ["json", null] });
  assertEquals(log.read(6, 1), [[6, { any: ["json", null] }]]);
});

Deno.test("KeyLog with a limit keeps the last entries, and reads older offsets from the first", () => {
  const log = filled([0, 1, 2, 3, 4, 5, 6, 7, 8], 3);
  assertEquals(log.size, 3);
  assertEquals(log.read(0, 10), [[6, "m6"], [7, "m7"], [8, "m8"]]);
  assertEquals(log.endOffset, 9);
});

Deno.test("KeyLog reads what a scan of all entries finds", () => {
  fc.assert(
    fc.property(
      increasingOffsets,
      fc.nat(210),
      fc.nat(50),
      fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
      (offsets, from, maxEntries, retain) => {
        const scanned = offsets.slice(retain === undefined ? 0 : -retain)
          .filter((offset) => offset >= from)
          .slice(0, maxEntries)
          .map((offset): Entry => [offset, `m${offset}`]);
        assertEquals(filled(offsets, retain).read(from, maxEntries), scanned);
      },
    ),
    { seed: 1 },
  );
});
