/**
 * Reads and writes the binary format of WebAssembly modules: sections, numbers, names.
 *
 * @module
 */

/** The sections of a module that are used here, by their ids. */
export const SectionId = {
  custom: 0,
  type: 1,
  import: 2,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
  tag: 13,
} as const;

/** A section of a module. */
export interface Section {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** A file is not a WebAssembly module, or uses what is not known here. The text explains why. */
export class WasmFormatError extends Error {
  override readonly name = "WasmFormatError";
}

const HEADER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
const decoder = new TextDecoder();

/** Reads bytes from the start to the end. Numbers have the variable length of LEB128. */
export class ByteReader {
  readonly bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.position++];
    if (byte === undefined) throw new WasmFormatError("it ends too early");
    return byte;
  }

  /** Reads an unsigned number of at most 32 bits. */
  unsigned(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** Skips a number of any length and sign. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  take(length: number): Uint8Array {
    const start = this.position;
    this.position += length;
    if (this.position > this.bytes.length) throw new WasmFormatError("it ends too early");
    return this.bytes.subarray(start, this.position);
  }

  text(): string {
    return decoder.decode(this.take(this.unsigned()));
  }
}

/** Collects bytes. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** Starts empty, with room for a number of bytes. */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** The collected bytes; later calls may change them. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  append(bytes: ArrayLike<number>): this {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
    return this;
  }

  unsigned(value: number): this {
    return this.append(encodeUnsigned(value));
  }
}

/** Encodes an unsigned number of at most 32 bits. */
export function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

/** Encodes a signed number of at most 32 bits. */
export function encodeSigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

/** Splits a module into its sections. Throws a {@link WasmFormatError}. */
export function readSections(module: Uint8Array): Section[] {
  if (!HEADER.every((byte, index) => module[index] === byte)) {
    throw new WasmFormatError(
      module[4] === 0x0d
        ? "it is a component, not a core module"
        : "it is not a WebAssembly module",
    );
  }
  const reader = new ByteReader(module);
  reader.position = HEADER.length;
  const sections: Section[] = [];
  while (!reader.isAtEnd) {
    sections.push({ id: reader.byte(), bytes: reader.take(reader.unsigned()) });
  }
  return sections;
}

/** Joins sections to a module. */
export function joinSections(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const length = sections.reduce((sum, { bytes }) => sum + bytes.length + 6, HEADER.length);
  const writer = new ByteWriter(length).append(HEADER);
  for (const { id, bytes } of sections) {
    writer.append([id]).unsigned(bytes.length).append(bytes);
  }
  return new Uint8Array(writer.bytes);
}
