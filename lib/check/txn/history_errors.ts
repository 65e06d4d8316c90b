/**
 * Errors for histories that cannot be checked. The fault lies with the test or its recording, not
 * with the system under test, so the verdict is `unknown`.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeOperation, describeValue } from "../explanation.ts";

/** Thrown for a history that cannot be checked. */
export class UncheckableHistoryError extends Error {
  override readonly name: string = "UnjudgeableHistoryError";
}

/** Thrown for a history with an operation that is not a transaction of the expected workload. */
export class MalformedTransactionError extends UncheckableHistoryError {
  override readonly name = "MalformedTransactionError";

  constructor(readonly operation: Operation, readonly problem: string) {
    super(`${describeOperation(operation)}: ${problem}, got ${describeValue(operation.value)}`);
  }
}

/** A value that a test wrote to a key twice. */
export interface DuplicateWrite {
  /** The number of the key, see `Transactions.keys`. */
  readonly key: number;
  readonly keyValue: unknown;
  readonly value: unknown;
}

/**
 * Thrown when a test writes the same value to a key twice. Elle requires unique writes: otherwise
 * the transaction that wrote an observed version cannot be recovered.
 */
export class DuplicateWriteError extends UncheckableHistoryError {
  override readonly name = "DuplicateWriteError";

  constructor(readonly duplicates: readonly DuplicateWrite[]) {
    const [first] = duplicates;
    const others = new Set(duplicates.map(({ key }) => key)).size - 1;
    super(
      `${describeValue(first?.value)} was written to key ${describeValue(first?.keyValue)} more ` +
        `than once; a test must write unique values to each key` +
        (others === 0 ? "" : ` (the same holds of ${others} other keys)`),
    );
  }
}
