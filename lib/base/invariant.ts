/**
 * Assertions about the program itself.
 *
 * @module
 */

/** Thrown when the program finds itself in a state that its author held to be impossible. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws an {@link InvariantError} with what was seen unless the condition holds. */
export function invariant(condition: unknown, seen: string): asserts condition {
  if (!condition) throw new InvariantError(seen);
}
