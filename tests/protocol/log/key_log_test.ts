import { assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { InvariantError } from "../../../lib/node/mod.ts";
import { type Entry, KeyLog } from "../../../lib/protocol/log/log.ts";

function filled(offsets: readonly number[]): KeyLog {
  const log = new KeyLog();
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
  assertEquals(new KeyLog().endOffset, 0);
  const log = filled([5]);
  assertEquals(log.endOffset, 6);
  assertThrows(() => log.append(5, null), InvariantError, "strictly increase");
  assertThrows(() => log.append(2, null), InvariantError, "strictly increase");
  log.append(6, { any: ["json", null] });
  assertEquals(log.read(6, 1), [[6, { any: ["json", null] }]]);
});

Deno.test("KeyLog reads what a scan of all entries finds", () => {
  fc.assert(
    fc.property(increasingOffsets, fc.nat(210), fc.nat(50), (offsets, from, maxEntries) => {
      const scanned = offsets.filter((offset) => offset >= from)
        .slice(0, maxEntries)
        .map((offset): Entry => [offset, `m${offset}`]);
      assertEquals(filled(offsets).read(from, maxEntries), scanned);
    }),
    { seed: 1 },
  );
});
