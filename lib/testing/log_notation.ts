/**
 * A notation for histories of logs, one operation a line. A line starts with the process:
 *
 *     0 send k:1@5            message 1 sent to key k, at offset 5
 *     0 send k:1 ?            … indeterminate (info)
 *     0 send k:1 !            … failed
 *     1 poll k:1@5 k:2@6 j:7@0    polled these entries, in this order
 *     1 poll                  polled no key
 *     1 poll k:               polled key k, without entries
 *     1 txn send k:1@5 poll j:7@0     a transaction
 *     1 assign k j            assigns the keys k and j
 *     1 crash                 the client crashes
 *     0 begin send k:1        only the invocation
 *     0 end send k:1@5        only the completion
 *
 * Each event is one second after the event before it.
 *
 * @module
 */

import type { History, Operation, OperationType } from "../history/mod.ts";

/**
 * Parses a history in the notation of this module. Throws a SyntaxError for a malformed entry.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { checkKafka } from "@gossip/workbench/check";
 * import { parseLogHistory } from "@gossip/workbench/testing";
 *
 * const history = parseLogHistory(`
 *   0 send k:1@0
 *   0 send k:2@1
 *   0 send k:3@2
 *   1 poll k:1@0 k:3@2`);
 * deepEqual(checkKafka(history)["bad-error-types"], ["int-poll-skip", "lost-write", "unseen"]);
 * ```
 */
export function parseLogHistory(text: string): History {
  const history: Operation[] = [];
  const record = (type: OperationType, process: number, f: string, value: unknown) =>
    history.push({ index: history.length, time: history.length * 1e9, type, process, f, value });
  for (const line of text.split("\n").map((line) => line.trim()).filter((line) => line !== "")) {
    const words = line.split(/ +/);
    const process = Number(words.shift());
    const part = words[0] === "begin" || words[0] === "end" ? words.shift() : undefined;
    const outcome = { "?": "info", "!": "fail" }[words.at(-1) ?? ""] as OperationType | undefined;
    if (outcome !== undefined) words.pop();
    const f = words.shift() ?? "";
    const type = f === "crash" ? "info" : outcome ?? "ok";
    const value = valueOf(f, words);
    const argument = argumentOf(f, value);
    if (part !== "end") record("invoke", process, f, argument);
    if (part !== "begin") record(type, process, f, type === "ok" ? value : argument);
  }
  return history;
}

type MicroOperation = unknown[];

function valueOf(f: string, words: readonly string[]): unknown {
  if (f === "crash") return null;
  if (f === "assign") return [...words];
  const microOperations: MicroOperation[] = f === "poll" ? [["poll", {}]] : [];
  let current = f;
  for (const word of words) {
    if (word === "poll") microOperations.push(["poll", {}]);
    if (word === "send" || word === "poll") {
      current = word;
      continue;
    }
    const [, key, message, offset] = /^(\w+):(-?\w*)(?:@(-?\d+))?$/.exec(word) ?? [];
    if (key === undefined) throw new SyntaxError(`malformed entry "${word}"`);
    if (current === "send") {
      microOperations.push(["send", key, pairOf(message, offset) ?? literal(message)]);
      continue;
    }
    const polled = microOperations.at(-1)?.[1] as Record<string, unknown[]>;
    const entries = polled[key] ??= [];
    if (message !== "") entries.push(pairOf(message, offset) ?? []);
  }
  return microOperations;
}

/** Returns the value of the invocation: without offsets and polled entries. */
function argumentOf(f: string, value: unknown): unknown {
  if (f === "assign" || f === "crash") return value;
  return (value as MicroOperation[]).map(([name, key, message]) =>
    name === "poll" ? ["poll"] : ["send", key, Array.isArray(message) ? message[1] : message]
  );
}

function pairOf(message: string | undefined, offset: string | undefined): unknown[] | undefined {
  return offset === undefined ? undefined : [Number(offset), literal(message)];
}

function literal(message: string | undefined): unknown {
  return /^-?\d+$/.test(message ?? "") ? Number(message) : message;
}
