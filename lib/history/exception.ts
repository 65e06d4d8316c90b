/**
 * Exceptions as data, with the structure of Clojure's `Throwable->map`, for histories and results.
 *
 * @module
 */

/** An exception as data: `via` lists it and its causes, the outermost first. */
export interface ExceptionRecord {
  readonly via: readonly {
    /** The name of its class. */
    readonly type: string;
    readonly message: string;
    /** The error's `data` property. */
    readonly data?: unknown;
  }[];
  /** The message of the innermost cause. */
  readonly cause: string;
  /** The data of the innermost cause. */
  readonly data?: unknown;
}

const MAX_CAUSES = 16;

/** Converts a thrown value to data, with its chain of causes and their `data` properties. */
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
