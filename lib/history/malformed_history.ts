/**
 * The error for a history file that cannot be checked. A checker given part of a history could
 * return valid for operations it never saw, so a malformed history is rejected as a whole.
 *
 * @module
 */

/** Thrown for a malformed history file; names the file, the line and the problem. */
export class MalformedHistoryError extends Error {
  /** The name of the class. */
  override readonly name = "MalformedHistoryError";

  /** `line` counts from 1. */
  constructor(readonly file: string, readonly line: number, readonly problem: string) {
    super(`${file}, line ${line}: ${problem}`);
  }
}
