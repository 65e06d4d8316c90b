import { deepEqual, equal, ok } from "node:assert/strict";
import { crc32c } from "../../../lib/node/storage/crc32c.ts";
import {
  decodeLog,
  encodeFrame,
  encodeLog,
  HEADER_BYTES,
  MAGIC,
} from "../../../lib/node/storage/log_format.ts";

const text = (value: string) => new TextEncoder().encode(value);
const SNAPSHOT = text("a snapshot");
const RECORDS = [text("one"), new Uint8Array(0), text("three is longer"), new Uint8Array(300)];

/** A file without a snapshot. */
function logOf(records: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(MAGIC.length + records.reduce((n, r) => n + 12 + r.length, 0));
  bytes.set(MAGIC);
  records.reduce((offset, record) => encodeFrame(bytes, offset, record), MAGIC.length);
  return bytes;
}

const FILES = { "with a snapshot": encodeLog(SNAPSHOT, RECORDS), "without": logOf(RECORDS) };

Deno.test("CRC-32C matches the test vectors of RFC 3720", () => {
  equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
  equal(crc32c(text("123456789")), 0xe3069283);
  equal(crc32c(text("xx123456789x"), 2, 11), 0xe3069283);
});

Deno.test("an empty file has no snapshot and no records", () => {
  deepEqual(decodeLog(new Uint8Array(0)), { snapshot: undefined, records: [], validBytes: 0 });
});

for (const [name, bytes] of Object.entries(FILES)) {
  const snapshot = name === "without" ? undefined : SNAPSHOT;
  const frames = snapshot === undefined ? RECORDS : [snapshot, ...RECORDS];
  /** The offsets at which frames begin, and the end of the file. */
  const offsets = frames.reduce(
    (all, frame) => [...all, all.at(-1) as number + HEADER_BYTES + frame.length],
    [MAGIC.length],
  );

  Deno.test(`a file ${name} is decoded as it was encoded`, () => {
    deepEqual(decodeLog(bytes), { snapshot, records: RECORDS, validBytes: bytes.length });
  });

  Deno.test(`a file ${name}, cut at any byte, keeps its complete records`, () => {
    for (let length = 0; length < bytes.length; length++) {
      const decoded = decodeLog(bytes.subarray(0, length));
      ok("records" in decoded, `cut after ${length} bytes: ${JSON.stringify(decoded)}`);
      const complete = offsets.filter((end) => end <= length).length - 1;
      const validBytes = complete < 0 ? 0 : offsets[complete];
      const kept = frames.slice(0, Math.max(0, complete));
      const all = decoded.snapshot === undefined
        ? decoded.records
        : [decoded.snapshot, ...decoded.records];
      deepEqual({ all, validBytes: decoded.validBytes }, { all: kept, validBytes });
    }
  });

  Deno.test(`a file ${name}, with any byte damaged, is refused at the damaged frame`, () => {
    for (let index = 0; index < bytes.length; index++) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[index] = damaged[index] as number ^ bits;
        const decoded = decodeLog(damaged);
        ok("problem" in decoded, `byte ${index} with bits ${bits}`);
        equal(decoded.offset, index < MAGIC.length ? 0 : offsets.findLast((at) => at <= index));
      }
    }
  });
}

Deno.test("a snapshot in the middle of a file is damage", () => {
  const bytes = logOf([text("one"), text("two")]);
  encodeFrame(bytes, MAGIC.length + HEADER_BYTES + 3, text("two"), true);
  deepEqual(decodeLog(bytes), {
    offset: MAGIC.length + HEADER_BYTES + 3,
    problem: "the header of record 2",
  });
});

Deno.test("decoded records do not share memory with the file", () => {
  const bytes = encodeLog(SNAPSHOT, RECORDS);
  const decoded = decodeLog(bytes);
  bytes.fill(0);
  ok("records" in decoded);
  deepEqual(decoded.records[0], RECORDS[0]);
  deepEqual(decoded.snapshot, SNAPSHOT);
});
