/**
 * Reads files that can be longer than the longest string.
 *
 * @module
 */

const READ_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * Yields the text of a file in pieces of whole lines. The last line may have no line end. Invalid
 * UTF-8 becomes U+FFFD.
 */
export function* readWholeLines(path: string): Generator<string> {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let buffer = new Uint8Array(READ_BYTES);
  let length = 0;
  for (;;) {
    if (length === buffer.length) buffer = grown(buffer);
    const read = file.readSync(buffer.subarray(length));
    if (read === null) break;
    const last = buffer.subarray(length, length + read).lastIndexOf(NEWLINE);
    const lineEnd = last < 0 ? 0 : length + last + 1;
    length += read;
    if (lineEnd === 0) continue;
    yield decoder.decode(buffer.subarray(0, lineEnd));
    buffer.copyWithin(0, lineEnd, length);
    length -= lineEnd;
  }
  if (length > 0) yield decoder.decode(buffer.subarray(0, length));
}

/** Yields the lines of a file without their line ends. */
export function* readLines(path: string): Generator<string> {
  for (const piece of readWholeLines(path)) {
    for (let start = 0; start < piece.length;) {
      const newline = piece.indexOf("\n", start);
      const end = newline < 0 ? piece.length : newline;
      yield piece.slice(start, end);
      start = end + 1;
    }
  }
}

function grown(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * buffer.length);
  larger.set(buffer);
  return larger;
}
