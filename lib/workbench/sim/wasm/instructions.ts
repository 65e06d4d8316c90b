/**
 * The lengths of WebAssembly's instructions: enough to find the loops of a function.
 *
 * @module
 */

import { type ByteReader, WasmFormatError } from "./binary.ts";

/** The opcode of `loop`. */
export const LOOP = 0x03;

/** What follows an opcode. */
type Immediates = (reader: ByteReader) => void;

const numbers = (count: number): Immediates => (reader) => {
  for (let index = 0; index < count; index++) reader.skipNumber();
};
const bytes = (count: number): Immediates => (reader) => void reader.take(count);
const list = (item: Immediates): Immediates => (reader) => {
  for (let count = reader.unsigned(); count > 0; count--) item(reader);
};
const sequence = (...parts: Immediates[]): Immediates => (reader) => {
  for (const part of parts) part(reader);
};

/** A reference type is one of these bytes and a heap type. */
const REFERENCE_TYPES: ReadonlySet<number> = new Set([0x63, 0x64]);
const type: Immediates = (reader) => {
  if (REFERENCE_TYPES.has(reader.bytes[reader.position] ?? 0)) reader.byte();
  reader.skipNumber();
};

/** The alignment, whose bit 6 announces the index of a memory, and the offset. */
const MEMORY_INDEX_BIT = 0x40;
const memoryAddress: Immediates = (reader) => {
  if ((reader.unsigned() & MEMORY_INDEX_BIT) !== 0) reader.skipNumber();
  reader.skipNumber();
};

/** A clause of `try_table`: the kinds 0 and 1 name a tag and a label, the kinds 2 and 3 a label. */
const catchClause: Immediates = (reader) => numbers(reader.byte() < 2 ? 2 : 1)(reader);

/** From the first to the last opcode, both included. */
type Range = readonly [first: number, last: number, immediates: Immediates];

const none = bytes(0);

const OPCODES: readonly Range[] = [
  [0x00, 0x01, none],
  [0x02, 0x04, type],
  [0x05, 0x05, none],
  [0x06, 0x06, type],
  [0x07, 0x09, numbers(1)],
  [0x0a, 0x0b, none],
  [0x0c, 0x0d, numbers(1)],
  [0x0e, 0x0e, sequence(list(numbers(1)), numbers(1))],
  [0x0f, 0x0f, none],
  [0x10, 0x10, numbers(1)],
  [0x11, 0x11, numbers(2)],
  [0x12, 0x12, numbers(1)],
  [0x13, 0x13, numbers(2)],
  [0x14, 0x15, numbers(1)],
  [0x18, 0x18, numbers(1)],
  [0x19, 0x1b, none],
  [0x1c, 0x1c, list(type)],
  [0x1f, 0x1f, sequence(type, list(catchClause))],
  [0x20, 0x26, numbers(1)],
  [0x28, 0x3e, memoryAddress],
  [0x3f, 0x42, numbers(1)],
  [0x43, 0x43, bytes(4)],
  [0x44, 0x44, bytes(8)],
  [0x45, 0xc4, none],
  [0xd0, 0xd0, numbers(1)],
  [0xd1, 0xd1, none],
  [0xd2, 0xd2, numbers(1)],
  [0xd3, 0xd4, none],
  [0xd5, 0xd6, numbers(1)],
];

/** Opcodes of several bytes, by their prefix. */
const PREFIXED: Readonly<Record<number, readonly Range[]>> = {
  // Saturating conversions, bulk memory, tables.
  0xfc: [
    [0, 7, none],
    [8, 8, numbers(2)],
    [9, 9, numbers(1)],
    [10, 10, numbers(2)],
    [11, 11, numbers(1)],
    [12, 12, numbers(2)],
    [13, 13, numbers(1)],
    [14, 14, numbers(2)],
    [15, 17, numbers(1)],
  ],
  // Vectors.
  0xfd: [
    [0, 11, memoryAddress],
    [12, 13, bytes(16)],
    [14, 20, none],
    [21, 34, bytes(1)],
    [35, 83, none],
    [84, 91, sequence(memoryAddress, bytes(1))],
    [92, 93, memoryAddress],
    [94, 0x13f, none],
  ],
  // Atomic access.
  0xfe: [
    [0x00, 0x02, memoryAddress],
    [0x03, 0x03, bytes(1)],
    [0x10, 0x4e, memoryAddress],
  ],
};

const table = tableOf(OPCODES);
const prefixedTables = new Map(
  Object.entries(PREFIXED).map(([prefix, ranges]) => [Number(prefix), tableOf(ranges)]),
);

/** Skips the immediates of an opcode that was read. Throws a {@link WasmFormatError}. */
export function skipImmediates(opcode: number, reader: ByteReader): void {
  const immediates = table[opcode];
  if (immediates !== undefined) return immediates(reader);
  const prefixed = prefixedTables.get(opcode);
  const number = prefixed === undefined ? undefined : reader.unsigned();
  const found = number === undefined ? undefined : prefixed?.[number];
  if (found !== undefined) return found(reader);
  const name = [opcode, ...(number === undefined ? [] : [number])]
    .map((part) => `0x${part.toString(16)}`).join(" ");
  throw new WasmFormatError(`it uses the instruction ${name}, which the simulation does not know`);
}

function tableOf(ranges: readonly Range[]): (Immediates | undefined)[] {
  const found: (Immediates | undefined)[] = [];
  for (const [first, last, immediates] of ranges) {
    for (let opcode = first; opcode <= last; opcode++) found[opcode] = immediates;
  }
  return found;
}
