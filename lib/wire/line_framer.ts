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

/** What a framer does about lines that are too long. */
export interface LineLimit {
  /** Bounds the unfinished line, for streams that never end one: 256 MiB when not given. */
  readonly mostLineBytes?: number;
  /** Is told of a line that is too long, which is skipped; without it `push` throws. */
  skipped?(problem: string): void;
}

/**
 * Turns chunks of bytes into the lines they complete. A line ends with `\n`; a `\r` before it stays
 * (white space to JSON). Invalid UTF-8 becomes U+FFFD.
 */
export class LineFramer {
  // A byte order mark stays too: it would go only where a line happens to be decoded first.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #mostLineBytes: number;
  readonly #skipped: ((problem: string) => void) | undefined;
  #unfinished = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #skipping = false;

  constructor({ mostLineBytes = MOST_LINE_BYTES, skipped }: LineLimit = {}) {
    this.#mostLineBytes = mostLineBytes;
    this.#skipped = skipped;
  }

  /** How many bytes of an unfinished line it holds. */
  get unfinishedBytes(): number {
    return this.#length;
  }

  /**
   * Takes the next chunk and returns the lines it completes, without their `\n`. The chunk is not
   * kept: its buffer may be used again. Throws a RangeError when a line gets longer than it may be,
   * unless such lines are to be skipped.
   */
  push(chunk: Uint8Array): string[] {
    if (this.#skipping) return this.#skip(chunk);
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
    const lines = first === last ? [] : this.#decode(chunk.subarray(first + 1, last));
    if (this.#skipping) this.#skipping = false;
    else lines.unshift(this.#take());
    return lines;
  }

  /** Goes on behind the line that is too long, if it ends here. */
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
    if (this.#unfinished.length > MOST_BYTES_IDLE) this.#unfinished = new Uint8Array(FIRST_BYTES);
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#mostLineBytes) return this.#refuse();
    if (length > this.#unfinished.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#unfinished.length));
      grown.set(this.#unfinished.subarray(0, this.#length));
      this.#unfinished = grown;
    }
    this.#unfinished.set(bytes, this.#length);
    this.#length = length;
  }

  #refuse(): void {
    const problem = `a line is longer than ${this.#mostLineBytes} bytes`;
    if (this.#skipped === undefined) throw new RangeError(problem);
    this.#clear();
    this.#skipping = true;
    this.#skipped(problem);
  }
}
