import { assert, assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { LineFramer } from "../../lib/wire/mod.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

const encoder = new TextEncoder();

/** The specification: decodes the whole stream and splits it into lines. */
function linesOf(bytes: Uint8Array): string[] {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * Frames the bytes in chunks of the given lengths, repeated cyclically. All chunks share one buffer,
 * which is overwritten after each chunk, as a stream reader does.
 */
function frame(bytes: Uint8Array, lengths: readonly number[], framer = new LineFramer()): string[] {
  const lines: string[] = [];
  const buffer = new Uint8Array(Math.max(...lengths));
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const end = Math.min(bytes.length, start + (lengths[index % lengths.length] as number));
    buffer.set(bytes.subarray(start, end));
    lines.push(...framer.push(buffer.subarray(0, end - start)));
    buffer.fill(0xff);
    start = end;
  }
  return [...lines, ...framer.end()];
}

const splits = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

/** Streams of messages, blank lines and carriage returns, with or without a final newline. */
const streams = fc.record({
  lines: fc.array(
    fc.oneof(
      fc.record({ src: fc.string({ unit: "binary" }), dest: fc.string(), body: fc.jsonValue() })
        .map((message) => JSON.stringify(message)),
      fc.constantFrom("", " ", "\r", "{", "\ufeff{}", "\u2028", "\0", "héé", "😀".repeat(9)),
    ),
  ),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  endsWithNewline: fc.boolean(),
}).map(({ lines, lineEnd, endsWithNewline }) => {
  return encoder.encode(lines.join(lineEnd) + (endsWithNewline ? lineEnd : ""));
});

Deno.test("push returns whole messages regardless of chunk boundaries", () => {
  fc.assert(
    fc.property(streams, splits, (bytes, lengths) => {
      assertEquals(frame(bytes, lengths), linesOf(bytes));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

Deno.test("arbitrary bytes give the same lines as decoding the whole stream", () => {
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(10, 13, 0xef, 0xbb, 0xbf, 0xc3, 0xe2, 0xf0, 0x9f, 0x80),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(byte),
      splits,
      (head, tail, lengths) => {
        const bytes = new Uint8Array([...head, ...tail]);
        assertEquals(frame(bytes, lengths), linesOf(bytes));
      },
    ),
    { seed: 2, numRuns: 2000 },
  );
});

Deno.test("chunk boundaries inside a character or between \\r and \\n change nothing", () => {
  const text = '{"text":"é€😀"}\r\n\r\n\n{"next":"ü"}\r\n';
  const bytes = encoder.encode(text);
  const expected = ['{"text":"é€😀"}\r', "\r", "", '{"next":"ü"}\r'];
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const framer = new LineFramer();
      const parts = [[0, first], [first, second], [second, bytes.length]] as const;
      const lines = parts.flatMap(([start, end]) => framer.push(bytes.subarray(start, end)));
      assertEquals([lines, framer.end()], [expected, []], `boundaries at ${first} and ${second}`);
    }
  }
});

Deno.test("push returns a line when its newline arrives, not earlier", () => {
  const framer = new LineFramer();
  assertEquals(framer.push(encoder.encode("one")), []);
  assertEquals(framer.push(encoder.encode("\ntwo\nthr")), ["one", "two"]);
  assertEquals(framer.unfinishedBytes, 3);
  assertEquals(framer.push(encoder.encode("")), []);
  assertEquals(framer.push(encoder.encode("ee\n")), ["three"]);
  assertEquals(framer.unfinishedBytes, 0);
});

Deno.test("end returns a last line without a newline exactly once", () => {
  const framer = new LineFramer();
  assertEquals(framer.push(encoder.encode("first\nlast €")), ["first"]);
  assertEquals(framer.end(), ["last €"]);
  assertEquals(framer.end(), []);
  assertEquals(new LineFramer().end(), []);
});

Deno.test("a 64 MiB line in 64 KiB chunks takes linear time and memory", () => {
  const size = 64 * MEBIBYTE;
  const chunk = new Uint8Array(64 * KIBIBYTE).fill(97);
  const framer = new LineFramer();
  const before = Deno.memoryUsage();
  const copied = countCopiedBytes(() => {
    for (let sent = 0; sent < size; sent += chunk.length) assertEquals(framer.push(chunk), []);
  });
  assertEquals(framer.unfinishedBytes, size);
  assert(copied <= 3 * size, `copied ${copied} bytes to buffer ${size}`);
  const bufferedBytes = Deno.memoryUsage().external - before.external;
  assert(bufferedBytes <= 4 * size, `buffered ${bufferedBytes} bytes for a line of ${size}`);

  const lines = framer.push(encoder.encode("b\nnext"));
  assertEquals([lines.length, lines[0]?.length, lines[0]?.at(-1)], [1, size + 1, "b"]);
  assertEquals([framer.unfinishedBytes, framer.end()], [4, ["next"]]);
});

Deno.test("a line that arrives byte by byte is copied as little as one that arrives in chunks", () => {
  const bytes = encoder.encode(`${"é".repeat(64 * KIBIBYTE)}\n`);
  const framer = new LineFramer();
  let lines: string[] = [];
  const copied = countCopiedBytes(() => {
    for (let at = 0; at < bytes.length; at++) lines = framer.push(bytes.subarray(at, at + 1));
  });
  assertEquals(lines.map((line) => line.length), [64 * KIBIBYTE]);
  assert(copied <= 3 * bytes.length, `copied ${copied} bytes for ${bytes.length}`);
});

Deno.test("memory stays bounded over a million short lines", () => {
  const line = `{"src":"c1","dest":"n1","body":{"type":"echo","echo":"${"x".repeat(100)}"}}`;
  const block = encoder.encode(`${line}\n`.repeat(1000));
  const framer = new LineFramer();
  const chunkBytes = 64 * KIBIBYTE - 1;
  const before = Deno.memoryUsage();
  let count = 0;
  let maxGrowthBytes = 0;
  for (let round = 0; round < 1000; round++) {
    for (let start = 0; start < block.length; start += chunkBytes) {
      for (const got of framer.push(block.subarray(start, start + chunkBytes))) {
        if (got === line) count += 1;
      }
      assert(framer.unfinishedBytes < line.length + 1, `${framer.unfinishedBytes} bytes buffered`);
    }
    const { heapUsed, external } = Deno.memoryUsage();
    maxGrowthBytes = Math.max(
      maxGrowthBytes,
      heapUsed + external - before.heapUsed - before.external,
    );
  }
  assertEquals(count, 1_000_000);
  // The lines have 160 MiB in total.
  assert(maxGrowthBytes < 80 * MEBIBYTE, `memory grew by ${maxGrowthBytes} bytes`);
});

Deno.test("push throws on a line that is longer than maxLineBytes", () => {
  const framer = new LineFramer({ maxLineBytes: 1000 });
  assertEquals(framer.push(new Uint8Array(1000).fill(97)), []);
  assertEquals(framer.push(encoder.encode("\n")), ["a".repeat(1000)]);
  framer.push(new Uint8Array(999).fill(97));
  assertThrows(
    () => framer.push(encoder.encode("bc")),
    RangeError,
    "longer than the maximum of 1000 bytes",
  );
});

/** Returns the number of bytes that `run` copies between typed arrays. */
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

Deno.test("lines that are too long are skipped and reported regardless of chunk boundaries", () => {
  const lines = ["a", "b".repeat(101), "c", "d".repeat(300), "e".repeat(100), "", "f"];
  fc.assert(
    fc.property(splits, (lengths) => {
      const problems: string[] = [];
      const framer = new LineFramer({
        maxLineBytes: 100,
        onSkip: (problem) => void problems.push(problem),
      });
      const framed = frame(encoder.encode(`${lines.join("\n")}\n`), lengths, framer);
      assertEquals(framed, lines.filter((line) => line.length <= 100));
      assertEquals(problems, Array(2).fill("a line is longer than the maximum of 100 bytes"));
    }),
    { seed: 1 },
  );
});
