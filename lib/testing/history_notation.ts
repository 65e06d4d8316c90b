/**
 * A notation for histories of any workload: one event a line, or several separated by semicolons.
 *
 *     0 add 1          process 0 invokes add with the value 1
 *     1 read           values are JSON; an omitted value is null
 *     0 ok             process 0's operation completes, with the invocation's value
 *     1 ok [1]         … with another value
 *     2 read!          a final operation; its completion is final too
 *     2 info @90       at 90 ms; without a time, an event is 1 ms after the event before it
 *
 * @module
 */

import type { History, Operation, OperationType } from "../history/mod.ts";

const event = /^(\d+) ([a-z_-]+)(!?)(?: (?!@)(.*?))?(?: @([0-9.]+))?$/;

/**
 * Parses a history in the notation of this module. Throws a SyntaxError for a malformed event.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { checkSetFull } from "@gossip/workbench/check";
 * import { parseHistory } from "@gossip/workbench/testing";
 *
 * const history = parseHistory("0 add 7; 0 ok; 1 read!; 1 ok []");
 * deepEqual(checkSetFull(history).lost, [7]);
 * ```
 */
export function parseHistory(text: string): History {
  const history: Operation[] = [];
  const open = new Map<number, Operation>();
  let time = 0;
  for (const line of text.split(/[\n;]/).map((line) => line.trim()).filter((line) => line !== "")) {
    const parts = event.exec(line);
    if (parts === null) throw new SyntaxError(`malformed event "${line}"`);
    const [, processText, verb, mark, value, at] = parts;
    const process = Number(processText);
    const completes = verb === "ok" || verb === "fail" || verb === "info";
    const invocation = open.get(process);
    time = at === undefined ? time + 1_000_000 : Number(at) * 1_000_000;
    const operation: Operation = {
      index: history.length,
      time,
      type: completes ? verb as OperationType : "invoke",
      process,
      f: completes ? invocation?.f ?? "nothing" : verb as string,
      value: value !== undefined ? JSON.parse(value) : completes ? invocation?.value ?? null : null,
      ...(mark === "!" || (completes && invocation?.final === true) ? { final: true } : {}),
    };
    history.push(operation);
    if (!completes) open.set(process, operation);
  }
  return history;
}

/**
 * Renumbers indices and times after events were added or removed, 1 ms apart.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { parseHistory, renumber } from "@gossip/workbench/testing";
 *
 * const history = parseHistory("0 read; 1 read; 0 ok 3; 1 ok 3");
 * const withoutFirst = renumber(history.filter(({ process }) => process !== 0));
 * deepEqual(withoutFirst.map(({ index }) => index), [0, 1]);
 * ```
 */
export function renumber(history: History): History {
  return history.map((operation, index) => ({ ...operation, index, time: index * 1_000_000 }));
}
