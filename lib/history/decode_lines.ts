/**
 * Decodes histories with one operation a line: the common part of the EDN and JSON Lines formats.
 *
 * @module
 */

import { MalformedHistoryError } from "./malformed_history.ts";
import { HistoryBuilder } from "./history_builder.ts";
import type { History } from "./operation.ts";

/**
 * A history's text: one string, or pieces of whole lines, because a history can exceed the maximum
 * length of a string. The last line may be truncated.
 */
export type HistoryText = string | Iterable<string>;

const OPENING_BRACE = 123;

/**
 * Decodes a history, line by line, with `decode`; ignores blank lines. Throws a {@link
 * MalformedHistoryError} if `decode` throws or an operation is invalid. An undecodable last line
 * without a newline is reported as truncated.
 */
export function decodeLines(
  text: HistoryText,
  fileName: string,
  decode: (line: string) => unknown,
): History {
  const builder = new HistoryBuilder(fileName);
  let number = 0;
  for (const line of linesOf(text)) {
    number++;
    if (line.charCodeAt(0) !== OPENING_BRACE && line.trim() === "") continue;
    let record: unknown;
    try {
      record = decode(line);
    } catch (error) {
      const cause = (error as Error).message;
      const problem = line.endsWith("\n")
        ? cause
        : `the last line is incomplete, so the file is truncated: ${cause}`;
      throw new MalformedHistoryError(fileName, number, problem);
    }
    builder.add(record, number);
  }
  return builder.finish();
}

/** Yields the lines, with their newlines. */
function* linesOf(text: HistoryText): Generator<string> {
  for (const piece of typeof text === "string" ? [text] : text) {
    for (let start = 0; start < piece.length;) {
      const newline = piece.indexOf("\n", start);
      const end = newline < 0 ? piece.length : newline + 1;
      yield piece.slice(start, end);
      start = end;
    }
  }
}
