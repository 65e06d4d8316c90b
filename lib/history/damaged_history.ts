/**
 * What is thrown for a history that cannot be trusted. A checker that judged half a history would
 * say "valid" of operations it never saw, so a damaged one is refused, and the reader is told
 * where.
 *
 * @module
 */

/** Thrown for a recorded history that is damaged; names the file, the line and what is wrong. */
export class DamagedHistoryError extends Error {
  override readonly name = "DamagedHistoryError";

  /** `line` counts from 1. */
  constructor(readonly file: string, readonly line: number, readonly problem: string) {
    super(`${file}, line ${line}: ${problem}`);
  }
}
