/**
 * A history of transactions in the form that the checkers work on: transactions and keys are dense
 * integers, micro-operations lie in flat arrays.
 *
 * Invariant: transactions are numbered in the order of their completions; those that were never
 * completed come last and count as `info`. `events` holds the beginnings and ends of the completed
 * ones in the order in which they happened.
 *
 * @module
 */

import { canonicalJson } from "../../base/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import { MalformedTransactionError } from "./history_errors.ts";

/** Outcomes of transactions. */
export const COMMITTED = 0;
export const INDETERMINATE = 1;
export const ABORTED = 2;

/** A history's transactions; see the module's comment. */
export interface Transactions {
  readonly count: number;
  /** The completion of each; of one that has none, its invocation. */
  readonly operations: readonly Operation[];
  readonly invocations: readonly Operation[];
  /** {@link COMMITTED}, {@link INDETERMINATE} or {@link ABORTED}. */
  readonly outcome: Uint8Array;
  /** Transaction t has the micro-operations `start[t]` to `start[t + 1] - 1`. */
  readonly start: Int32Array;
  /** Of each micro-operation: 1 for a read, 0 for a write. */
  readonly isRead: Uint8Array;
  /** Of each micro-operation: the number of its key in `keys`. */
  readonly key: Int32Array;
  /** Of each micro-operation: what was written or read. */
  readonly value: readonly unknown[];
  readonly keys: readonly unknown[];
  /** `2t` where t begins, `2t + 1` where it ends. */
  readonly events: Int32Array;
}

/**
 * The transactions of a history, in which writing micro-operations are called `writeFunction`.
 * Throws a {@link MalformedTransactionError} for an operation that is no transaction.
 */
export function collectTransactions(
  history: History,
  writeFunction: "append" | "w",
): Transactions {
  const operations: Operation[] = [];
  const invocations: Operation[] = [];
  const events: number[] = [];
  const open = new Map<Operation["process"], { operation: Operation; event: number }>();
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    if (operation.type === "invoke") {
      open.set(operation.process, { operation, event: events.length });
      events.push(-1);
      continue;
    }
    const begun = open.get(operation.process);
    if (begun === undefined) continue;
    open.delete(operation.process);
    const transaction = operations.length;
    events[begun.event] = transaction * 2;
    events.push(transaction * 2 + 1);
    operations.push(operation);
    invocations.push(begun.operation);
  }
  for (const { operation } of open.values()) {
    operations.push(operation);
    invocations.push(operation);
  }
  return {
    count: operations.length,
    operations,
    invocations,
    outcome: Uint8Array.from(operations, outcomeCode),
    events: Int32Array.from(events.filter((event) => event >= 0)),
    ...collectMicroOperations(operations, invocations, writeFunction),
  };
}

function outcomeCode(operation: Operation): number {
  return operation.type === "ok" ? COMMITTED : operation.type === "fail" ? ABORTED : INDETERMINATE;
}

type MicroOperations = Pick<Transactions, "start" | "isRead" | "key" | "value" | "keys">;

function collectMicroOperations(
  operations: readonly Operation[],
  invocations: readonly Operation[],
  writeFunction: string,
): MicroOperations {
  const start = new Int32Array(operations.length + 1);
  const isRead: number[] = [];
  const key: number[] = [];
  const value: unknown[] = [];
  const keys: unknown[] = [];
  const keyNumbers = new Map<unknown, number>();
  for (const [transaction, operation] of operations.entries()) {
    const source = operation.type === "ok" || Array.isArray(operation.value)
      ? operation
      : invocations[transaction] as Operation;
    for (const [f, k, v] of microOperations(source, writeFunction)) {
      const identity = equalityKey(k);
      let number = keyNumbers.get(identity);
      if (number === undefined) {
        number = keys.length;
        keys.push(k);
        keyNumbers.set(identity, number);
      }
      isRead.push(f === "r" ? 1 : 0);
      key.push(number);
      value.push(v);
    }
    start[transaction + 1] = key.length;
  }
  return { start, isRead: Uint8Array.from(isRead), key: Int32Array.from(key), value, keys };
}

function microOperations(operation: Operation, writeFunction: string): unknown[][] {
  const { value, type } = operation;
  if (!Array.isArray(value)) {
    throw new MalformedTransactionError(operation, "a transaction is a list of micro-operations");
  }
  for (const micro of value) {
    if (!Array.isArray(micro) || (micro[0] !== "r" && micro[0] !== writeFunction)) {
      const problem = `a micro-operation is [r, key, value] or [${writeFunction}, key, value]`;
      throw new MalformedTransactionError(operation, problem);
    }
    const readsList = type === "ok" && writeFunction === "append" && micro[0] === "r";
    if (readsList && !Array.isArray(micro[2]) && (micro[2] ?? null) !== null) {
      throw new MalformedTransactionError(operation, "a read returns a list or null");
    }
  }
  return value;
}

/** What a `Map` can tell values apart by: equal JSON has equal identity, different JSON has not. */
export function equalityKey(value: unknown): unknown {
  if (typeof value === "object" && value !== null) return `\u0000${canonicalJson(value)}`;
  if (typeof value === "string" && value.startsWith("\u0000")) return `\u0000${value}`;
  return value;
}
