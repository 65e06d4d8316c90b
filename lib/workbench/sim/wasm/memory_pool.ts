/**
 * Memories that the instances of a module use one after the other.
 *
 * A new memory costs more than cleaning an old one: the operating system maps each of its pages when
 * it is first used, and JavaScript's garbage collector runs often, because it counts whole memories.
 * A module with a memory of its own is changed to import it. Nothing else in the module changes.
 *
 * A memory that has grown is not used again: it cannot shrink, and a program could see its size.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  ByteReader,
  ByteWriter,
  joinSections,
  readSections,
  type Section,
  SectionId,
} from "./binary.ts";

/** The import that a changed module has. */
export const MEMORY_IMPORT = { module: "simulation", name: "memory" } as const;

/** Memories that are kept at most: more than nodes run at the same time in most tests. */
const MAX_KEPT = 32;
const MEMORY_KIND = 0x02;
/** The flags of the limits of a memory of 32 bits that is not shared. */
const NO_MAXIMUM = 0x00;
const MAXIMUM = 0x01;
const PAGE_BYTES = 65_536;

/** The size of a memory in pages of 64 KiB. */
export type MemoryLimits = WebAssembly.MemoryDescriptor;

/** A module, and the memory that it imports. */
export interface ModuleWithMemory {
  readonly bytes: Uint8Array;
  /** Undefined if the module is unchanged, because it has not one plain memory of its own. */
  readonly limits: MemoryLimits | undefined;
}

/** Makes a module import its memory. Throws a `WasmFormatError`. */
export function importMemory(bytes: Uint8Array): ModuleWithMemory {
  const sections = readSections(bytes);
  const own = sections.find(({ id }) => id === SectionId.memory);
  const limits = own === undefined ? undefined : limitsOf(new ByteReader(own.bytes));
  if (own === undefined || limits === undefined) return { bytes, limits: undefined };
  const imports = new ByteReader(importsOf(sections));
  const count = imports.unsigned() + 1;
  const { module, name } = MEMORY_IMPORT;
  const added = new ByteWriter();
  for (const text of [module, name]) {
    added.unsigned(text.length).append(new TextEncoder().encode(text));
  }
  // The item of the memory section is the type of the import; its count of 1 is left out.
  added.append([MEMORY_KIND]).append(own.bytes.subarray(1));
  const replaced = new ByteWriter().unsigned(count)
    .append(imports.bytes.subarray(imports.position)).append(added.bytes).bytes;
  const rest = sections.filter(({ id }) => id !== SectionId.memory && id !== SectionId.import);
  // The types stand before the imports, and everything else behind them.
  const isBefore = ({ id }: Section) => id === SectionId.custom || id === SectionId.type;
  const before = rest.slice(0, rest.findIndex((section) => !isBefore(section)));
  return {
    bytes: joinSections([
      ...before,
      { id: SectionId.import, bytes: replaced },
      ...rest.slice(before.length),
    ]),
    limits,
  };
}

function importsOf(sections: readonly Section[]): Uint8Array {
  return sections.find(({ id }) => id === SectionId.import)?.bytes ?? Uint8Array.of(0);
}

function limitsOf(reader: ByteReader): MemoryLimits | undefined {
  const [count, flags] = [reader.unsigned(), reader.byte()];
  if (count !== 1) return undefined;
  const initial = reader.unsigned();
  if (flags === NO_MAXIMUM) return { initial };
  return flags === MAXIMUM ? { initial, maximum: reader.unsigned() } : undefined;
}

/** The memories of a module. */
export class MemoryPool {
  readonly #limits: MemoryLimits;
  readonly #kept: WebAssembly.Memory[] = [];

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  /** Returns a memory that contains zeros. */
  take(): WebAssembly.Memory {
    const memory = this.#kept.pop();
    if (memory === undefined) return new WebAssembly.Memory(this.#limits);
    clear(memory);
    return memory;
  }

  /** Receives the memory of a node that has ended. Its instance must not run in a later event. */
  give(memory: WebAssembly.Memory): void {
    const hasGrown = memory.buffer.byteLength !== this.#limits.initial * PAGE_BYTES;
    if (!hasGrown && this.#kept.length < MAX_KEPT) this.#kept.push(memory);
  }
}

/** The use of a memory by one instance. */
export class MemoryLease {
  /** What an instance imports: the memory, or nothing without a pool. */
  readonly imports: WebAssembly.Imports;
  readonly #pool: MemoryPool | undefined;
  #memory: WebAssembly.Memory | undefined;

  constructor(pool: MemoryPool | undefined) {
    this.#pool = pool;
    this.#memory = pool?.take();
    const { module, name } = MEMORY_IMPORT;
    this.imports = this.#memory === undefined ? {} : { [module]: { [name]: this.#memory } };
  }

  /** Gives the memory back. */
  end(): void {
    if (this.#memory !== undefined) this.#pool?.give(this.#memory);
    this.#memory = undefined;
  }
}

/** Clears a memory without a write to pages that were never used, which would map them. */
function clear({ buffer }: WebAssembly.Memory): void {
  // Not at the top level: browsers load this module, too, and have no Buffer.
  const zeroPage = Buffer.alloc(PAGE_BYTES);
  for (let start = 0; start < buffer.byteLength; start += PAGE_BYTES) {
    const page = new Uint8Array(buffer, start, PAGE_BYTES);
    // Buffer's own fill() takes several times as long.
    if (Buffer.compare(page, zeroPage) !== 0) page.fill(0);
  }
}
