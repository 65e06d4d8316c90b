/**
 * The last lines of a node's output, for the report of an unexpected end.
 *
 * @module
 */

const MAX_LINES = 32;

/** Keeps the lines that were added last. */
export class RecentLines<T> {
  readonly #lines: T[] = [];

  /** The lines, the oldest first. */
  get all(): readonly T[] {
    return this.#lines;
  }

  add(line: T): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }
}
