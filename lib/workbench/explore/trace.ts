/**
 * The event log of a run, a line an event in the order in which they happened: messages as they are
 * sent and received, what clients asked and were answered, what the nemesis and its faults did, and
 * what nodes wrote to their logs.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import type { Operation } from "../../history/mod.ts";
import type { JournalEvent } from "../journal.ts";
import type { CaseObserver } from "./run_case.ts";

const LONGEST_VALUE = 160;

/** Takes the lines of a trace. */
export type TraceLine = (line: string) => void;

/**
 * An observer that writes down what it is told. Times are milliseconds since the test began, by
 * the clock `now`.
 */
export function traceObserver(now: () => number, write: TraceLine): Required<CaseObserver> {
  const at = (what: string) => write(`${now().toFixed(3).padStart(11)}  ${what}`);
  return {
    journal: (event) => at(describeMessage(event)),
    log: (node, line) => at(`${node} log   ${line}`),
    happened: (fault, effect, to) => at(`fault     ${fault}: ${effect} (${to})`),
    operation: (operation) => at(describeOperation(operation)),
  };
}

function describeMessage({ type, id, message }: JournalEvent): string {
  const { src, dest, body } = message;
  return `${type === "send" ? "send" : "recv"}  #${id}  ${src} → ${dest}  ${shorten(body)}`;
}

function describeOperation({ type, process, f, value, error }: Operation): string {
  const who = process === "nemesis" ? "nemesis" : `process ${process}`;
  const because = error === undefined ? "" : `  because ${shorten(error)}`;
  return `${type.padEnd(6)}    ${who}  ${f}  ${shorten(value)}${because}`;
}

function shorten(value: unknown): string {
  const text = stringifyJson(value) ?? "";
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}
