/**
 * Histories as JSON Lines: one operation a line, for programs of any language.
 *
 * @module
 */

import { parseJson, stringifyJson } from "../base/mod.ts";
import { decodeLines, type HistoryText } from "./decode_lines.ts";
import type { History, Operation } from "./operation.ts";

/**
 * Reads a history from JSON Lines. `fileName` is what errors call it. Integers beyond 2⁵³ come back
 * as `bigint`. Throws a `DamagedHistoryError`.
 */
export function decodeHistoryJsonl(text: HistoryText, fileName: string): History {
  return decodeLines(text, fileName, (line) => {
    try {
      return parseJson(line);
    } catch (error) {
      throw new SyntaxError(`this is not JSON: ${(error as Error).message}`);
    }
  });
}

/** Writes a history as JSON Lines, each line ended by a newline. */
export function encodeHistoryJsonl(history: History): string {
  return history.map((operation) => encodeOperationJson(operation) + "\n").join("");
}

/**
 * Writes an operation as one line of JSON: `index`, `time` (ns), `type`, `process`, `f`, `value`,
 * and where it has them `error`, `final?`, `exception` and what its `extra` holds.
 */
export function encodeOperationJson(operation: Operation): string {
  return stringifyJson(operationRecord(operation));
}

/** An operation with the keys it has in a file. */
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
