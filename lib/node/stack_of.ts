/**
 * What to log about something that was thrown.
 *
 * @module
 */

/** An error with where it came from, as far as that is known. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
