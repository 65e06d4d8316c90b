/**
 * Files that cannot be read or written: a sentence for the user, and the end of the run that writes
 * them.
 *
 * @module
 */

/** Thrown when the results of a run cannot be stored. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  /**
   * `folder` is the run's, if it could be made; `problem` says which file could not be written and
   * why.
   */
  constructor(folder: string | undefined, problem: string) {
    super(
      folder === undefined
        ? problem
        : `${problem}\nThe run ended early. What was recorded until then is in ${folder}`,
    );
  }
}

/** Collects the failures to write a run's files, and ends the run at the first. */
export class WriteFailures {
  readonly #controller = new AbortController();
  #problem: string | undefined;

  /** Aborted at the first failure. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first failure, in words; undefined without one. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Adds a failure. */
  add(path: string, error: Error): void {
    this.#problem ??= `cannot write ${path}: ${reasonOf(error)}`;
    this.#controller.abort();
  }
}

/** Returns what a function reads; undefined if the file or folder does not exist. */
export function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Returns a sentence on an operating system's error about a file; undefined for other errors. */
export function fileProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const isFromSystem = Object.values(Deno.errors).some((kind) => error instanceof kind) ||
    /\(os error [0-9]+\)/.test(error.message);
  return isFromSystem ? `cannot read or write a file: ${error.message}` : undefined;
}

/** Returns what the operating system says, without its number. */
function reasonOf({ message }: Error): string {
  return message.replace(/ \(os error [0-9]+\).*$/, "");
}
