/**
 * Inserts a counter into each loop and function of a module, as step calls do in TypeScript. So code
 * that never yields ends with a trap at its location, after the same number of steps on every
 * machine. A WebAssembly module cannot be interrupted otherwise in its own thread.
 *
 * The counter is a new global at the end of the module's globals, so that no index of the module
 * changes. It counts down; the code traps when it has reached 0.
 *
 * @module
 */

import {
  ByteReader,
  ByteWriter,
  encodeSigned,
  encodeUnsigned,
  joinSections,
  readSections,
  type Section,
  SectionId,
} from "./binary.ts";
import { LOOP, skipImmediates } from "./instructions.ts";

/** The name under which a metered module exports its counter. */
export const STEPS_LEFT = "__steps_left";

/**
 * The number of loop iterations and function calls in one event. An event takes no virtual time.
 * Much of it is a runtime's own work, such as the garbage collection of a large heap, so it is higher
 * than for TypeScript.
 */
export const MAX_STEPS_PER_EVENT = 200_000_000;

const I32 = 0x7f;
const MUTABLE = 0x01;
const GLOBAL_KIND = 0x03;
const I32_CONST = 0x41;
const END = 0x0b;
/** Custom sections with offsets into the code, which change. */
const CODE_OFFSETS = /^(?:metadata\.code\.|\.debug_|reloc\.|linking$|sourceMappingURL$)/;
/** Sections that stand before the globals. */
const BEFORE_GLOBALS: readonly number[] = [1, 2, 3, 4, SectionId.memory, SectionId.tag];

/** Returns the module with counters. Throws a `WasmFormatError`. */
export function meter(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = readSections(module).filter((section) => !hasCodeOffsets(section));
  const contents = (id: number) => sections.find((section) => section.id === id)?.bytes;
  const globals = contents(SectionId.global);
  const counter = countImportedGlobals(contents(SectionId.import)) + countItems(globals);
  const global = [I32, MUTABLE, I32_CONST, ...encodeSigned(MAX_STEPS_PER_EVENT), END];
  const name = new TextEncoder().encode(STEPS_LEFT);
  const exported = [name.length, ...name, GLOBAL_KIND, ...encodeUnsigned(counter)];
  const replaced: Section[] = [
    { id: SectionId.global, bytes: withItem(globals, global) },
    { id: SectionId.export, bytes: withItem(contents(SectionId.export), exported) },
    { id: SectionId.code, bytes: meterCode(contents(SectionId.code), counter) },
  ];
  const isReplaced = ({ id }: Section) => replaced.some((section) => section.id === id);
  const custom = sections.filter(({ id }) => id === SectionId.custom);
  const rest = sections.filter((section) =>
    section.id !== SectionId.custom && !isReplaced(section)
  );
  const before = rest.filter(({ id }) => BEFORE_GLOBALS.includes(id));
  const after = rest.filter(({ id }) => !BEFORE_GLOBALS.includes(id));
  const [globalSection, exportSection, codeSection] = replaced as [Section, Section, Section];
  const data = after.filter(({ id }) => id === 11);
  const between = after.filter(({ id }) => id !== 11);
  return joinSections([
    ...before,
    globalSection,
    exportSection,
    ...between,
    codeSection,
    ...data,
    ...custom,
  ]);
}

function hasCodeOffsets({ id, bytes }: Section): boolean {
  return id === SectionId.custom && CODE_OFFSETS.test(new ByteReader(bytes).text());
}

function countItems(section: Uint8Array | undefined): number {
  return section === undefined ? 0 : new ByteReader(section).unsigned();
}

/** Returns a section with one more item at its end. */
function withItem(section: Uint8Array | undefined, item: readonly number[]): Uint8Array {
  const reader = new ByteReader(section ?? Uint8Array.of(0));
  const count = reader.unsigned();
  const items = reader.bytes.subarray(reader.position);
  return new ByteWriter(items.length + item.length + 5).unsigned(count + 1)
    .append(items).append(item).bytes;
}

function countImportedGlobals(section: Uint8Array | undefined): number {
  if (section === undefined) return 0;
  const reader = new ByteReader(section);
  let count = 0;
  for (let imports = reader.unsigned(); imports > 0; imports--) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind === GLOBAL_KIND) count++;
    skipImportType(kind, reader);
  }
  return count;
}

function skipImportType(kind: number, reader: ByteReader): void {
  const limits = () => {
    const hasMax = (reader.byte() & 1) === 1;
    reader.skipNumber();
    if (hasMax) reader.skipNumber();
  };
  if (kind === 0x00) reader.skipNumber();
  else if (kind === 0x02) limits();
  else if (kind === GLOBAL_KIND) reader.take(2);
  else {
    // A table has the type of its elements before its limits; a tag, an attribute and a type.
    reader.byte();
    if (kind === 0x01) limits();
    else reader.skipNumber();
  }
}

function meterCode(section: Uint8Array | undefined, counter: number): Uint8Array {
  const reader = new ByteReader(section ?? Uint8Array.of(0));
  const count = reader.unsigned();
  const step = stepOf(counter);
  const writer = new ByteWriter(2 * reader.bytes.length + 5).unsigned(count);
  for (let index = 0; index < count; index++) {
    const body = meterFunction(reader.take(reader.unsigned()), step);
    writer.unsigned(body.length).append(body);
  }
  return writer.bytes;
}

function meterFunction(body: Uint8Array, step: Uint8Array): Uint8Array {
  const reader = new ByteReader(body);
  for (let locals = reader.unsigned(); locals > 0; locals--) {
    reader.skipNumber();
    if (reader.byte() >= 0x63 && reader.bytes[reader.position - 1] as number <= 0x64) {
      reader.skipNumber();
    }
  }
  const writer = new ByteWriter(2 * body.length + step.length);
  let copied = 0;
  const insert = () => {
    writer.append(body.subarray(copied, reader.position)).append(step);
    copied = reader.position;
  };
  insert();
  while (!reader.isAtEnd) {
    const opcode = reader.byte();
    skipImmediates(opcode, reader);
    if (opcode === LOOP) insert();
  }
  return writer.append(body.subarray(copied)).bytes;
}

/** `if counter = 0 then trap; counter := counter − 1`. */
function stepOf(counter: number): Uint8Array {
  const index = encodeUnsigned(counter);
  const [get, set] = [[0x23, ...index], [0x24, ...index]];
  const [eqz, ifThen, unreachable, sub] = [0x45, [0x04, 0x40], 0x00, 0x6b];
  return Uint8Array.from([
    ...[...get, eqz, ...ifThen, unreachable, END],
    ...[...get, I32_CONST, 1, sub, ...set],
  ]);
}
