/**
 * Assertions about the program's own state.
 *
 * @module
 */

/** A programming error: the program reached a state that its author believed to be impossible. */
export class InvariantError extends Error {
  /** The name of the class. */
  override readonly name = "InvariantError";
}

/**
 * Throws an {@link InvariantError} with the message unless the condition is truthy.
 *
 * An invariant guards against errors in this program, never against invalid input: a malformed
 * message or flag deserves an error of its own, which tells the sender or user what to do. Assert
 * what a docstring claims, as TigerBeetle's TIGER_STYLE.md asks: about two assertions a function,
 * such as a precondition and a postcondition, and each important property in two places.
 *
 * The message is evaluated on every call. Use a constant string in code that runs for every message.
 *
 * @param condition What must be true here; the compiler narrows types by it afterwards.
 * @param message States what must hold or what held before, with the values that contradict it.
 * @throws {InvariantError} When the condition is falsy.
 *
 * @example
 * ```ts
 * import { invariant } from "./invariant.ts";
 *
 * function advance(watermark: number, next: number): number {
 *   invariant(next >= watermark, "a watermark never decreases");
 *   return next;
 * }
 * ```
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
