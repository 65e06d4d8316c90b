/**
 * Histories as JSON Lines: one operation a line.
 *
 * @module
 */

import { parseJsonWithDoubles, stringifyJson } from "../base/mod.ts";
import { decodeLines, type HistoryText } from "./decode_lines.ts";
import type { History, Operation } from "./operation.ts";

/**
 * Decodes a history from JSON Lines. `fileName` names it in errors. Integers beyond 2⁵³ become
 * `bigint`; `1.0` becomes a `Double`. Throws a `MalformedHistoryError`.
 */
export function decodeHistoryJsonl(text: HistoryText, fileName: string): History {
  return decodeLines(text, fileName, (line) => {
    try {
      return parseJsonWithDoubles(line);
    } catch (error) {
      throw new SyntaxError(`malformed JSON: ${(error as Error).message}`);
    }
  });
}

/** Encodes a history as JSON Lines, with a newline after each line. */
export function encodeHistoryJsonl(history: History): string {
  return history.map((operation) => encodeOperationJson(operation) + "\n").join("");
}

/**
 * Encodes an operation as one line of JSON: `index`, `time` (ns), `type`, `process`, `f`, `value`,
 * and if present `error`, `final?`, `exception` and the members of `extra`.
 */
export function encodeOperationJson(operation: Operation): string {
  return stringifyJson(operationRecord(operation));
}

/** Returns an operation with the keys of the file formats. */
export function operationRecord(operation: Operation): Record<string, unknown> {
  const { index, time, type, process, f, value, error, final, exception, extra } = operation;
  return {
    index,
    time,
    type,
    process,
    f,
    value: value ?? null,
    ...extra,
    ...(final === true ? { "final?": true } : {}),
    ...(exception === undefined ? {} : { exception }),
    ...(error === undefined ? {} : { error }),
  };
}
