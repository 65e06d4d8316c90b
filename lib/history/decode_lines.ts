/**
 * What the two formats of histories share: a text with one operation a line.
 *
 * @module
 */

import { DamagedHistoryError } from "./damaged_history.ts";
import { HistoryBuilder } from "./history_builder.ts";
import type { History } from "./operation.ts";

/**
 * Reads a history, blank lines aside, with `decode` for each line. What `decode` throws becomes a
 * {@link DamagedHistoryError} for that line; a last line without its newline counts as truncated.
 */
export function decodeLines(
  text: string,
  fileName: string,
  decode: (line: string) => unknown,
): History {
  const builder = new HistoryBuilder(fileName);
  let number = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const line = newline < 0 ? text.slice(start) : text.slice(start, newline);
    start += line.length + 1;
    number++;
    if (line.trim() === "") continue;
    let record: unknown;
    try {
      record = decode(line);
    } catch (error) {
      const cause = (error as Error).message;
      const problem = newline < 0
        ? `the last line breaks off, the file is truncated: ${cause}`
        : cause;
      throw new DamagedHistoryError(fileName, number, problem);
    }
    builder.add(record, number);
  }
  return builder.finish();
}
