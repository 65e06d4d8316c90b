/**
 * Cuts a stream of bytes into lines.
 *
 * Chunks end anywhere: in the middle of a line, even of a character. Lines are therefore found in
 * the bytes and only whole lines are decoded. Invariant: what is kept between two chunks is exactly
 * the unfinished line, so memory is bounded by the longest line plus one chunk.
 *
 * @module
 */

const NEWLINE = 10;

/** Turns chunks of bytes into the lines they complete. Invalid UTF-8 becomes U+FFFD. */
export class LineFramer {
  readonly #decoder = new TextDecoder();
  #unfinished: Uint8Array[] = [];
  #unfinishedLength = 0;

  /**
   * Takes the next chunk and returns the lines it completes, without their line ends. The chunk is
   * not kept: its buffer may be used again.
   */
  push(chunk: Uint8Array): string[] {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      this.#keep(chunk);
      return [];
    }
    const complete = chunk.subarray(0, end);
    const text = this.#decoder.decode(
      this.#unfinishedLength === 0 ? complete : this.#join(complete),
    );
    if (end + 1 < chunk.length) this.#keep(chunk.subarray(end + 1));
    return text.split("\n");
  }

  /** Ends the stream: returns the last line if it came without a line end, else nothing. */
  end(): string[] {
    if (this.#unfinishedLength === 0) return [];
    return [this.#decoder.decode(this.#join(new Uint8Array(0)))];
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#unfinished.push(bytes.slice());
    this.#unfinishedLength += bytes.length;
  }

  #join(last: Uint8Array): Uint8Array {
    const joined = new Uint8Array(this.#unfinishedLength + last.length);
    let position = 0;
    for (const part of this.#unfinished) {
      joined.set(part, position);
      position += part.length;
    }
    joined.set(last, position);
    this.#unfinished = [];
    this.#unfinishedLength = 0;
    return joined;
  }
}
