/**
 * Records the history of a test, and counts its operations for the progress display.
 *
 * @module
 */

import {
  CompactOperations,
  isClientOperation,
  NEMESIS,
  type Operation,
  type OperationType,
} from "../history/mod.ts";
import { type Clock, nanoseconds } from "./clock.ts";

/** An operation before the recorder sets its index and time. */
export type UnrecordedOperation = Omit<Operation, "index" | "time">;

/** The number of client operations by type. */
export type OperationCounts = Readonly<Record<OperationType, number>>;

/** The recorder of one test. */
export class Recorder {
  readonly history: Operation[] = [];
  readonly #compact = new CompactOperations();
  readonly #clock: Clock;
  readonly #onOperation: (operation: Operation) => void;
  readonly #counts: Record<OperationType, number> = { invoke: 0, ok: 0, fail: 0, info: 0 };

  /** Calls `onOperation` with each recorded operation. */
  constructor(clock: Clock, onOperation: (operation: Operation) => void = () => {}) {
    this.#clock = clock;
    this.#onOperation = onOperation;
  }

  /** The number of client operations so far, by type. */
  get counts(): OperationCounts {
    return this.#counts;
  }

  /** Records an operation at the present time; returns the recorded operation. */
  record(unrecorded: UnrecordedOperation): Operation {
    const index = this.history.length;
    const time = nanoseconds(this.#clock);
    const operation = this.#compact.compact({ index, time, ...unrecorded });
    this.history.push(operation);
    if (isClientOperation(operation)) this.#counts[operation.type]++;
    this.#onOperation(operation);
    return operation;
  }

  /**
   * Records a nemesis operation. As in Jepsen, each has two entries: its value before, its result
   * after.
   */
  recordNemesis(f: string, value: unknown): Operation {
    return this.record({ type: "info", process: NEMESIS, f, value });
  }
}
