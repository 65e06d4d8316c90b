/**
 * The last lines of a node's output, for the report of an unexpected end.
 *
 * @module
 */

import { isJsonObject, type JsonObject, stringifyJson } from "../../base/mod.ts";

const MAX_LINES = 32;
/** Reads of a large set would otherwise keep a copy of the set each. */
const MAX_LIST_ELEMENTS = 500;

/** Keeps the lines that were added last. */
export class RecentLines<T> {
  /** A ring: the oldest line is at the next position, once there are {@link MAX_LINES}. */
  readonly #lines: T[] = [];

  #next = 0;

  /** The lines, the oldest first. Long lists in the body of a message are cut. */
  get all(): readonly T[] {
    return [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
  }

  add(line: T): void {
    this.#lines[this.#next] = withoutLongLists(line);
    this.#next = (this.#next + 1) % MAX_LINES;
  }
}

function withoutLongLists<T>(line: T): T {
  const body = isJsonObject(line) ? line.body : undefined;
  if (!isJsonObject(body)) return line;
  let short: JsonObject | undefined;
  for (const name in body) {
    const list = body[name];
    if (!Array.isArray(list) || list.length <= MAX_LIST_ELEMENTS) continue;
    short ??= { ...body };
    short[name] = [...list.slice(0, MAX_LIST_ELEMENTS), `… (${list.length} elements)`];
  }
  return short === undefined ? line : { ...line, body: short };
}

/** Returns a line that the node printed, or the line of a message. */
export function asLine(written: unknown): string {
  return typeof written === "string" ? written : stringifyJson(written);
}
