import fc from "fast-check";
import { assertEquals, assertThrows } from "std/testing";
import {
  ByteReader,
  ByteWriter,
  encodeSigned,
  encodeUnsigned,
  joinSections,
  readSections,
  WasmFormatError,
} from "../../../../lib/workbench/sim/wasm/binary.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const unsigned = fc.integer({ min: 0, max: 2 ** 32 - 1 });

Deno.test("an unsigned number is read as it was written, in as few bytes as possible", () => {
  fc.assert(fc.property(fc.oneof(unsigned, fc.integer({ min: 0, max: 300 })), (value) => {
    const bytes = Uint8Array.from([...encodeUnsigned(value), 0xff]);
    const reader = new ByteReader(bytes);
    assertEquals(reader.unsigned(), value);
    assertEquals(reader.position, bytes.length - 1);
    assertEquals(reader.position, Math.max(1, Math.ceil(Math.log2(value + 1) / 7)));
    reader.position = 0;
    reader.skipNumber();
    assertEquals(reader.position, bytes.length - 1);
  }));
  assertEquals([encodeUnsigned(127), encodeUnsigned(128)], [[0x7f], [0x80, 0x01]]);
});

/** Returns the result of a function whose code is `i32.const` with a number. */
function evaluated(value: number): number {
  const constant = encodeSigned(value);
  const code = [0, 0x41, ...constant, 0x0b];
  const bytes = [
    ...HEADER,
    ...[1, 5, 1, 0x60, 0, 1, 0x7f],
    ...[3, 2, 1, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0],
    ...[10, code.length + 2, 1, code.length, ...code],
  ];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)));
  return (exports.f as () => number)();
}

Deno.test("a signed number is what a WebAssembly engine reads", () => {
  const edges = [0, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31), 200_000_000];
  for (const value of edges) assertEquals(evaluated(value), value);
  fc.assert(fc.property(fc.integer(), (value) => assertEquals(evaluated(value), value)));
});

Deno.test("bytes are collected beyond the room that a writer starts with", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.nat(5), (parts, room) => {
    const writer = new ByteWriter(room);
    for (const part of parts) writer.append(part);
    assertEquals([...writer.bytes], parts.flatMap((part) => [...part]));
  }));
});

Deno.test("a module is split into its sections, and joined again", () => {
  const section = fc.record({ id: fc.nat(20), bytes: fc.uint8Array({ maxLength: 300 }) });
  fc.assert(fc.property(fc.array(section, { maxLength: 5 }), (sections) => {
    const module = joinSections(sections);
    assertEquals([...module.subarray(0, 8)], HEADER);
    const found = readSections(module).map(({ id, bytes }) => ({ id, bytes: [...bytes] }));
    assertEquals(found, sections.map(({ id, bytes }) => ({ id, bytes: [...bytes] })));
  }));
});

Deno.test("a text, a byte or a section that ends too early is an error", () => {
  const reader = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes));
  assertEquals(reader(3, 0x61, 0xc3, 0xa4).text(), "aä");
  const early: readonly (() => unknown)[] = [
    () => reader().byte(),
    () => reader(2, 0x61).text(),
    () => reader(0x80).unsigned(),
    () => reader(0x80).skipNumber(),
    () => reader(1, 2).take(3),
    () => readSections(Uint8Array.from([...HEADER, 1, 2, 0])),
  ];
  for (const run of early) assertThrows(run, WasmFormatError, "it ends too early");
  const exact = reader(1, 2, 3);
  assertEquals([[...exact.take(3)], exact.isAtEnd], [[1, 2, 3], true]);
});

Deno.test("a file with another header is not a module", () => {
  for (let index = 0; index < 8; index++) {
    const bytes = Uint8Array.from(HEADER);
    bytes[index] = 0x7f;
    assertThrows(() => readSections(bytes), WasmFormatError, "it is not a WebAssembly module");
  }
  assertThrows(() => readSections(Uint8Array.from(HEADER.slice(0, 7))), WasmFormatError);
  assertEquals(readSections(Uint8Array.from(HEADER)), []);
});
