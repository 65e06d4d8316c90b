/**
 * What the two formats of histories share: a text with one operation a line.
 *
 * @module
 */

import { DamagedHistoryError } from "./damaged_history.ts";
import { HistoryBuilder } from "./history_builder.ts";
import type { History } from "./operation.ts";

/**
 * A history's text: whole, or in pieces of whole lines, the last of which may break off. A history
 * can be longer than the longest string.
 */
export type HistoryText = string | Iterable<string>;

/**
 * Reads a history, blank lines aside, with `decode` for each line. What `decode` throws becomes a
 * {@link DamagedHistoryError} for that line; a last line without its newline counts as truncated.
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
    if (line.trim() === "") continue;
    let record: unknown;
    try {
      record = decode(line);
    } catch (error) {
      const cause = (error as Error).message;
      const problem = line.endsWith("\n")
        ? cause
        : `the last line breaks off, the file is truncated: ${cause}`;
      throw new DamagedHistoryError(fileName, number, problem);
    }
    builder.add(record, number);
  }
  return builder.finish();
}

/** The lines with their ends. */
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
