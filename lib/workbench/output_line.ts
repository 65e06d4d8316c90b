/**
 * Reads what a node writes to stdout, as Maelstrom does: one message a line.
 *
 * Maelstrom stops reading a node's stdout at the first line that it rejects, and accepts some
 * malformed lines. Here every malformed line is a problem of the node, which continues to be read;
 * the message of a line that Maelstrom accepts is sent.
 *
 * @module
 */

import { isJsonObject, nestsDeeperThan, parseJsonWithDoubles } from "../base/mod.ts";
import { type RawMessage, toRawMessage } from "../wire/mod.ts";

/** A node's output: a message, a problem, or both if Maelstrom accepts the malformed line. */
export interface NodeOutput {
  readonly message?: RawMessage;
  readonly problem?: string;
}

/** The limit of Jackson, Maelstrom's JSON parser; much deeper JSON would overflow the stack. */
const MAX_NESTING_DEPTH = 1000;

/** V8's error for a text that continues after its JSON value. */
const trailingText = /after JSON at position ([0-9]+)/;

/** Reads a line, without its newline. */
export function readOutputLine(line: string): NodeOutput {
  if (line.trim() === "") return { problem: "a blank line" };
  if (nestsDeeperThan(line, MAX_NESTING_DEPTH)) {
    return { problem: `its JSON is nested more than ${MAX_NESTING_DEPTH} deep` };
  }
  try {
    return readOutputValue(parseJsonWithDoubles(line));
  } catch (error) {
    const problem = (error as Error).message;
    const end = trailingText.exec(problem)?.[1];
    if (end === undefined) return { problem: problem + hintFor(line) };
    return { ...readOutputLine(line.slice(0, Number(end))), problem };
  }
}

/** Returns what probably printed a line that is not JSON. */
function hintFor(line: string): string {
  const text = line.trim();
  if (text === "{" || text === "[") {
    return ": a message must be on one line, is it printed with indentation?";
  }
  if (/^\{\s*'/.test(text)) {
    return ": JSON has double quotes, is it Python's print of a dict without json.dumps?";
  }
  return "";
}

/** Reads the JSON value of a line. */
export function readOutputValue(value: unknown): NodeOutput {
  const isEmpty = isJsonObject(value) && isNothing(value.body);
  try {
    const message = toRawMessage(isEmpty ? { ...value, body: {} } : value);
    return isEmpty ? { message, problem: "'body' is missing" } : { message };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** Whether Maelstrom reads a body as an empty one. */
function isNothing(body: unknown): boolean {
  return body === undefined || body === null || body === "" ||
    (Array.isArray(body) && body.length === 0);
}
