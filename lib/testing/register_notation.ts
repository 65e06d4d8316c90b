/**
 * A notation for histories of one register: a line for each client, time from left to right.
 *
 *     [w1   ]        [r1]       a write of 1; a read that returns 1
 *        [c12]   [r-]           a compare-and-set from 1 to 2; a read that returns nil
 *     [w3 !     [w4   ?         a failed write; an indeterminate write
 *
 * An operation is invoked at `[` and completes at `]` (ok), `!` (fail) or `?` (info). After an
 * indeterminate operation, the client continues as a new process. Values are single digits.
 *
 * @module
 */

import type { History, Operation, OperationType } from "../history/mod.ts";

const operation = /\[([rwc])([0-9-])([0-9])? *([\]!?])/g;
const outcomes: Readonly<Record<string, OperationType>> = { "]": "ok", "!": "fail", "?": "info" };
const functions: Readonly<Record<string, string>> = { r: "read", w: "write", c: "cas" };

/**
 * Parses a history in the notation of this module. Throws a SyntaxError for a malformed operation.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { casRegister, checkLinearizable } from "@gossip/workbench/check";
 * import { parseRegisterHistory } from "@gossip/workbench/testing";
 *
 * const staleRead = parseRegisterHistory(`
 *   [w1]       [r1]
 *        [w2]`);
 * deepEqual(checkLinearizable(staleRead, casRegister)["valid?"], false);
 * ```
 */
export function parseRegisterHistory(drawing: string): History {
  const events: { column: number; operation: Omit<Operation, "index" | "time"> }[] = [];
  const lines = drawing.split("\n").filter((line) => line.trim() !== "");
  lines.forEach((line, client) => {
    const rest = line.replaceAll(operation, "").trim();
    if (rest !== "") throw new SyntaxError(`malformed operation "${rest}"`);
    let process = client;
    for (const found of line.matchAll(operation)) {
      const [text, letter, first, second, end] = found;
      const f = functions[letter as string] as string;
      const type = outcomes[end as string] as OperationType;
      const result = second === undefined ? digit(first) : [digit(first), digit(second)];
      const argument = f === "read" ? null : result;
      const value = type === "ok" ? result : argument;
      const shared = { process, f };
      events.push({
        column: found.index,
        operation: { ...shared, type: "invoke", value: argument },
      });
      const column = found.index + text.length - 1;
      events.push({ column, operation: { ...shared, type, value } });
      if (type === "info") process += lines.length;
    }
  });
  return events.sort((a, b) => a.column - b.column)
    .map(({ operation }, index) => ({ ...operation, index, time: index * 1e6 }));
}

function digit(text: string | undefined): number | null {
  return text === undefined || text === "-" ? null : Number(text);
}
