/**
 * A history of transactions as a structure of arrays. Transactions and keys are dense integers;
 * micro-operations are stored in flat arrays, transaction by transaction.
 *
 * Invariants: transactions are numbered in the order of their completions. Transactions without a
 * completion come last and are indeterminate, like transactions that completed with `info`.
 *
 * @module
 */

import { canonicalJson } from "../../base/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import { MalformedTransactionError } from "./history_errors.ts";

/** The outcome of a transaction whose completion is `ok`. */
export const COMMITTED = 0;
/** The outcome of a transaction whose completion is `info` or missing. */
export const INDETERMINATE = 1;
/** The outcome of a transaction whose completion is `fail`. */
export const ABORTED = 2;

/** The transactions of a history. */
export interface Transactions {
  /** The number of transactions. */
  readonly count: number;
  /** Per transaction: its completion, or its invocation if it has no completion. */
  readonly operations: readonly Operation[];
  /** Per transaction: its invocation. */
  readonly invocations: readonly Operation[];
  /** Per transaction: {@link COMMITTED}, {@link INDETERMINATE} or {@link ABORTED}. */
  readonly outcome: Uint8Array;
  /** Transaction t consists of the micro-operations `start[t]` to `start[t + 1] - 1`. */
  readonly start: Int32Array;
  /** Per micro-operation: 1 for a read, 0 for a write. */
  readonly isRead: Uint8Array;
  /** Per micro-operation: the index of its key in `keys`. */
  readonly key: Int32Array;
  /** Per micro-operation: the value that was written or read. */
  readonly value: readonly unknown[];
  /** The distinct keys, in the order of their first use. */
  readonly keys: readonly unknown[];
  /**
   * The invocations and completions of completed transactions, in the order of the history: `2t`
   * is the invocation of transaction t, `2t + 1` its completion.
   */
  readonly events: Int32Array;
}

/**
 * Collects the transactions of a history whose writing micro-operations are named `writeFunction`.
 * Throws a {@link MalformedTransactionError} for an operation that is not a transaction.
 */
export function collectTransactions(
  history: History,
  writeFunction: "append" | "w",
): Transactions {
  const operations: Operation[] = [];
  const invocations: Operation[] = [];
  const events: number[] = [];
  const open = new Map<Operation["process"], { invocation?: Operation; event: number }>();
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    let invoked = open.get(operation.process);
    if (operation.type === "invoke") {
      if (invoked === undefined) {
        invoked = { event: 0 };
        open.set(operation.process, invoked);
      }
      invoked.invocation = operation;
      invoked.event = events.length;
      events.push(-1);
      continue;
    }
    if (invoked?.invocation === undefined) continue;
    const transaction = operations.length;
    events[invoked.event] = transaction * 2;
    events.push(transaction * 2 + 1);
    operations.push(operation);
    invocations.push(invoked.invocation);
    delete invoked.invocation;
  }
  for (const { invocation } of open.values()) {
    if (invocation === undefined) continue;
    operations.push(invocation);
    invocations.push(invocation);
  }
  const outcome = new Uint8Array(operations.length);
  for (let transaction = 0; transaction < operations.length; transaction++) {
    outcome[transaction] = outcomeCode(operations[transaction] as Operation);
  }
  return {
    count: operations.length,
    operations,
    invocations,
    outcome,
    events: new Int32Array(events.filter((event) => event >= 0)),
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
  const keyIndexes = new Map<unknown, number>();
  for (let transaction = 0; transaction < operations.length; transaction++) {
    const operation = operations[transaction] as Operation;
    const source = operation.type === "ok" || Array.isArray(operation.value)
      ? operation
      : invocations[transaction] as Operation;
    for (const micro of microOperations(source, writeFunction)) {
      const mapKey = equalityKey(micro[1]);
      let index = keyIndexes.get(mapKey);
      if (index === undefined) {
        index = keys.length;
        keys.push(micro[1]);
        keyIndexes.set(mapKey, index);
      }
      isRead.push(micro[0] === "r" ? 1 : 0);
      key.push(index);
      value.push(micro[2]);
    }
    start[transaction + 1] = key.length;
  }
  return { start, isRead: new Uint8Array(isRead), key: new Int32Array(key), value, keys };
}

function microOperations(operation: Operation, writeFunction: string): unknown[][] {
  const { value, type } = operation;
  if (!Array.isArray(value)) {
    throw new MalformedTransactionError(operation, "expected an array of micro-operations");
  }
  for (const micro of value) {
    if (!Array.isArray(micro) || (micro[0] !== "r" && micro[0] !== writeFunction)) {
      const problem =
        `expected micro-operations ["r", key, value] or ["${writeFunction}", key, value]`;
      throw new MalformedTransactionError(operation, problem);
    }
    const readsList = type === "ok" && writeFunction === "append" && micro[0] === "r";
    if (readsList && !Array.isArray(micro[2]) && (micro[2] ?? null) !== null) {
      throw new MalformedTransactionError(operation, "expected a read to return an array or null");
    }
  }
  return value;
}

/** Returns the transactions without their micro-operations on some keys. */
export function withoutKeys(
  transactions: Transactions,
  dropped: ReadonlySet<number>,
): Transactions {
  const { count, start, key, isRead, value } = transactions;
  const keptStart = new Int32Array(count + 1);
  const kept: number[] = [];
  for (let transaction = 0; transaction < count; transaction++) {
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      if (!dropped.has(key[micro] as number)) kept.push(micro);
    }
    keptStart[transaction + 1] = kept.length;
  }
  return {
    ...transactions,
    start: keptStart,
    isRead: Uint8Array.from(kept, (micro) => isRead[micro] as number),
    key: Int32Array.from(kept, (micro) => key[micro] as number),
    value: kept.map((micro) => value[micro]),
  };
}

/** Returns a `Map` key for a JSON value; two values have the same key exactly if they are equal. */
export function equalityKey(value: unknown): unknown {
  if (typeof value === "object" && value !== null) return `\u0000${canonicalJson(value)}`;
  if (typeof value === "string" && value.startsWith("\u0000")) return `\u0000${value}`;
  return value;
}
