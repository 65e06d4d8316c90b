/**
 * The event log of a run, one line per event in order of occurrence: messages sent and delivered,
 * operations invoked and completed, the nemesis and the effects of its faults, and node logs.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import type { Operation } from "../../history/mod.ts";
import type { JournalEvent } from "../journal.ts";
import type { RunObserver } from "./run_case.ts";

const MAX_VALUE_CHARACTERS = 160;

/** Writes one line of a trace. */
export type WriteLine = (line: string) => void;

/** Returns an observer that writes a trace. Its times are milliseconds on the clock `now`. */
export function traceObserver(now: () => number, write: WriteLine): Required<RunObserver> {
  const writeNow = (text: string) => write(`${now().toFixed(3).padStart(11)}  ${text}`);
  return {
    journal: (event) => writeNow(describeMessage(event)),
    log: (node, line) => writeNow(`${node} log   ${line}`),
    onFaultEffect: (fault, effect, to) => writeNow(`fault     ${fault}: ${effect} (${to})`),
    onOperation: (operation) => writeNow(describeOperation(operation)),
  };
}

function describeMessage({ type, id, message }: JournalEvent): string {
  const { src, dest, body } = message;
  return `${type === "send" ? "send" : "recv"}  #${id}  ${src} → ${dest}  ${shorten(body)}`;
}

function describeOperation({ type, process, f, value, error }: Operation): string {
  const subject = process === "nemesis" ? "nemesis" : `process ${process}`;
  const cause = error === undefined ? "" : `  error ${shorten(error)}`;
  return `${type.padEnd(6)}    ${subject}  ${f}  ${shorten(value)}${cause}`;
}

function shorten(value: unknown): string {
  const text = stringifyJson(value) ?? "";
  if (text.length <= MAX_VALUE_CHARACTERS) return text;
  return `${text.slice(0, MAX_VALUE_CHARACTERS - 1)}…`;
}
