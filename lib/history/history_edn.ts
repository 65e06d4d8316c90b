/**
 * Histories as Jepsen keeps them in `history.edn`: one operation a line, as an EDN map.
 *
 * @module
 */

import { decodeLines, type HistoryText } from "./decode_lines.ts";
import { EdnError, parseEdn } from "./edn_reader.ts";
import type { History } from "./operation.ts";
import { encodeOperationEdn } from "./operation_edn.ts";

/**
 * Reads a history from EDN, Maelstrom's own or one of ours. `fileName` is what errors call it.
 * Throws a `DamagedHistoryError`.
 */
export function decodeHistoryEdn(text: HistoryText, fileName: string): History {
  return decodeLines(text, fileName, (line) => {
    try {
      return parseEdn(line);
    } catch (error) {
      if (!(error instanceof EdnError)) throw error;
      throw new SyntaxError(`column ${error.column}: this is not EDN: ${error.problem}`);
    }
  });
}

/**
 * Writes a history as EDN, each line ended by a newline: what Maelstrom writes for the same
 * operations, save that JavaScript knows no difference between `1.0` and `1`, and lists the keys of
 * a map that are whole numbers in ascending order.
 */
export function encodeHistoryEdn(history: History): string {
  return history.map((operation) => encodeOperationEdn(operation) + "\n").join("");
}
