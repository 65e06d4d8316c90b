/**
 * Histories that cannot be judged: not the system but the test or the recording is at fault, and so
 * the verdict is unknown.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";

/** A history that cannot be judged. */
export class UncheckableHistoryError extends Error {
  override readonly name: string = "UnjudgeableHistoryError";
}

/** Thrown for a history that does not hold transactions of the kind asked for. */
export class MalformedTransactionError extends UncheckableHistoryError {
  override readonly name = "MalformedTransactionError";

  constructor(readonly operation: Operation, readonly problem: string) {
    super(`${describeOperation(operation)}: ${problem}: ${describeValue(operation.value)}`);
  }
}

/** Thrown when a test writes one value twice to a key: its reads could not be told apart. */
export class DuplicateWriteError extends UncheckableHistoryError {
  override readonly name = "DuplicateWriteError";

  constructor(readonly key: unknown, readonly value: unknown) {
    super(`${describeValue(value)} was written to key ${describeValue(key)} more than once`);
  }
}
