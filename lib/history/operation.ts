/**
 * Operations and histories, as Jepsen defines them: the invocations of a system's clients and their
 * completions. A checker's only input is a history, so any tool's history can be checked.
 *
 * @module
 */

/**
 * The type of an event. `invoke` starts an operation. Its completion is `ok` (it took effect),
 * `fail` (it did not and will not take effect) or `info` (indeterminate: it may take effect at any
 * time).
 */
export type OperationType = "invoke" | "ok" | "fail" | "info";

/** The process of the nemesis, which injects faults. Checkers ignore its operations. */
export const NEMESIS = "nemesis";

/** One event of a history: an invocation or a completion (Jepsen's op). */
export interface Operation {
  /** The position in the history, from 0. */
  readonly index: number;
  /** Nanoseconds since the start of the test. */
  readonly time: number;
  /** Whether it is an invocation, or how the operation ended. */
  readonly type: OperationType;
  /**
   * The logical, single-threaded process. It is never reused after an operation completed as
   * `info`.
   */
  readonly process: number | typeof NEMESIS;
  /** The function: `read`, `broadcast`, `txn`, … */
  readonly f: string;
  /** The argument; in an ok completion, the result. Plain JSON; micro-operations are arrays. */
  readonly value: unknown;
  /** The error: a name such as `net-timeout`, or `[name, text]`. */
  readonly error?: unknown;
  /** True for the operations of the final phase, after the faults are healed. */
  readonly final?: boolean;
  /**
   * The exception that the client threw, if any. See `ExceptionRecord`.
   */
  readonly exception?: unknown;
  /** Further fields of the history, such as kafka's `seek-to-beginning?`. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The operations of a run, in real-time order. */
export type History = readonly Operation[];

/** Whether an operation is a client's, not the nemesis's. */
export function isClientOperation(operation: Operation): boolean {
  return operation.process !== NEMESIS;
}

/** Whether a value is an operation. */
export function isOperation(value: unknown): value is Operation {
  if (typeof value !== "object" || value === null) return false;
  const { index, time, type, process, f } = value as Partial<Record<keyof Operation, unknown>>;
  return typeof index === "number" && typeof time === "number" && typeof f === "string" &&
    (typeof process === "number" || process === NEMESIS) &&
    (type === "invoke" || type === "ok" || type === "fail" || type === "info");
}

/** An invocation and its completion; undefined if it never completed. */
export interface OperationPair {
  /** The start of the operation. */
  readonly invocation: Operation;
  /** Its end. */
  readonly completion: Operation | undefined;
}

/** Pairs the client invocations of a history with their completions, in the order of invocation. */
export function pairOperations(history: History): OperationPair[] {
  const pairs: { invocation: Operation; completion: Operation | undefined }[] = [];
  const open = new Map<number | string, { completion: Operation | undefined }>();
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    if (operation.type === "invoke") {
      const pair = { invocation: operation, completion: undefined };
      pairs.push(pair);
      open.set(operation.process, pair);
    } else {
      const pair = open.get(operation.process);
      if (pair === undefined) continue;
      pair.completion = operation;
      open.delete(operation.process);
    }
  }
  return pairs;
}
