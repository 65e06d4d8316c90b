/**
 * The binary interface of WASI preview 1, as far as it is used here: error numbers, and the places
 * of fields in the program's memory.
 *
 * @module
 */

import type { GuestNode } from "../guest.ts";

/** The name under which a program imports the functions of WASI. */
export const WASI_MODULE = "wasi_snapshot_preview1";

/** A function that a program imports. Numbers of 64 bits are big integers. */
export type WasiCall = (...args: never[]) => unknown;
/** The functions by their names. */
export type WasiCalls = Readonly<Record<string, WasiCall>>;

/** The results of calls. */
export const Errno = {
  success: 0,
  access: 2,
  again: 6,
  badDescriptor: 8,
  busy: 10,
  exists: 20,
  fileTooBig: 22,
  invalid: 28,
  isDirectory: 31,
  noEntry: 44,
  notDirectory: 54,
  notEmpty: 55,
  notSupported: 58,
  notSeekable: 70,
} as const;

/** The clock of `clock_time_get` that shows the wall-clock time. */
const REALTIME_CLOCK = 0;
/** When the other clocks start, in milliseconds: Go ends a program whose clock shows 0. */
const CLOCK_START_MS = 1000;

/** Returns the time that a clock shows, in milliseconds. */
export function timeOf(clock: number, node: GuestNode): number {
  return clock === REALTIME_CLOCK ? node.now() : CLOCK_START_MS + node.monotonic();
}

/** The flag of a descriptor whose reads do not wait. */
export const NON_BLOCKING = 4;

/** The types of files. A pipe has none of its own. */
export const FileType = { unknown: 0, directory: 3, regular: 4 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const IOVEC_BYTES = 8;
const NS_PER_MS = 1e6;
/** Times are split at this number of milliseconds. */
const MS_PART = 2 ** 16;
const WORD = 2 ** 32;

/**
 * The memory of a program. It may move whenever the program runs, so views of it that are returned
 * must not be kept.
 */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  view(): DataView {
    this.#renew();
    return this.#view;
  }

  bytes(address: number, length: number): Uint8Array {
    this.#renew();
    const start = address >>> 0;
    const end = start + (length >>> 0);
    if (end > this.#bytes.length) {
      throw new RangeError(
        `the program names ${length >>> 0} bytes at ${start}, outside its memory`,
      );
    }
    return this.#bytes.subarray(start, end);
  }

  text(address: number, length: number): string {
    return decoder.decode(this.bytes(address, length));
  }

  setUint32(address: number, value: number): void {
    this.view().setUint32(address >>> 0, value, true);
  }

  setUint64(address: number, value: bigint): void {
    this.view().setBigUint64(address >>> 0, value, true);
  }

  /** Writes milliseconds as nanoseconds. */
  setTime(address: number, ms: number): void {
    // Two parts, since nanoseconds since 1970 do not fit into a number. Big integers are slow.
    const whole = Math.floor(ms);
    const high = Math.floor(whole / MS_PART) * NS_PER_MS;
    const low = whole % MS_PART * NS_PER_MS + Math.floor((ms - whole) * NS_PER_MS);
    const lowWord = high % MS_PART * MS_PART + low;
    const view = this.view();
    view.setUint32(address >>> 0, lowWord % WORD, true);
    view.setUint32(
      (address >>> 0) + 4,
      Math.floor(high / MS_PART) + Math.floor(lowWord / WORD),
      true,
    );
  }

  /** Returns the parts of memory that an array of `iovec` names. */
  buffers(iovecs: number, count: number): Uint8Array[] {
    const view = this.view();
    const buffers: Uint8Array[] = [];
    for (let index = 0, at = iovecs >>> 0; index < count; index++, at += IOVEC_BYTES) {
      buffers.push(this.bytes(view.getUint32(at, true), view.getUint32(at + 4, true)));
    }
    return buffers;
  }

  /** Writes texts as `argv` is laid out: the addresses, and the texts one after the other. */
  setTexts(texts: readonly string[], addresses: number, buffer: number): void {
    let address = buffer >>> 0;
    for (const [index, text] of texts.entries()) {
      const bytes = encoder.encode(`${text}\0`);
      this.setUint32((addresses >>> 0) + 4 * index, address);
      this.bytes(address, bytes.length).set(bytes);
      address += bytes.length;
    }
  }

  /** Writes the number of texts, and the number of their bytes with the zeros that end them. */
  setTextSizes(texts: readonly string[], count: number, size: number): void {
    this.setUint32(count, texts.length);
    this.setUint32(size, texts.reduce((sum, text) => sum + encoder.encode(text).length + 1, 0));
  }

  /** Renews the views after the memory has grown, which detaches its buffer. */
  #renew(): void {
    if (this.#bytes.length > 0) return;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
  }
}
