/**
 * Writes down what happens in a test: the history, and counts of it for those who watch.
 *
 * @module
 */

import { isClientOperation, NEMESIS, type Operation, type OperationType } from "../history/mod.ts";
import { type Clock, nanoseconds } from "./clock.ts";

/** What is known of an operation when it is recorded; index and time are the recorder's. */
export type UnrecordedOperation = Omit<Operation, "index" | "time">;

/** How many client operations there were, by type. */
export type OperationCounts = Readonly<Record<OperationType, number>>;

/** The recorder of one test. */
export class Recorder {
  readonly history: Operation[] = [];
  readonly #clock: Clock;
  readonly #onOperation: (operation: Operation) => void;
  readonly #counts: Record<OperationType, number> = { invoke: 0, ok: 0, fail: 0, info: 0 };

  /** `recorded` is told of each operation. */
  constructor(clock: Clock, recorded: (operation: Operation) => void = () => {}) {
    this.#clock = clock;
    this.#onOperation = recorded;
  }

  /** How many client operations there were so far. */
  get counts(): OperationCounts {
    return this.#counts;
  }

  /** Records an operation as happening now; returns it as recorded. */
  record(draft: UnrecordedOperation): Operation {
    const operation = { index: this.history.length, time: nanoseconds(this.#clock), ...draft };
    this.history.push(operation);
    if (isClientOperation(operation)) this.#counts[operation.type]++;
    this.#onOperation(operation);
    return operation;
  }

  /** Records an act of the nemesis: as in Jepsen once before and once, with its result, after. */
  recordNemesis(f: string, value: unknown): Operation {
    return this.record({ type: "info", process: NEMESIS, f, value });
  }
}
