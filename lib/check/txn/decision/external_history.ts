/**
 * A history reduced to what a consistency model is decided from: the external reads and writes of
 * each transaction, and the times of its invocation and completion.
 *
 * A read is external if it does not return what its transaction wrote. A transaction belongs to the
 * history if it committed, or if its outcome is unknown and its effects were observed. A transaction
 * of unknown outcome that nothing observed can be left out of every order.
 *
 * @module
 */

import type { Operation } from "../../../history/mod.ts";
import { EdgeList } from "../dependency_graph.ts";
import { COMMITTED, INDETERMINATE, type Transactions } from "../transactions.ts";

/** In place of a writer: the read returned the initial version of its key. */
export const INITIAL = -1;

/** In place of a writer: the read's version has no known writer, so the read is left out. */
export const UNKNOWN = -2;

/** The completion of a transaction whose outcome is unknown: it may take effect at any time. */
export const NEVER = 0x7fff_ffff;

/** External accesses of transactions. Numbers of transactions are those of {@link Transactions}. */
export interface ExternalHistory {
  /** The transactions of the history, in ascending order. */
  readonly members: readonly number[];
  /** Per transaction: its number among the members, or −1. */
  readonly numberOf: Int32Array;
  /** The number of keys. */
  readonly keyCount: number;
  /** The reads of transaction t are numbered `readStart[t]` to `readStart[t + 1] - 1`, in order. */
  readonly readStart: Int32Array;
  readonly readKey: Int32Array;
  /** Per read: the transaction that wrote its version, or {@link INITIAL}. */
  readonly readFrom: Int32Array;
  /** The written keys of transaction t are numbered `writeStart[t]` to `writeStart[t + 1] - 1`. */
  readonly writeStart: Int32Array;
  readonly writeKey: Int32Array;
  /** Per transaction: the index of its invocation in the history. */
  readonly invokedAt: Int32Array;
  /** Per transaction: the index of its completion in the history, or {@link NEVER}. */
  readonly completedAt: Int32Array;
  /** Per transaction: its process. */
  readonly process: readonly Operation["process"][];
  /** The known order of writes to the same key: an edge from each writer to the next one. */
  readonly knownOrder: EdgeList;
}

/**
 * Collects the external accesses of a history. `writerOf` returns the writer of the version that a
 * micro-operation read, {@link INITIAL} or {@link UNKNOWN}.
 */
export function collectExternalHistory(
  transactions: Transactions,
  writerOf: (micro: number, transaction: number) => number,
  knownOrder: EdgeList = new EdgeList(),
): ExternalHistory {
  const { count, outcome, start, isRead, key, keys, operations, invocations } = transactions;
  const readStart = new Int32Array(count + 1);
  const writeStart = new Int32Array(count + 1);
  const readKey = new Int32Array(key.length);
  const readFrom = new Int32Array(key.length);
  const writeKey = new Int32Array(key.length);
  const writtenBy = new Int32Array(keys.length).fill(-1);
  const isObserved = new Uint8Array(count);
  let reads = 0;
  let writes = 0;
  for (let transaction = 0; transaction < count; transaction++) {
    const isCommitted = outcome[transaction] === COMMITTED;
    const end = isCommitted || outcome[transaction] === INDETERMINATE
      ? start[transaction + 1] as number
      : 0;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyIndex = key[micro] as number;
      if (isRead[micro] === 0) {
        if (writtenBy[keyIndex] !== transaction) writeKey[writes++] = keyIndex;
        writtenBy[keyIndex] = transaction;
      } else if (isCommitted) {
        const writer = writerOf(micro, transaction);
        if (writer === UNKNOWN) continue;
        if (writer !== INITIAL) isObserved[writer] = 1;
        readKey[reads] = keyIndex;
        readFrom[reads++] = writer;
      }
    }
    readStart[transaction + 1] = reads;
    writeStart[transaction + 1] = writes;
  }
  for (let edge = 0; edge < knownOrder.count; edge++) isObserved[knownOrder.from(edge)] = 1;
  const members: number[] = [];
  const numberOf = new Int32Array(count).fill(-1);
  const invokedAt = new Int32Array(count);
  const completedAt = new Int32Array(count).fill(NEVER);
  const process = new Array<Operation["process"]>(count);
  for (let transaction = 0; transaction < count; transaction++) {
    const operation = operations[transaction] as Operation;
    const isCommitted = outcome[transaction] === COMMITTED;
    invokedAt[transaction] = (invocations[transaction] as Operation).index;
    if (isCommitted) completedAt[transaction] = operation.index;
    process[transaction] = operation.process;
    if (!isCommitted && isObserved[transaction] !== 1) continue;
    numberOf[transaction] = members.length;
    members.push(transaction);
  }
  return {
    members,
    numberOf,
    keyCount: keys.length,
    readStart,
    readKey: readKey.subarray(0, reads),
    readFrom: readFrom.subarray(0, reads),
    writeStart,
    writeKey: writeKey.subarray(0, writes),
    invokedAt,
    completedAt,
    process,
    knownOrder,
  };
}

/** Returns whether a transaction writes a key. */
export function writes(history: ExternalHistory, transaction: number, key: number): boolean {
  const end = history.writeStart[transaction + 1] as number;
  for (let write = history.writeStart[transaction] as number; write < end; write++) {
    if (history.writeKey[write] === key) return true;
  }
  return false;
}
