/**
 * Cuts a stream of bytes into lines.
 *
 * Chunks end anywhere: in the middle of a line, even of a character. Lines are therefore found in
 * the bytes, and only whole lines are decoded, all that a chunk completes at once. Invariant: what
 * is kept between two chunks is exactly the unfinished line, in one buffer that grows by doubling,
 * so time is linear in the bytes and memory bounded by twice the longest line, however small the
 * chunks are.
 *
 * @module
 */

const NEWLINE = 10;
const FIRST_BYTES = 4096;
/** A buffer that a long line has left larger than this is given back. */
const MOST_BYTES_IDLE = 1024 * 1024;
const MOST_LINE_BYTES = 256 * 1024 * 1024;

/**
 * Turns chunks of bytes into the lines they complete. A line ends with `\n`; a `\r` before it stays
 * (white space to JSON). Invalid UTF-8 becomes U+FFFD.
 */
export class LineFramer {
  // A byte order mark stays too: it would go only where a line happens to be decoded first.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #mostLineBytes: number;
  #unfinished = new Uint8Array(FIRST_BYTES);
  #length = 0;

  /** `mostLineBytes` bounds the unfinished line, for streams that never end one: 256 MiB. */
  constructor(mostLineBytes = MOST_LINE_BYTES) {
    this.#mostLineBytes = mostLineBytes;
  }

  /** How many bytes of an unfinished line it holds. */
  get unfinishedBytes(): number {
    return this.#length;
  }

  /**
   * Takes the next chunk and returns the lines it completes, without their `\n`. The chunk is not
   * kept: its buffer may be used again. Throws a RangeError when a line gets longer than it may be.
   */
  push(chunk: Uint8Array): string[] {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.#keep(chunk);
      return [];
    }
    const lines = this.#length === 0
      ? this.#decode(chunk.subarray(0, last))
      : this.#complete(chunk, last);
    this.#keep(chunk.subarray(last + 1));
    return lines;
  }

  /** Ends the stream: returns the last line if it came without a line end, else nothing. */
  end(): string[] {
    return this.#length === 0 ? [] : [this.#take()];
  }

  /** The lines of a chunk whose first one began before and whose last newline is at `last`. */
  #complete(chunk: Uint8Array, last: number): string[] {
    const first = chunk.indexOf(NEWLINE);
    this.#keep(chunk.subarray(0, first));
    const line = this.#take();
    if (first === last) return [line];
    const lines = this.#decode(chunk.subarray(first + 1, last));
    lines.unshift(line);
    return lines;
  }

  #decode(bytes: Uint8Array): string[] {
    return this.#decoder.decode(bytes).split("\n");
  }

  #take(): string {
    const line = this.#decoder.decode(this.#unfinished.subarray(0, this.#length));
    this.#length = 0;
    if (this.#unfinished.length > MOST_BYTES_IDLE) this.#unfinished = new Uint8Array(FIRST_BYTES);
    return line;
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#mostLineBytes) {
      throw new RangeError(`a line is longer than ${this.#mostLineBytes} bytes`);
    }
    if (length > this.#unfinished.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#unfinished.length));
      grown.set(this.#unfinished.subarray(0, this.#length));
      this.#unfinished = grown;
    }
    this.#unfinished.set(bytes, this.#length);
    this.#length = length;
  }
}
