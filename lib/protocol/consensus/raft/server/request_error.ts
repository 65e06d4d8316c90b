/**
 * The error of a request that has no result.
 *
 * @module
 */

/** Why a request has no result, and whether it may have been executed. */
export class RequestError extends Error {
  /** The name of the class. */
  override readonly name = "RequestError";

  /**
   * `outcome` is `not-executed` if the request was not executed and never will be, so that it may be
   * repeated; `unknown` if it may have been, or may still be.
   */
  constructor(readonly outcome: "not-executed" | "unknown", message: string) {
    super(message);
  }
}

/** Returns the error of a request that timed out, and that a leader may have accepted or not. */
export function timeoutError(mayBeAccepted: boolean): RequestError {
  return mayBeAccepted
    ? new RequestError("unknown", "no result in time; the command may have been executed")
    : new RequestError("not-executed", "no leader is known; the request was not executed");
}
