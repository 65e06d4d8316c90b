import { assert, assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { LineFramer } from "../../lib/wire/mod.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

const encoder = new TextEncoder();

/** What a framer must give: the lines of the whole, decoded at once. */
function linesOf(bytes: Uint8Array): string[] {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * Frames the bytes in chunks of these lengths, over and over. All chunks come in one buffer, which
 * is overwritten in between, as a reader does.
 */
function frame(bytes: Uint8Array, lengths: readonly number[], framer = new LineFramer()): string[] {
  const lines: string[] = [];
  const buffer = new Uint8Array(Math.max(...lengths));
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const end = Math.min(bytes.length, start + (lengths[turn % lengths.length] as number));
    buffer.set(bytes.subarray(start, end));
    lines.push(...framer.push(buffer.subarray(0, end - start)));
    buffer.fill(0xff);
    start = end;
  }
  return [...lines, ...framer.end()];
}

const splits = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

/** Streams of messages, blank lines and carriage returns, the last one with or without a newline. */
const streams = fc.record({
  lines: fc.array(
    fc.oneof(
      fc.record({ src: fc.string({ unit: "binary" }), dest: fc.string(), body: fc.jsonValue() })
        .map((message) => JSON.stringify(message)),
      fc.constantFrom("", " ", "\r", "{", "\ufeff{}", "\u2028", "\0", "héé", "😀".repeat(9)),
    ),
  ),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  closed: fc.boolean(),
}).map(({ lines, lineEnd, closed }) => {
  return encoder.encode(lines.join(lineEnd) + (closed ? lineEnd : ""));
});

Deno.test("messages come out whole, however the stream is cut", () => {
  fc.assert(
    fc.property(streams, splits, (bytes, lengths) => {
      assertEquals(frame(bytes, lengths), linesOf(bytes));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

Deno.test("any bytes, UTF-8 or not, give the lines that decoding the whole gives", () => {
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(10, 13, 0xef, 0xbb, 0xbf, 0xc3, 0xe2, 0xf0, 0x9f, 0x80),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(byte),
      splits,
      (some, more, lengths) => {
        const bytes = new Uint8Array([...some, ...more]);
        assertEquals(frame(bytes, lengths), linesOf(bytes));
      },
    ),
    { seed: 2, numRuns: 2000 },
  );
});

Deno.test("a cut at any byte, inside a character or between \\r and \\n, changes nothing", () => {
  const text = '{"text":"é€😀"}\r\n\r\n\n{"next":"ü"}\r\n';
  const bytes = encoder.encode(text);
  const expected = ['{"text":"é€😀"}\r', "\r", "", '{"next":"ü"}\r'];
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const framer = new LineFramer();
      const parts = [[0, first], [first, second], [second, bytes.length]] as const;
      const lines = parts.flatMap(([start, end]) => framer.push(bytes.subarray(start, end)));
      assertEquals([lines, framer.end()], [expected, []], `cuts at ${first} and ${second}`);
    }
  }
});

Deno.test("a line is given as soon as its newline has come, not before", () => {
  const framer = new LineFramer();
  assertEquals(framer.push(encoder.encode("one")), []);
  assertEquals(framer.push(encoder.encode("\ntwo\nthr")), ["one", "two"]);
  assertEquals(framer.unfinishedBytes, 3);
  assertEquals(framer.push(encoder.encode("")), []);
  assertEquals(framer.push(encoder.encode("ee\n")), ["three"]);
  assertEquals(framer.unfinishedBytes, 0);
});

Deno.test("a last line without a newline comes at the end, and only once", () => {
  const framer = new LineFramer();
  assertEquals(framer.push(encoder.encode("first\nlast €")), ["first"]);
  assertEquals(framer.end(), ["last €"]);
  assertEquals(framer.end(), []);
  assertEquals(new LineFramer().end(), []);
});

Deno.test("a 64 MiB line in 64 KiB chunks costs time and memory in proportion to its length", () => {
  const size = 64 * MEBIBYTE;
  const chunk = new Uint8Array(64 * KIBIBYTE).fill(97);
  const framer = new LineFramer();
  const before = Deno.memoryUsage();
  const copied = countCopiedBytes(() => {
    for (let sent = 0; sent < size; sent += chunk.length) assertEquals(framer.push(chunk), []);
  });
  assertEquals(framer.unfinishedBytes, size);
  assert(copied <= 3 * size, `${copied} bytes were copied to keep ${size}`);
  const kept = Deno.memoryUsage().external - before.external;
  assert(kept <= 4 * size, `${kept} bytes were kept for a line of ${size}`);

  const lines = framer.push(encoder.encode("b\nnext"));
  assertEquals([lines.length, lines[0]?.length, lines[0]?.at(-1)], [1, size + 1, "b"]);
  assertEquals([framer.unfinishedBytes, framer.end()], [4, ["next"]]);
});

Deno.test("a line that comes byte by byte costs no more than one that comes in chunks", () => {
  const bytes = encoder.encode(`${"é".repeat(64 * KIBIBYTE)}\n`);
  const framer = new LineFramer();
  let lines: string[] = [];
  const copied = countCopiedBytes(() => {
    for (let at = 0; at < bytes.length; at++) lines = framer.push(bytes.subarray(at, at + 1));
  });
  assertEquals(lines.map((line) => line.length), [64 * KIBIBYTE]);
  assert(copied <= 3 * bytes.length, `${copied} bytes were copied for ${bytes.length}`);
});

Deno.test("a million short lines leave nothing behind", () => {
  const line = `{"src":"c1","dest":"n1","body":{"type":"echo","echo":"${"x".repeat(100)}"}}`;
  const block = encoder.encode(`${line}\n`.repeat(1000));
  const framer = new LineFramer();
  const chunkBytes = 64 * KIBIBYTE - 1;
  const before = Deno.memoryUsage();
  let count = 0;
  let mostGrown = 0;
  for (let round = 0; round < 1000; round++) {
    for (let start = 0; start < block.length; start += chunkBytes) {
      for (const got of framer.push(block.subarray(start, start + chunkBytes))) {
        if (got === line) count += 1;
      }
      assert(framer.unfinishedBytes < line.length + 1, `kept ${framer.unfinishedBytes} bytes`);
    }
    const { heapUsed, external } = Deno.memoryUsage();
    mostGrown = Math.max(mostGrown, heapUsed + external - before.heapUsed - before.external);
  }
  assertEquals(count, 1_000_000);
  // All lines together are 160 MiB.
  assert(mostGrown < 80 * MEBIBYTE, `memory grew by ${mostGrown} bytes`);
});

Deno.test("a line that never ends is given up at the bound, one that just fits is not", () => {
  const framer = new LineFramer({ mostLineBytes: 1000 });
  assertEquals(framer.push(new Uint8Array(1000).fill(97)), []);
  assertEquals(framer.push(encoder.encode("\n")), ["a".repeat(1000)]);
  framer.push(new Uint8Array(999).fill(97));
  assertThrows(() => framer.push(encoder.encode("bc")), RangeError, "longer than 1000 bytes");
});

/** How many bytes `run` copies from one typed array into another. */
function countCopiedBytes(run: () => void): number {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype);
  const set = prototype.set;
  let copied = 0;
  prototype.set = function (source: Uint8Array, offset?: number) {
    copied += source.length;
    return set.call(this, source, offset);
  };
  try {
    run();
  } finally {
    prototype.set = set;
  }
  return copied;
}

Deno.test("lines that are too long are skipped and reported, however the stream is cut", () => {
  const lines = ["a", "b".repeat(101), "c", "d".repeat(300), "e".repeat(100), "", "f"];
  fc.assert(
    fc.property(splits, (lengths) => {
      const problems: string[] = [];
      const framer = new LineFramer({
        mostLineBytes: 100,
        skipped: (problem) => void problems.push(problem),
      });
      const framed = frame(encoder.encode(`${lines.join("\n")}\n`), lengths, framer);
      assertEquals(framed, lines.filter((line) => line.length <= 100));
      assertEquals(problems, Array(2).fill("a line is longer than 100 bytes"));
    }),
    { seed: 1 },
  );
});
