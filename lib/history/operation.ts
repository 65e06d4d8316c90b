/**
 * Operations and histories, as Jepsen defines them: what clients asked of a system and what came of
 * it. Checkers judge histories and nothing else, so it does not matter who recorded one.
 *
 * @module
 */

/**
 * `invoke` begins an operation. It is completed by `ok` (it happened), `fail` (it did not and will
 * not) or `info` (nobody knows).
 */
export type OperationType = "invoke" | "ok" | "fail" | "info";

/** The process of operations that inject faults; it is no client and no checker counts it. */
export const NEMESIS = "nemesis";

/** One event of a history. */
export interface Operation {
  /** Its place in the history, from 0. */
  readonly index: number;
  /** Nanoseconds since the test began. */
  readonly time: number;
  readonly type: OperationType;
  /** The logical single-threaded process; one whose operation ended `info` is never used again. */
  readonly process: number | typeof NEMESIS;
  /** The function: `read`, `broadcast`, `txn`, … */
  readonly f: string;
  /** Its argument, and on completion its result. Plain JSON; micro-operations are arrays. */
  readonly value: unknown;
  /** What went wrong: an error's name such as `net-timeout`, or `[name, text]`. */
  readonly error?: unknown;
  /** Set on the operations of the final phase, after the faults are healed. */
  readonly final?: boolean;
  /**
   * What the client threw when the completion is an accident rather than an answer, in the shape of
   * Clojure's: `{ via: [{ type, message, data? }], cause, data? }`, outermost first.
   */
  readonly exception?: unknown;
  /** Whatever else the history says of it, such as kafka's `seek-to-beginning?`. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** All operations of a run in the order they happened. */
export type History = readonly Operation[];

/** Whether an operation belongs to a client rather than to the nemesis. */
export function isClientOperation(operation: Operation): boolean {
  return operation.process !== NEMESIS;
}

/** Whether a value, of a result say, is an operation. */
export function isOperation(value: unknown): value is Operation {
  if (typeof value !== "object" || value === null) return false;
  const { index, time, type, process, f } = value as Partial<Record<keyof Operation, unknown>>;
  return typeof index === "number" && typeof time === "number" && typeof f === "string" &&
    (typeof process === "number" || process === NEMESIS) &&
    (type === "invoke" || type === "ok" || type === "fail" || type === "info");
}

/** An invocation and its completion; one that never completed has none. */
export interface OperationPair {
  readonly invocation: Operation;
  readonly completion: Operation | undefined;
}

/** The client operations of a history as pairs, in the order of their invocations. */
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
