/**
 * Splits a stream of bytes into lines.
 *
 * A chunk can end in the middle of a line, and in the middle of a character. The framer therefore
 * searches the bytes for newlines, and decodes complete lines only. Between two chunks it buffers
 * exactly the unfinished line. The buffer grows by doubling, so time is linear in the number of
 * bytes, and memory is at most twice the longest line, regardless of the chunks' size.
 *
 * @module
 */

import { invariant } from "../base/mod.ts";

const NEWLINE = 10;
const INITIAL_BUFFER_BYTES = 4096;
/** A larger buffer is released after its line. */
const MAX_IDLE_BUFFER_BYTES = 1024 * 1024;
const DEFAULT_MAX_LINE_BYTES = 256 * 1024 * 1024;

/** How a framer handles lines that are too long. */
export interface LineFramerOptions {
  /** The maximum length of a line in bytes; 256 MiB by default. */
  readonly maxLineBytes?: number;
  /** Called once for each line that is too long, which is then skipped. Without it, `push` throws. */
  onSkip?(problem: string): void;
}

/**
 * Splits chunks of bytes into lines. A line ends with `\n`. A `\r` before it remains in the line,
 * where JSON treats it as white space. Invalid UTF-8 becomes U+FFFD.
 */
export class LineFramer {
  // Keeps byte order marks: the decoder would remove one only at the start of a decoded batch of
  // lines, so the result would depend on where chunks end.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #maxLineBytes: number;
  readonly #onSkip: ((problem: string) => void) | undefined;
  #unfinished = new Uint8Array(INITIAL_BUFFER_BYTES);
  #length = 0;
  #skipping = false;

  /** Starts with an empty buffer. */
  constructor({ maxLineBytes = DEFAULT_MAX_LINE_BYTES, onSkip }: LineFramerOptions = {}) {
    this.#maxLineBytes = maxLineBytes;
    this.#onSkip = onSkip;
  }

  /** The number of buffered bytes, all of which belong to an unfinished line. */
  get unfinishedBytes(): number {
    return this.#length;
  }

  /**
   * Adds the next chunk and returns the lines that it completes, without their `\n`. The chunk's
   * bytes are copied, so the caller may reuse its buffer.
   *
   * @throws {RangeError} When a line is longer than `maxLineBytes` and `onSkip` is missing.
   */
  push(chunk: Uint8Array): string[] {
    if (this.#skipping) return this.#skip(chunk);
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.#buffer(chunk);
      return [];
    }
    const lines = this.#length === 0
      ? this.#decode(chunk.subarray(0, last))
      : this.#complete(chunk, last);
    this.#buffer(chunk.subarray(last + 1));
    return lines;
  }

  /** Ends the stream and returns its last line if that line has no newline. */
  end(): string[] {
    return this.#length === 0 ? [] : [this.#take()];
  }

  /** Returns the lines of a chunk that continues a line and whose last newline is at `last`. */
  #complete(chunk: Uint8Array, last: number): string[] {
    const first = chunk.indexOf(NEWLINE);
    invariant(0 <= first && first <= last, "the chunk contains a newline, the last one at `last`");
    this.#buffer(chunk.subarray(0, first));
    const lines = first === last ? [] : this.#decode(chunk.subarray(first + 1, last));
    if (this.#skipping) this.#skipping = false;
    else lines.unshift(this.#take());
    return lines;
  }

  /** Drops bytes up to the end of the line that is too long, then processes the rest. */
  #skip(chunk: Uint8Array): string[] {
    const end = chunk.indexOf(NEWLINE);
    if (end < 0) return [];
    this.#skipping = false;
    return this.push(chunk.subarray(end + 1));
  }

  #decode(bytes: Uint8Array): string[] {
    return this.#decoder.decode(bytes).split("\n");
  }

  #take(): string {
    const line = this.#decoder.decode(this.#unfinished.subarray(0, this.#length));
    this.#clear();
    return line;
  }

  #clear(): void {
    this.#length = 0;
    if (this.#unfinished.length > MAX_IDLE_BUFFER_BYTES) {
      this.#unfinished = new Uint8Array(INITIAL_BUFFER_BYTES);
    }
  }

  /** Appends bytes to the unfinished line. */
  #buffer(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#maxLineBytes) return this.#rejectLine();
    if (length > this.#unfinished.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#unfinished.length));
      grown.set(this.#unfinished.subarray(0, this.#length));
      this.#unfinished = grown;
    }
    invariant(length <= this.#unfinished.length, "the buffer holds the whole unfinished line");
    this.#unfinished.set(bytes, this.#length);
    this.#length = length;
  }

  #rejectLine(): void {
    const problem = `a line is longer than the maximum of ${this.#maxLineBytes} bytes`;
    if (this.#onSkip === undefined) throw new RangeError(problem);
    this.#clear();
    this.#skipping = true;
    this.#onSkip(problem);
  }
}
