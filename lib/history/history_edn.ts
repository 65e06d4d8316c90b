/**
 * Jepsen's `history.edn`: one operation a line, as an EDN map.
 *
 * @module
 */

import { decodeLines, type HistoryText } from "./decode_lines.ts";
import { EdnError, parseEdn } from "./edn_reader.ts";
import type { History } from "./operation.ts";
import { encodeOperationEdn } from "./operation_edn.ts";

/**
 * Decodes a history from EDN, written by Maelstrom or by this project. `fileName` names it in
 * errors. `1.0` becomes a `Double`. Throws a `MalformedHistoryError`.
 */
export function decodeHistoryEdn(text: HistoryText, fileName: string): History {
  return decodeLines(text, fileName, (line) => {
    try {
      return parseEdn(line, { doubles: true });
    } catch (error) {
      if (!(error instanceof EdnError)) throw error;
      throw new SyntaxError(`column ${error.column}: malformed EDN: ${error.problem}`);
    }
  });
}

/**
 * Encodes a history as EDN, with a newline after each line. The text is Maelstrom's for the same
 * operations, except that JavaScript lists the integer keys of an object first, in ascending order.
 */
export function encodeHistoryEdn(history: History): string {
  return history.map((operation) => encodeOperationEdn(operation) + "\n").join("");
}
