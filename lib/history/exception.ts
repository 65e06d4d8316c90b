/**
 * Exceptions as data, in the shape of Clojure's `Throwable->map`, so that a history or a result can
 * hold one.
 *
 * @module
 */

/** An exception as data, the outermost first in `via`. */
export interface ExceptionRecord {
  readonly via: readonly {
    /** The name of its class. */
    readonly type: string;
    readonly message: string;
    /** What the error carries for programs: its own `data`. */
    readonly data?: unknown;
  }[];
  /** The innermost message. */
  readonly cause: string;
  /** The innermost data. */
  readonly data?: unknown;
}

const MAX_CAUSES = 16;

/** What was thrown, as data; follows `cause`, and takes along a `data` property where one is. */
export function exceptionRecord(thrown: unknown): ExceptionRecord {
  const via: { type: string; message: string; data?: unknown }[] = [];
  let error = thrown;
  do {
    via.push(
      error instanceof Error
        ? { type: error.name, message: error.message, ...dataOf(error) }
        : { type: typeof error, message: String(error) },
    );
    error = error instanceof Error ? error.cause : undefined;
  } while (error !== undefined && via.length < MAX_CAUSES);
  const { message, data } = via[via.length - 1] as { message: string; data?: unknown };
  return { via, cause: message, ...(data === undefined ? {} : { data }) };
}

function dataOf(error: Error): { data?: unknown } {
  const data = (error as { data?: unknown }).data;
  return data === undefined ? {} : { data };
}
