/**
 * The binary interface of WASI preview 1, as far as it is used here: error numbers, and the places
 * of fields in the program's memory.
 *
 * @module
 */

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

/** The clocks of `clock_time_get`. The others count the time of a process. */
export const REALTIME_CLOCK = 0;

/** The types of files. A pipe has none of its own. */
export const FileType = { unknown: 0, directory: 3, regular: 4 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const IOVEC_BYTES = 8;

/** The memory of a program. It may move whenever the program runs, so views of it are never kept. */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address >>> 0, length >>> 0);
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

  /** Returns the parts of memory that an array of `iovec` names. */
  buffers(iovecs: number, count: number): Uint8Array[] {
    const view = this.view();
    return Array.from({ length: count }, (_, index) => {
      const iovec = (iovecs >>> 0) + index * IOVEC_BYTES;
      return this.bytes(view.getUint32(iovec, true), view.getUint32(iovec + 4, true));
    });
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
}

/** Returns milliseconds as nanoseconds. */
export function toNanoseconds(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6));
}
