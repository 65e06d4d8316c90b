/**
 * The elements of the lists. Each (key, element) pair that was appended or read has a dense integer
 * as its id.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { type DuplicateWrite, DuplicateWriteError } from "./history_errors.ts";
import { equalityKey, type Transactions } from "./transactions.ts";
import { ValueTable } from "./value_table.ts";

/** Stands for the absence of a transaction. */
export const NO_TRANSACTION = -1;

/** The elements of a history; those that no transaction appended are added on first use. */
export class ListElements {
  /** Per element: the transaction that appended it, or {@link NO_TRANSACTION}. */
  readonly writer: number[] = [];
  /** Per element: whether its transaction later appended another element to the same key. */
  readonly isIntermediate: boolean[] = [];
  readonly #table: ValueTable;

  /** Throws a {@link DuplicateWriteError} if the test appends an element to a key twice. */
  constructor(transactions: Transactions) {
    this.#table = new ValueTable(transactions.keys.length);
    const { count, start, isRead, key, value, keys } = transactions;
    const lastAppend = new Int32Array(keys.length);
    const appendedBy = new Int32Array(keys.length).fill(-1);
    const duplicates: DuplicateWrite[] = [];
    for (let transaction = 0; transaction < count; transaction++) {
      const end = start[transaction + 1] as number;
      for (let micro = start[transaction] as number; micro < end; micro++) {
        if (isRead[micro] === 1) continue;
        const keyIndex = key[micro] as number;
        const element = this.idOf(keyIndex, value[micro]);
        const other = this.writer[element] as number;
        if (other !== NO_TRANSACTION && areBothRequested(transactions, micro, other, transaction)) {
          duplicates.push({ key: keyIndex, keyValue: keys[keyIndex], value: value[micro] });
        }
        this.writer[element] = transaction;
        if (appendedBy[keyIndex] === transaction) {
          this.isIntermediate[lastAppend[keyIndex] as number] = true;
        }
        appendedBy[keyIndex] = transaction;
        lastAppend[keyIndex] = element;
      }
    }
    if (duplicates.length > 0) throw new DuplicateWriteError(duplicates);
  }

  /** The number of elements. */
  get count(): number {
    return this.#table.count;
  }

  /** Returns the value of an element. */
  valueOf(element: number): unknown {
    return this.#table.value[element];
  }

  /** Returns the id of an element of a key; assigns the next id when the pair is new. */
  idOf(key: number, value: unknown): number {
    const id = this.#table.idOf(key, value);
    if (id === this.writer.length) {
      this.writer.push(NO_TRANSACTION);
      this.isIntermediate.push(false);
    }
    return id;
  }
}

/**
 * Returns whether the test requested the same append twice. If only the completions contain it twice,
 * the system under test is at fault.
 */
function areBothRequested(
  transactions: Transactions,
  micro: number,
  first: number,
  second: number,
): boolean {
  const key = transactions.keys[transactions.key[micro] as number];
  const minRequests = first === second ? 2 : 1;
  return [first, second].every((transaction) => {
    const invocation = transactions.invocations[transaction] as Operation;
    return countAppends(invocation, key, transactions.value[micro]) >= minRequests;
  });
}

function countAppends(invocation: Operation, key: unknown, value: unknown): number {
  const micros = Array.isArray(invocation.value) ? invocation.value : [];
  return micros.filter((micro) =>
    Array.isArray(micro) && micro[0] !== "r" && equalityKey(micro[1]) === equalityKey(key) &&
    equalityKey(micro[2]) === equalityKey(value)
  ).length;
}
