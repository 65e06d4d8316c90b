/**
 * Reads a file with a history, in any of the formats that are in use.
 *
 * @module
 */

import { UsageError } from "../../lib/base/mod.ts";
import {
  decodeHistory,
  decodeHistoryEdn,
  decodeHistoryJsonl,
  type History,
  MalformedHistoryError,
} from "../../lib/history/mod.ts";
import { readWholeLines } from "./read_lines.ts";

/**
 * Reads a history; `f` is the function of operations that do not name theirs.
 *
 * @throws {MalformedHistoryError} The file has no known format, or no run can have made it.
 */
export function readHistoryFile(path: string, f: string | undefined): History {
  // A complete history, one operation a line, needs little memory: it may be longer than a string.
  const decode = path.endsWith(".edn")
    ? decodeHistoryEdn
    : /\.jsonl?$/.test(path)
    ? decodeHistoryJsonl
    : undefined;
  try {
    if (decode !== undefined) return decode(readWholeLines(path), path);
  } catch (error) {
    if (!(error instanceof MalformedHistoryError)) throw error;
  }
  return decodeHistory(readWholeLines(path), path, f);
}

/** Describes the operations of a history for a user who must choose a model. */
export function functionsOf(history: History): string {
  return [...new Set(history.map(({ f }) => f))].join(", ");
}

/** Whether a path is a folder. Throws a {@link UsageError} if there is nothing at the path. */
export function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (!(error instanceof NotFound || error instanceof NotADirectory)) throw error;
    throw new UsageError(`file or folder not found: ${path} (working directory ${Deno.cwd()})`);
  }
}
