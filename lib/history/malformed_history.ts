/**
 * The error for a history file that cannot be checked. A checker given part of a history could
 * return valid for operations it never saw, so a malformed history is rejected as a whole.
 *
 * @module
 */

/** Thrown for a malformed history file; names the file, the location and the problem. */
export class MalformedHistoryError extends Error {
  /** The name of the class. */
  override readonly name = "MalformedHistoryError";

  /** `line` counts from 1: lines of the file, or with another `unit` the entries of its list. */
  constructor(
    readonly file: string,
    readonly line: number,
    readonly problem: string,
    readonly unit: "line" | "entry" = "line",
  ) {
    super(`${file}, ${unit} ${line}: ${problem}`);
  }
}
